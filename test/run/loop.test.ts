// The training loop with an engine of a few numbers: the events of each step.
import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { UserError } from '../../trainer/errors.ts';
import { defaultConfig } from '../../trainer/config/fields.ts';
import type { BatchSamplerState } from '../../trainer/data/batch-sampler.ts';
import type { BatchSource } from '../../trainer/run/batch-source.ts';
import { listCheckpoints, loadCheckpoint, loadNewestCheckpoint } from '../../trainer/run/checkpoint.ts';
import type { RunEvent } from '../../trainer/run/events.ts';
import type { LoopOutcome } from '../../trainer/run/loop.ts';
import type { Evaluator } from '../../trainer/metrics/run-evaluator.ts';
import { runLoop } from '../../trainer/run/loop.ts';
import type { RunFolder } from '../../trainer/run/run-folder.ts';
import { createRunFolder } from '../../trainer/run/run-folder.ts';
import { RunRecord } from '../../trainer/run/run-record.ts';
import { readStats } from '../../trainer/run/stats.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import type { FakeOptions } from './fake-plan.ts';
import { fakePlan } from './fake-plan.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('loop');

const config: TrainConfig = {
  ...defaultConfig,
  imageSize: 16,
  channels: 1,
  batch: 4,
  steps: 30,
  reportEvery: 10,
  sampleEvery: 15,
  checkpointEvery: 7,
  sampleCount: 4,
};

const realImages: HostTensor = {
  shape: [4, 8, 8, 1],
  dtype: 'float32',
  data: Float32Array.from({ length: 256 }, (_, i) => Math.cos(i * 1.7)),
};

/** Batches whose first number counts them. */
function countedBatches(start?: BatchSamplerState): BatchSource {
  const flips = [1, 2, 3, 4] as const;
  let drawn = start?.epoch ?? 0;
  return {
    next: async () => ({ images: Float32Array.of(++drawn), labels: null }),
    get state() {
      return { count: 1, epoch: drawn, position: 0, flips };
    },
  };
}

interface Session extends FakeOptions {
  readonly config?: TrainConfig;
  readonly signal?: AbortSignal;
  readonly evaluator?: Evaluator;
}

/** Starts or resumes the run in `folder`; resolves to its outcome and its events. */
async function run(
  folder: RunFolder,
  session: Session = {},
): Promise<{ outcome: LoopOutcome; events: RunEvent[]; fetched: number[] }> {
  const events: RunEvent[] = [];
  const found = await loadNewestCheckpoint(folder.checkpoints);
  const checkpoint = found?.checkpoint ?? null;
  const open = fakePlan(session);
  if (checkpoint !== null) await open.engine.writeState(checkpoint.state);
  const used = session.config ?? config;
  const listener = (event: RunEvent): void => void events.push(event);
  const record = await RunRecord.open({
    folder,
    config: used,
    engine: {},
    dataset: {},
    checkpoint,
    listener,
  });
  const outcome = await runLoop({
    config: used,
    open,
    batches: countedBatches(checkpoint?.metadata.sampler ?? undefined),
    realImages,
    record,
    evaluator: session.evaluator ?? null,
    checkpoint,
    noiseSeed: 7,
    signal: session.signal ?? new AbortController().signal,
    listener,
  });
  return { outcome, events, fetched: open.fetched };
}

const newFolder = (): Promise<RunFolder> => createRunFolder(temporaryFolder(), 'fake');

/** The result of a run, without times. */
async function remains(folder: RunFolder): Promise<object> {
  const newest = await loadCheckpoint((await listCheckpoints(folder.checkpoints))[0] ?? '');
  const { step, images, random, sampler } = newest.metadata;
  const stats = (await readStats(folder.stats)).map((line) => ({
    ...line,
    imagesPerSecond: 0,
    secondsElapsed: 0,
  }));
  return {
    state: newest.state,
    step,
    images,
    random,
    sampler,
    stats,
    samples: readdirSync(folder.samples).sort(),
  };
}

test('a run reports, samples and saves at its intervals, and at its end', async () => {
  const folder = await newFolder();
  const { outcome, events } = await run(folder);
  const steps = (type: string): number[] =>
    events.flatMap((event) =>
      event.type !== type
        ? []
        : event.type === 'report'
          ? [event.line.step]
          : 'step' in event
            ? [event.step]
            : [],
    );
  assert.equal(steps('report'), [10, 20, 30]);
  assert.equal(steps('samples'), [15, 30]);
  assert.equal(steps('checkpoint'), [7, 14, 21, 28, 30]);
  assert.is(steps('step').length, 30);
  assert.equal(
    { ...outcome, imagesPerSecond: 0 },
    { isInterrupted: false, step: 30, images: 120, imagesPerSecond: 0, collapse: null },
  );
  assert.is((await listCheckpoints(folder.checkpoints)).length, config.keepCheckpoints);
  assert.ok(readdirSync(folder.path).includes('report.html'));
});

test('metrics are read a few times per report, not in every step', async () => {
  const { fetched } = await run(await newFolder(), { config: { ...config, steps: 100, reportEvery: 50 } });
  assert.equal(fetched.slice(0, 5), [1, 5, 10, 15, 20]);
});

test('a run in many pieces ends as the uninterrupted one', async () => {
  const whole = await newFolder();
  await run(whole);
  const pieces = await newFolder();
  for (const stopAt of [3, 4, 9, 17, 26]) {
    const interrupt = new AbortController();
    const onStep = (step: number): void => void (step === stopAt && interrupt.abort());
    const { outcome } = await run(pieces, { signal: interrupt.signal, onStep });
    assert.is(outcome.isInterrupted, true);
    assert.is(outcome.step, stopAt);
  }
  await run(pieces);
  assert.equal(await remains(pieces), await remains(whole));
});

test('a run that fails between checkpoints and is resumed ends as the uninterrupted one', async () => {
  const whole = await newFolder();
  await run(whole);
  const broken = await newFolder();
  for (const failAt of [5, 12, 20, 29]) {
    const onStep = (step: number): void => {
      if (step === failAt) throw new Error('power cut');
    };
    try {
      await run(broken, { onStep });
      assert.unreachable();
    } catch (error) {
      assert.is((error as Error).message, 'power cut');
    }
  }
  await run(broken);
  assert.equal(await remains(broken), await remains(whole));
});

test('totals are those of the whole run: resuming with a larger one trains the rest', async () => {
  const folder = await newFolder();
  await run(folder, { config: { ...config, steps: 10 } });
  const again = await run(folder, { config: { ...config, steps: 10 } });
  assert.is(again.events.filter(({ type }) => type === 'step').length, 0);
  const { outcome, events } = await run(folder, { config: { ...config, steps: null, images: 50 } });
  assert.is(events.filter(({ type }) => type === 'step').length, 3);
  assert.is(outcome.images, 52);
});

test('a run by minutes ends by the clock', async () => {
  const timed = { ...config, steps: null, minutes: 0.3 / 60 };
  const onStep = (): void => {
    const until = performance.now() + 10;
    while (performance.now() < until);
  };
  const { outcome } = await run(await newFolder(), { config: timed, onStep });
  assert.ok(outcome.step >= 3 && outcome.step <= 30, `${outcome.step} steps`);
  assert.not(outcome.isInterrupted);
});

test('a loss that is not a number stops the run and keeps the last good checkpoint', async () => {
  const folder = await newFolder();
  const losses = (step: number): { dLoss: number; gLoss: number } => ({
    dLoss: step < 12 ? 0.5 : NaN,
    gLoss: 1,
  });
  try {
    await run(folder, { losses });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UserError);
    assert.match(
      (error as Error).message,
      /diverged by step 12: dLoss is NaN.*step-000007\.safetensors \(step 7\)/,
    );
  }
  const lines = await readStats(folder.stats);
  assert.is(lines.at(-1)?.collapse, 'dLoss is NaN');
  assert.is(lines.at(-1)?.step, 12);
  assert.is((await loadNewestCheckpoint(folder.checkpoints))?.checkpoint.metadata.step, 7);
});

test('each kind of collapse gives one warning, and every line has the reason', async () => {
  const folder = await newFolder();
  const losses = (): { dLoss: number; gLoss: number } => ({ dLoss: 0.5, gLoss: 5000 });
  const { events } = await run(folder, { losses, config: { ...config, steps: 100 } });
  const warnings = events.filter((event) => event.type === 'warning');
  assert.is(warnings.length, 1);
  assert.match(warnings[0]?.type === 'warning' ? warnings[0].message : '', /^step 30: gLoss has diverged/);
  const marked = (await readStats(folder.stats)).filter((line) => line.collapse !== null);
  assert.equal(
    marked.map((line) => line.step),
    [30, 40, 50, 60, 70, 80, 90, 100],
  );
});

test('an interrupt before the first step saves the start', async () => {
  const folder = await newFolder();
  const { outcome } = await run(folder, { signal: AbortSignal.abort() });
  assert.equal([outcome.isInterrupted, outcome.step], [true, 0]);
  assert.is((await loadNewestCheckpoint(folder.checkpoints))?.checkpoint.metadata.step, 0);
});

test('the distance from real images is measured at its interval, and is in the next line of statistics', async () => {
  const folder = await newFolder();
  const seeds: number[] = [];
  const evaluator: Evaluator = {
    frechet: async (draw) => {
      const images = await draw(8);
      seeds.push(images.shape[0]!);
      return 4.25;
    },
    close: async () => undefined,
  };
  await run(folder, { config: { ...config, evaluateEvery: 20 }, evaluator });
  const lines = await readStats(folder.stats);
  assert.equal(
    lines.map(({ step, frechet }) => [step, frechet]),
    [
      [10, null],
      [20, 4.25],
      [30, 4.25],
    ],
  );
  assert.equal(seeds, [4, 4]);
});

test.run();
