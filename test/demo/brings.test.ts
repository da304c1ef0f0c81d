// models/index.json says of every model that comes along what it brings: as its model.json has it, and every room has one.
import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bringsOf } from '../../demo/brings.ts';
import { parseModel } from '../../runtime-web/format/parse-model.ts';

const test = suite('what models bring');

const read = (path: string): unknown => JSON.parse(readFileSync(`demo/models/${path}`, 'utf8'));
const listed = read('index.json') as readonly { name: string; title: string; brings: readonly string[] }[];

test('the list names every folder, and what its model.json has', () => {
  const folders = readdirSync('demo/models', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.equal(listed.map(({ name }) => name).sort(), folders.map(({ name }) => name).sort());
  for (const { name, brings } of listed) {
    assert.equal(brings, bringsOf(parseModel(read(`${name}/model.json`), name)), name);
  }
});

test('there is a model for every room', () => {
  for (const need of [
    ...['directions', 'masked', 'restoring', 'discriminator'],
    ...['classes', 'codes', 'styles', 'steering'],
  ]) {
    assert.ok(
      listed.some(({ brings }) => brings.includes(need)),
      need,
    );
  }
});

test.run();
