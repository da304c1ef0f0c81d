// The custom-elements manifest and the tables in the docs, which are derived from the elements' attributes.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describedAttributes } from '../../runtime-web/elements/manifest.ts';
import { customElementsManifest } from '../../runtime-web/manifest.ts';
import { planeSources } from '../../runtime-web/plane/manifest.ts';
import { trainerSources } from '../../runtime-web/trainer-element/manifest.ts';
import { viewerSources } from '../../runtime-web/viewer/manifest.ts';

const test = suite("the elements' attributes");

const readSource = (file: string): string => readFileSync(`runtime-web/${file}`, 'utf8');

for (const [sources, page] of [
  [viewerSources, 'docs/reference/viewer.md'],
  [trainerSources, 'docs/reference/trainer.md'],
  [planeSources, 'docs/reference/points-in-the-plane.md'],
] as const) {
  test(`${page} lists every attribute with its values and description`, () => {
    const rows = describedAttributes(sources, readSource).map(({ name, description, expected, fallback }) => {
      const choices = expected.split(', ').map((choice) => `\`${choice}\``);
      const values = typeof fallback === 'number' ? `${fallback}` : fallback === '' ? 'text' : expected;
      return `| \`${name}\` | ${choices.length > 1 ? choices.join(', ') : values} | ${description} |`;
    });
    const docs = readFileSync(page, 'utf8');
    assert.ok(docs.includes(rows.join('\n')), `${page} needs these rows:\n${rows.join('\n')}`);
  });
}

const text = JSON.stringify(customElementsManifest(readSource));
const { modules } = JSON.parse(text) as {
  modules: { declarations: Record<string, { name: string; description?: string }[]>[] }[];
};
/** A function that lists the names in a part of an element's declaration, each with a description where it must have one. */
const namesOf = (index: number): ((part: string) => string[]) => {
  const [element] = modules[index]!.declarations;
  for (const part of ['attributes', 'members', 'events', 'slots'])
    for (const { name, description } of element![part]!) assert.type(description, 'string', name);
  return (part) => element![part]!.map(({ name }) => name);
};

test("the manifest describes the viewer's attributes, methods, events and slots", () => {
  const names = namesOf(0);
  const others = names('members').slice(names('attributes').length);
  assert.equal(others, ['strings', 'sample', 'play', 'pause', 'toBlob']);
  assert.equal(names('events'), ['progress', 'load', 'change', 'error']);
  assert.equal(names('slots'), ['poster', 'error', 'controls']);
  assert.equal(names('cssParts'), [
    ...['canvas', 'poster', 'progress', 'error', 'frame', 'button', 'controls'],
  ]);
  assert.ok(names('cssProperties').includes('--dcgan-accent'));
});

test("the manifest describes the trainer's attributes, methods, events and slots", () => {
  const names = namesOf(1);
  const others = names('members').slice(names('attributes').length);
  assert.equal(others, [
    ...['trainer', 'strings', 'frames', 'play', 'pause', 'step', 'reset', 'scrub', 'toPackage', 'toRun'],
  ]);
  assert.equal(names('events'), ['progress', 'load', 'report', 'sample', 'collapse', 'done', 'error']);
  assert.equal(names('slots'), ['poster', 'error', 'controls']);
  for (const part of ['frame', 'wall', 'canvas', 'timeline', 'button', 'charts', 'panel', 'offer'])
    assert.ok(names('cssParts').includes(part), `${part} of ${names('cssParts').join()}`);
  assert.ok(names('cssProperties').includes('--dcgan-real'));
});

test("the manifest describes the plane's attributes, methods and events", () => {
  const names = namesOf(2);
  const others = names('members').slice(names('attributes').length);
  assert.equal(others, ['points', 'strings', 'play', 'pause', 'step', 'reset']);
  assert.equal(names('events'), ['report', 'error']);
  assert.equal(names('slots'), []);
  for (const part of ['controls', 'panels', 'panel', 'canvas', 'caption', 'pad'])
    assert.ok(names('cssParts').includes(part), `${part} of ${names('cssParts').join()}`);
  assert.ok(names('cssProperties').includes('--dcgan-accent'));
});

test.run();
