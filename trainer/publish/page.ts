// The page of a published model: the viewer with choices beside it, and the card's text. Everything is in files of its own, because the
// page's policy allows nothing inline.
import type { ConditionField } from '../../runtime-web/format/condition-fields.ts';
import type { Card } from '../card/card.ts';
import { fieldTitle, sectionsOf, summaryOf, type Block } from '../card/sections.ts';
import script from './page-script.html' with { type: 'text' };
import style from './page.css';
import template from './page.html' with { type: 'text' };

/** Tables with more rows are folded. */
const maxOpenRows = 8;
/** Tables with more columns may scroll. */
const maxNarrowColumns = 3;

/** Size of the grid of samples in pixels. */
interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The content of a page. */
export interface PageOptions {
  readonly card: Card;
  readonly samples: PictureSize;
  /** File of the picture that is shown until the viewer draws. */
  readonly poster: string;
  /** The viewer's attribute. */
  readonly device: 'auto' | 'wasm';
}

/** The page's files by name. */
export function pageFiles({ card, samples, poster, device }: PageOptions): ReadonlyMap<string, string> {
  const { model, program, writtenAt } = card;
  const fields = model.conditioning?.fields ?? [];
  const parts: Readonly<Record<string, string>> = {
    title: escaped(model.name),
    summary: escaped(summaryOf(card)),
    viewer:
      `<dcgan-viewer src="model/model.json" poster="${poster}" alt="A generated image" mode="walk" device="${device}" playing controls>` +
      'The live generator needs JavaScript, and a page from a web server.</dcgan-viewer>',
    conditions: fields.map(fieldInput).join('\n          '),
    card: sectionsOf(card)
      .map(
        ({ title, blocks }) =>
          `<section><h2>${escaped(title)}</h2>\n${blocks.map((block) => blockHtml(block, samples)).join('\n')}</section>`,
      )
      .join('\n        '),
    footer:
      `<a href="README.md">README.md</a>, <a href="card.json">card.json</a>, <a href="model/model.json">model.json</a>. ` +
      `Written by ${escaped(program)} on ${writtenAt.slice(0, 10)}.`,
  };
  const page = template.replaceAll(/<!--\{(\w+)\}-->/g, (_, name: string) => parts[name]!);
  return new Map([
    ['index.html', page],
    ['page.css', `${style}\ndcgan-viewer {\n  aspect-ratio: ${model.width} / ${model.height};\n}\n`],
    ['page.js', script.replaceAll(/^ *<\/?script>\n|^ {2}/gm, '')],
  ]);
}

/** A field of the form; empty, it is left to the seed. */
function fieldInput(field: ConditionField): string {
  const given = `data-condition="${escaped(field.name)}" data-kind="${field.kind}"`;
  const label = (input: string): string => `<label>${escaped(fieldTitle(field))} ${input}</label>`;
  if (field.kind === 'number') {
    const { least, most } = field;
    return label(
      `<input type="number" ${given} min="${least}" max="${most}" step="any" placeholder="${least} to ${most}" />`,
    );
  }
  const choices: readonly (readonly [string, string])[] =
    field.kind === 'binary'
      ? [
          ['1', 'yes'],
          ['0', 'no'],
        ]
      : field.choices.map((choice) => [choice, choice]);
  const options = [['', 'any'] as const, ...choices].map(
    ([value, shown]) => `<option value="${escaped(value)}">${escaped(shown)}</option>`,
  );
  return label(`<select ${given}>${options.join('')}</select>`);
}

function blockHtml(block: Block, samples: PictureSize): string {
  switch (block.kind) {
    case 'text':
      return `<p>${linked(block.text)}</p>`;
    case 'heading':
      return `<h3>${escaped(block.text)}</h3>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${linked(item)}</li>`).join('\n')}</ul>`;
    case 'facts':
      return `<dl>${block.facts.map(([term, value]) => `<dt>${escaped(term)}</dt><dd>${linked(value)}</dd>`).join('\n')}</dl>`;
    case 'table':
      return tableHtml(block);
    case 'code':
      return `<pre><code>${escaped(block.lines.join('\n'))}</code></pre>`;
    case 'picture':
      return `<img src="${escaped(block.file)}" alt="${escaped(block.alt)}" width="${samples.width}" height="${samples.height}" />`;
  }
}

function tableHtml({ caption, columns, rows }: Extract<Block, { kind: 'table' }>): string {
  const isFolded = rows.length > maxOpenRows;
  // Reachable by keyboard where it is wider than a phone.
  const scrolling = (table: string): string =>
    columns.length <= maxNarrowColumns
      ? table
      : `<div class="wide" tabindex="0" role="region" aria-label="${escaped(caption)}">${table}</div>`;
  const hasHeads = columns.some((column) => column !== '');
  const head = hasHeads
    ? `<thead><tr>${columns.map((column) => `<th scope="col">${escaped(column)}</th>`).join('')}</tr></thead>`
    : '';
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`);
  const table = `${head}<tbody>${body.join('\n')}</tbody></table>`;
  if (isFolded)
    return `<details><summary>${escaped(caption)}</summary>${scrolling(`<table>${table}`)}</details>`;
  return scrolling(`<table><caption>${escaped(caption)}</caption>${table}`);
}

/** A text in which web addresses are links. */
function linked(text: string): string {
  return escaped(text).replaceAll(
    /\bhttps?:\/\/[^\s<>]*[^\s<>.,;:!?)]/g,
    (address) => `<a href="${address}" rel="noopener noreferrer">${address}</a>`,
  );
}

/** A text for HTML, attributes too. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
