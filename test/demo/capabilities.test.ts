// models/index.json lists the capabilities of every model of the site, as its model.json has them, and every room has a model.
import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { capabilitiesOf } from '../../demo/capabilities.ts';
import { rooms } from '../../demo/rooms.ts';
import { parseModel } from '../../runtime-web/format/parse-model.ts';

const test = suite('capabilities of models');

const read = (path: string): unknown => JSON.parse(readFileSync(`demo/models/${path}`, 'utf8'));
const listed = read('index.json') as readonly {
  name: string;
  title: string;
  capabilities: readonly string[];
}[];

test('the list has every folder, with the capabilities of its model.json', () => {
  const folders = readdirSync('demo/models', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.equal(listed.map(({ name }) => name).sort(), folders.map(({ name }) => name).sort());
  for (const { name, capabilities } of listed) {
    assert.equal(capabilities, capabilitiesOf(parseModel(read(`${name}/model.json`), name)), name);
  }
});

test('there is a model for every room', () => {
  for (const { needs, name } of rooms) {
    assert.ok(needs === undefined || listed.some(({ capabilities }) => capabilities.includes(needs)), name);
  }
});

test.run();
