// The collapse watch over records of runs: when it warns, and when it does not.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCollapse } from '../../../../runtime-web/format/training/collapse.ts';
import type { StatsLine } from '../../../../trainer/run/stats.ts';
import { healthyLine } from '../../../run/healthy-line.ts';

const test = suite('collapse');

/** A run of `count` reports, 50 steps apart, all as `change` makes them; healthy where it says nothing. */
function run(count: number, change: (step: number, index: number) => Partial<StatsLine>): StatsLine[] {
  return Array.from({ length: count }, (_, index) => {
    const step = (index + 1) * 50;
    return { ...healthyLine(step), diversity: index % 2 === 1 ? 0.8 : null, ...change(step, index) };
  });
}

test('a healthy run, and an empty one, look healthy', () => {
  assert.is(findCollapse([]), null);
  for (let count = 1; count < 40; count++) assert.is(findCollapse(run(count, () => ({}))), null);
});

test('samples that stay alike are a collapse; two such grids are not', () => {
  const alike = (from: number): StatsLine[] =>
    run(40, (step, index) => (index % 2 === 1 && step > from ? { diversity: 0.05 } : {}));
  assert.is(findCollapse(alike(1700))?.kind, 'sameness');
  assert.match(findCollapse(alike(1700))?.reason ?? '', 'lost their diversity');
  assert.is(findCollapse(alike(1850)), null);
});

test('the first samples may all look alike', () => {
  const early = run(7, () => ({ diversity: 0.01 }));
  assert.is(findCollapse(early.slice(0, 3)), null);
});

test('one varied grid ends the alarm', () => {
  const lines = run(40, (_, index) => (index % 2 === 1 ? { diversity: index === 39 ? 0.7 : 0.05 } : {}));
  assert.is(findCollapse(lines), null);
});

test('a discriminator that is certain for long is a collapse; for a short time it is not', () => {
  const sure = (from: number): StatsLine[] =>
    run(60, (step) => (step > from ? { dReal: 0.999, dFake: 0.001, dLoss: 0.002, gLoss: 9 } : {}));
  assert.is(findCollapse(sure(500))?.kind, 'sure discriminator');
  assert.is(findCollapse(sure(2600)), null);
});

test('a certain discriminator is also detected with label smoothing of 0.1', () => {
  const lines = run(60, () => ({ dReal: 0.9, dFake: 0.001 }));
  assert.is(findCollapse(lines)?.kind, 'sure discriminator');
});

test('losses that stay out of bounds are a divergence; one such report is not', () => {
  for (const key of ['dLoss', 'gLoss'] as const) {
    assert.is(findCollapse(run(20, (step) => (step > 800 ? { [key]: -1e4 } : {})))?.kind, 'divergence');
    assert.is(findCollapse(run(20, (step) => (step === 1000 ? { [key]: 1e4 } : {}))), null);
  }
});

test('reports without measurements do not warn', () => {
  const empty = { dLoss: null, gLoss: null, dReal: null, dFake: null, diversity: null };
  assert.is(findCollapse(run(40, () => empty)), null);
});

test.run();
