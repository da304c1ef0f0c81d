// A card in Markdown, with the front matter that model hubs read (https://huggingface.co/docs/hub/model-cards).
import type { Card } from './card.ts';
import { hubLicence } from './hub-licences.ts';
import { sectionsOf, summaryOf, type Block } from './sections.ts';

/** The text of card.md, or of a published README.md. */
export function cardMarkdown(card: Card): string {
  const body = sectionsOf(card).map(({ title, blocks }) =>
    [`## ${title}`, ...blocks.map(blockText)].join('\n\n'),
  );
  return [
    frontMatter(card),
    `# ${plain(card.model.name)}`,
    plain(summaryOf(card)),
    ...body,
    `Written by ${card.program} on ${card.writtenAt.slice(0, 10)}. What is "not stated" was not stated by the author.\n`,
  ].join('\n\n');
}

/** Metadata in YAML; its texts are in JSON's quotes, which YAML reads too. */
function frontMatter({ model, stated }: Card): string {
  const licence = stated.modelLicence === null ? null : hubLicence(stated.modelLicence);
  const isConditional = model.conditioning !== null && model.conditioning.kind !== 'codes';
  const lines = [
    ...(licence === null
      ? []
      : licence === 'other'
        ? ['license: other', `license_name: ${JSON.stringify(stated.modelLicence)}`]
        : [`license: ${licence}`]),
    'library_name: onnx',
    // The hub's task is images without any condition.
    ...(isConditional ? [] : ['pipeline_tag: unconditional-image-generation']),
    'tags:',
    ...['dcgan', 'gan', 'image-generation', 'onnx'].map((tag) => `  - ${tag}`),
  ];
  return ['---', ...lines, '---'].join('\n');
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'text':
      return plain(block.text);
    case 'heading':
      return `### ${plain(block.text)}`;
    case 'list':
      return block.items.map((item) => `- ${plain(item)}`).join('\n');
    case 'facts':
      return table(['', ''], block.facts);
    case 'table':
      return `${plain(block.caption)}:\n\n${table(block.columns, block.rows)}`;
    case 'code':
      return `\`\`\`${block.language}\n${block.lines.join('\n')}\n\`\`\``;
    case 'picture':
      return `![${plain(block.alt)}](${block.file})`;
  }
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`;
  return [line(columns), `|${columns.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** A text of others in one line, with nothing in it that Markdown or HTML would read. Addresses stay links. */
function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*[\]|]/g, '\\$&')
    .replace(/^(?:[#+-]|\d+[.)])(?= )/, '\\$&');
}
