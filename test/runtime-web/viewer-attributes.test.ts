// The custom-elements manifest and the table in the docs, which are derived from the viewer's attributes.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { customElementsManifest, describedAttributes } from '../../runtime-web/viewer/manifest.ts';

const test = suite("the viewer's attributes");

const readSource = (file: string): string => readFileSync(`runtime-web/viewer/${file}`, 'utf8');

test('docs/reference/viewer.md lists every attribute with its values and description', () => {
  const rows = describedAttributes(readSource).map(({ name, description, expected, fallback }) => {
    const choices = expected.split(', ').map((choice) => `\`${choice}\``);
    const values = typeof fallback === 'number' ? `${fallback}` : fallback === '' ? 'text' : expected;
    return `| \`${name}\` | ${choices.length > 1 ? choices.join(', ') : values} | ${description} |`;
  });
  const docs = readFileSync('docs/reference/viewer.md', 'utf8');
  assert.ok(docs.includes(rows.join('\n')), `docs/reference/viewer.md needs these rows:\n${rows.join('\n')}`);
});

test('the manifest describes every attribute, method, event and slot', () => {
  const text = JSON.stringify(customElementsManifest(readSource));
  const { modules } = JSON.parse(text) as {
    modules: { declarations: Record<string, { name: string; description?: string }[]>[] }[];
  };
  const [element] = modules[0]!.declarations;
  const names = (part: string): string[] => element![part]!.map(({ name }) => name);
  const others = names('members').slice(names('attributes').length);
  assert.equal(others, ['strings', 'sample', 'play', 'pause', 'toBlob']);
  assert.equal(names('events'), ['progress', 'load', 'change', 'error']);
  assert.equal(names('slots'), ['poster', 'error', 'controls']);
  assert.equal(names('cssParts'), [
    ...['canvas', 'poster', 'progress', 'error', 'frame', 'button', 'controls'],
  ]);
  assert.ok(names('cssProperties').includes('--dcgan-accent'));
  for (const part of ['attributes', 'members', 'events', 'slots']) {
    for (const { name, description } of element![part]!) assert.type(description, 'string', name);
  }
});

test.run();
