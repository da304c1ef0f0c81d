// The table of metrics: its keys and flags are distinct, and the page about `dcgan evaluate` names every metric.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { metrics } from '../../trainer/metrics/table.ts';

const test = suite('metrics/table');

test('no two metrics share a key or a flag', () => {
  const names = metrics.flatMap(({ keys, flag }) => [...keys, ...(flag === undefined ? [] : [flag.usage])]);
  assert.is(new Set(names).size, names.length);
});

test('only own keys are stored in model.json', () => {
  for (const { keys, stored = [] } of metrics) assert.ok(stored.every((key) => keys.includes(key)));
});

test('docs/reference/evaluate.md names every metric, by its flag or by its first key', () => {
  const page = readFileSync('docs/reference/evaluate.md', 'utf8');
  for (const { keys, flag } of metrics) {
    const name = flag?.usage.split(' ')[0] ?? keys[0]!;
    assert.ok(page.includes(`\`${name}`), name);
  }
});

test.run();
