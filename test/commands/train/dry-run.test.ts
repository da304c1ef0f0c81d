// The estimate of a dry run, on a setup whose steps take a known time: each size that a growing network reaches counts for itself.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planRun, type RunPlan } from '../../../trainer/commands/train/dry-run.ts';
import type { TrainConfig } from '../../../trainer/config/fields.ts';
import { growthPhases, phaseAt } from '../../../trainer/networks/growth.ts';
import type { RunSetup } from '../../../trainer/run/run-setup.ts';
import { smallConfig } from '../../shared/small-config.ts';

const test = suite('the estimate of a dry run');

/** Phases of 10 steps: 8x8, then 16x16 fading in, then 16x16 to the end. */
const growing: TrainConfig = {
  ...smallConfig,
  network: 'stylegan',
  imageSize: 16,
  growFrom: 8,
  growImages: 10 * smallConfig.batch,
  sampleEvery: 1_000_000,
  steps: null,
};
const milliseconds = { 8: 5, 16: 50 } as const;

/** Resolves to the estimate, and to the resolutions of the steps that were timed. */
async function estimateOf(
  config: TrainConfig,
  done = 0,
  cost = (step: number): number => milliseconds[phaseAt(config, step).resolution as 8 | 16],
) {
  const timed = new Set<number>();
  let clock = 0;
  const setup = {
    dataset: { name: 'x', kind: 'folder', count: 1, classNames: null, classCounts: null },
    engine: { name: 'fake' },
    engineReason: 'for a test',
    noiseSeed: 1,
    batches: null,
    open: {
      plan: { conditioning: null, describe: () => ({ generator: [], discriminator: [] }) },
      train({ stepNumber }: { readonly stepNumber: number }) {
        const { resolution } = phaseAt(config, stepNumber);
        timed.add(resolution);
        clock += cost(stepNumber);
        return Promise.resolve();
      },
      refreshStatistics: () => Promise.resolve(),
      drawSamples: () => Promise.resolve(),
    },
  } as unknown as RunSetup;
  const { estimate }: RunPlan = await planRun(setup, config, { isTimed: true, done, now: () => clock });
  return { ...estimate!, timed: [...timed] };
}

/** Rounding aside. */
function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-9 * expected, `got ${actual}, expected ${expected}`);
}

test('a run that ends small is timed small, and a long one in each phase', async () => {
  assert.equal(
    growthPhases(growing).map(({ firstStep }) => firstStep),
    [1, 11, 21],
  );
  const short = await estimateOf({ ...growing, steps: 10 });
  assert.equal([short.timed, short.images], [[8], 10 * growing.batch]);
  const long = await estimateOf({ ...growing, steps: 30 });
  assert.equal(long.timed, [8, 16]);
  // 10 steps of 5 ms against 10 of 5 and 20 of 50.
  assertNear(short.seconds, 0.05);
  assertNear(long.seconds, 1.05);
  assertNear(short.imagesPerSecond, growing.batch / 0.005);
});

test('a resumed run is timed from its step on, and minutes are spent phase by phase', async () => {
  const rest = await estimateOf({ ...growing, steps: 30 }, 25 * growing.batch);
  assert.equal([rest.timed, rest.images], [[16], 5 * growing.batch]);
  const minute = await estimateOf({ ...growing, steps: null, images: null, minutes: 1 });
  assert.is(minute.seconds, 60);
  // 10 small steps in 0.05 s, and large ones in the rest.
  assertNear(minute.images, (10 + 59.95 / 0.05) * growing.batch);
});

test('steps with the lazy penalty count by their share of all steps', async () => {
  const r1Every = 16;
  const lazy = { ...smallConfig, r1: 1, r1Every, sampleEvery: 1_000_000 };
  const costs = { plain: 4, regularised: 200 } as const;
  const estimateOfSteps = (steps: number, done = 0) =>
    estimateOf({ ...lazy, steps }, done * lazy.batch, (step) =>
      step % r1Every === 0 ? costs.regularised : costs.plain,
    );
  // 150 steps of 4 ms and 10 of 200: the first 8 steps alone would give 0.64 s.
  const long = await estimateOfSteps(160);
  assertNear(long.seconds, 2.6);
  // The run ends before its first penalty.
  const short = await estimateOfSteps(15);
  assertNear(short.seconds, 0.06);
  // One step is left, and has the penalty.
  const rest = await estimateOfSteps(16, 15);
  assertNear(rest.seconds, 0.2);
});

test('steps with path length count by their share too, and those with both penalties by theirs', async () => {
  const lazy = {
    ...smallConfig,
    network: 'stylegan2',
    ...{ pathLength: 2, pathLengthEvery: 20, r1: 1, r1Every: 10, sampleEvery: 1_000_000, steps: 160 },
  } as const;
  const costs = (step: number): number => (step % 20 === 0 ? 200 : step % 10 === 0 ? 100 : 2);
  // 144 steps of 2 ms, 8 of 100 and 8 of 200.
  const { seconds } = await estimateOf(lazy, 0, costs);
  assertNear(seconds, 2.688);
  const { seconds: before } = await estimateOf({ ...lazy, steps: 19 }, 0, costs);
  // No step with path length: 18 of 2 ms and one of 100.
  assertNear(before, 0.136);
});

test.run();
