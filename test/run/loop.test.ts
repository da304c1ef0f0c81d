// The training loop with an engine of a few numbers: the events of each step.
import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { UserError } from '../../trainer/errors.ts';
import { defaultConfig } from '../../trainer/config/fields.ts';
import type { DataPosition } from '../../runtime-web/format/training/batch-order.ts';
import type { BatchSource } from '../../trainer/run/batch-source.ts';
import { listCheckpoints, loadCheckpoint, loadNewestCheckpoint } from '../../trainer/run/checkpoint.ts';
import { findExported, readBest } from '../../trainer/run/find-checkpoint.ts';
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
function countedBatches(start?: DataPosition): BatchSource {
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
    evaluator: session.evaluator === undefined ? null : async () => session.evaluator!,
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
    {
      isInterrupted: false,
      isOutOfPatience: false,
      evaluationShare: 0,
      step: 30,
      images: 120,
      imagesPerSecond: 0,
      collapse: null,
    },
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

test("ADA's probability follows D's signs, is reported, and goes on in a resumed run", async () => {
  // 16 images a move: 0.16. D is too sure until step 16, then it is not.
  const ada = { ...config, augment: 'ada', adaImages: 100 };
  const sign = (step: number): number => (step <= 16 ? 0.9 : 0.1);
  const whole = await newFolder();
  await run(whole, { config: ada, sign });
  const lines = await readStats(whole.stats);
  assert.equal(
    lines.map(({ step, augmentProbability, dSign }) => [step, augmentProbability, dSign]),
    [
      [10, 0.32, 0.9],
      [20, 0.48, 0.58],
      [30, 0.16, 0.1],
    ],
  );
  const pieces = await newFolder();
  for (const stopAt of [3, 9, 18]) {
    const interrupt = new AbortController();
    const onStep = (step: number): void => void (step === stopAt && interrupt.abort());
    await run(pieces, { config: ada, sign, signal: interrupt.signal, onStep });
  }
  await run(pieces, { config: ada, sign });
  assert.equal(await remains(pieces), await remains(whole));
  const newest = await loadCheckpoint((await listCheckpoints(pieces.checkpoints))[0]!);
  assert.equal(newest.metadata.augmentation?.signs.steps, 2);
});

test('scheduled values go on where a resumed run stopped: by images, by share of the steps, and by the clock', async () => {
  const valuesOf = async (changed: Partial<TrainConfig>, pieces: readonly number[]) => {
    const folder = await newFolder();
    const values: string[] = [];
    for (const last of pieces) {
      const stop = new AbortController();
      await run(folder, {
        config: { ...config, beta2: 0.9, beta2End: 0.99, ...changed },
        signal: stop.signal,
        onStep(step, scheduled) {
          values.push(JSON.stringify(scheduled));
          if (step === last) stop.abort();
        },
      });
    }
    return values;
  };
  for (const changed of [{}, { burnIn: 60 }]) {
    const whole = await valuesOf(changed, [99]);
    assert.is(new Set(whole).size, 'burnIn' in changed ? 16 : 30);
    assert.equal(await valuesOf(changed, [3, 11, 99]), whole);
  }
  const byClock = await valuesOf({ steps: null, minutes: 0.01 }, [5, 99_999]);
  const beta2s = byClock.map((text) => (JSON.parse(text) as { beta2: number }).beta2);
  assert.ok(beta2s[0]! < 0.901 && beta2s.at(-1)! > 0.98, `${beta2s[0]} … ${beta2s.at(-1)}`);
  assert.equal(beta2s, beta2s.toSorted());
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

/** An evaluator whose Fréchet distances are those of a list, in turn. */
function fakeEvaluator(distances: readonly number[], drawn: number[] = []): Evaluator {
  let count = 0;
  return {
    least: 2,
    most: 100,
    prepared: 50,
    network: 'fake',
    secondsPerImage: async () => 0.001,
    prepare: async () => 0.001,
    measure: async (draw) => {
      drawn.push((await draw(8)).shape[0]!);
      const frechet = distances[count++]!;
      return { frechet, kid: 0.5, precision: 0.25, recall: 0.75, network: 'fake', images: 50 };
    },
    close: async () => undefined,
  };
}

test('evaluations are made at their interval and at the end, and are in the next line of statistics', async () => {
  const folder = await newFolder();
  const drawn: number[] = [];
  await run(folder, {
    config: { ...config, evaluateEvery: 20 },
    evaluator: fakeEvaluator([4.25, 4.5], drawn),
  });
  const lines = await readStats(folder.stats);
  assert.equal(
    lines.map(({ step, frechet, kid, precision, recall, network }) => [
      ...[step, frechet, kid, precision, recall, network],
    ]),
    [
      [10, null, null, null, null, null],
      [20, 4.25, 0.5, 0.25, 0.75, 'fake'],
      [30, 4.5, 0.5, 0.25, 0.75, 'fake'],
    ],
  );
  assert.equal(drawn, [4, 4]);
});

test('the checkpoint of the lowest distance stays when older ones are removed', async () => {
  const folder = await newFolder();
  const { events } = await run(folder, {
    config: { ...config, checkpointEvery: 1, keepCheckpoints: 1, evaluateEvery: 5 },
    evaluator: fakeEvaluator([9, 7, 3, 8, 5, 3]),
  });
  assert.equal(readdirSync(folder.checkpoints).sort(), ['best.safetensors', 'step-000030.safetensors']);
  const { metadata, state } = await loadCheckpoint(folder.best);
  assert.equal([metadata.step, metadata.evaluation?.frechet], [15, 3]);
  assert.is((await findExported(folder, 'best')).checkpoint.metadata.step, 15);
  assert.is((await findExported(folder, 'last')).checkpoint.metadata.step, 30);
  const short = await newFolder();
  await run(short, { config: { ...config, steps: 15, evaluateEvery: null } });
  assert.equal(state, (await loadNewestCheckpoint(short.checkpoints))?.checkpoint.state);
  assert.equal(
    events.flatMap((event) => (event.type === 'evaluation' && event.isBest ? [event.step] : [])),
    [5, 10, 15],
  );
});

test('a run that fails after its best step keeps that record when it is resumed', async () => {
  const distances = [9, 7, 3, 8, 5, 6];
  const evaluated = { ...config, evaluateEvery: 5 };
  const folder = await newFolder();
  const onStep = (step: number): void => {
    if (step === 18) throw new Error('power cut');
  };
  await run(folder, { config: evaluated, evaluator: fakeEvaluator(distances), onStep }).catch(() => null);
  // The newest checkpoint is of step 14, before the best one.
  const { events } = await run(folder, { config: evaluated, evaluator: fakeEvaluator(distances.slice(2)) });
  assert.equal((await readBest(folder))?.step, 15);
  assert.not(events.some((event) => event.type === 'evaluation' && event.isBest));
});

test('patience ends a run cleanly, and a resumed one goes on', async () => {
  const folder = await newFolder();
  const patient = { ...config, evaluateEvery: 5, patience: 2 };
  const first = await run(folder, { config: patient, evaluator: fakeEvaluator([5, 4, 6, 4]) });
  assert.equal(
    [first.outcome.step, first.outcome.isOutOfPatience, first.outcome.isInterrupted],
    [20, true, false],
  );
  assert.is((await loadNewestCheckpoint(folder.checkpoints))?.checkpoint.metadata.step, 20);
  assert.is((await readStats(folder.stats)).at(-1)?.step, 20);
  const again = await run(folder, { config: patient, evaluator: fakeEvaluator([7, 3]) });
  assert.equal([again.outcome.step, again.outcome.isOutOfPatience], [30, false]);
  assert.is((await readBest(folder))?.step, 30);
});

test.run();
