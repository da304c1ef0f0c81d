// The training loop: batch, step, and from time to time a report, a grid of samples, a checkpoint. It decides
// when; how is in the files it calls. All that is random flows from the streams in the checkpoint, and nothing
// that happens between steps changes the next one, so a resumed run goes on bit for bit.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Random } from '../../runtime-web/format/random.ts';
import { imagesPerStep } from '../config/config.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { Collapse } from './collapse.ts';
import type { BatchSource } from './batch-source.ts';
import type { Checkpoint, Position } from './checkpoint.ts';
import { relativeDiversity } from './diversity.ts';
import type { Evaluator } from '../metrics/run-evaluator.ts';
import type { RunListener } from './events.ts';
import { Gathered, metricNames } from './gather.ts';
import type { OpenPlan } from './open-plan.ts';
import type { RunRecord } from './run-record.ts';

/** Between two reports the losses are read at least so often: reading them makes a GPU wait. */
const readingsPerReport = 10;
/** However many steps lie between two checkpoints, no more than this is lost to a power cut. */
const mostSecondsUnsaved = 600;

/** What a run needs; all of it stays the caller's. */
export interface LoopSetup {
  readonly config: TrainConfig;
  /** Holding the checkpoint's state, or the initial one. */
  readonly open: OpenPlan;
  /** Set to the checkpoint's cursor already. */
  readonly batches: BatchSource;
  /** Some real images, as many as a grid has, that samples' diversity is measured against: [n, h, w, c]. */
  readonly realImages: HostTensor;
  readonly record: RunRecord;
  /** Measures the distance from the real images; null where that is not asked for. */
  readonly evaluator: Evaluator | null;
  /** Where to go on from; null to start. */
  readonly checkpoint: Pick<Checkpoint, 'metadata'> | null;
  /** Seed of the latents and masks of a start. */
  readonly noiseSeed: number;
  /** Times that the run has gone back from a collapse, this one included, where it starts from having gone back. */
  readonly rollbacks?: number;
  /** Aborting ends the run after the step at work, with a checkpoint. */
  readonly signal: AbortSignal;
  readonly listener: RunListener;
}

/** How a run ended. */
export interface LoopOutcome {
  /** Whether the signal ended it before its length was reached. */
  readonly isInterrupted: boolean;
  readonly step: number;
  readonly images: number;
  /** Real images over the time of the steps alone, over all sessions of the run. */
  readonly imagesPerSecond: number;
  /** Why the run looks lost, where it is to go back for that; it has then ended before its length. */
  readonly collapse: Collapse | null;
}

/** Trains to the configured total. Throws UserError where the numbers are lost or the disk refuses. */
export async function runLoop(setup: LoopSetup): Promise<LoopOutcome> {
  const { config, open, batches, record, signal, listener } = setup;
  const { engine, drawSamples } = open;
  const shown = imagesPerStep(config);
  const start = setup.checkpoint?.metadata;
  const rollbacks = setup.rollbacks ?? start?.rollbacks ?? 0;
  // A run that went back draws other latents from there on: with the same ones it would collapse again.
  const isBack = setup.rollbacks !== undefined;
  const noise = new Random(
    isBack ? noiseAfter(setup.noiseSeed, rollbacks) : (start?.random ?? setup.noiseSeed),
  );
  const gathered = Gathered.from(start?.gathered);
  const total = { step: start?.step ?? 0, images: start?.images ?? 0, stepSeconds: start?.stepSeconds ?? 0 };
  const session = { startedAt: performance.now(), stepSeconds: 0, images: 0, savedAt: performance.now() };
  const position = (): Position => ({
    ...total,
    secondsElapsed: (start?.secondsElapsed ?? 0) + (performance.now() - session.startedAt) / 1000,
    random: noise.state,
    rollbacks,
    sampler: batches.state,
    gathered: gathered.saved,
  });
  const doneAtStart = shareDone(config, position());
  const readEvery = Math.max(1, Math.floor(config.reportEvery / readingsPerReport));

  let statisticsAt = -1;
  const refreshStatistics = async (): Promise<void> => {
    if (statisticsAt !== total.step) await open.refreshStatistics();
    statisticsAt = total.step;
  };
  const save = async (): Promise<void> => {
    await refreshStatistics();
    await record.save(await engine.readState(), position());
    session.savedAt = performance.now();
  };

  let collapse: Collapse | null = null;
  for (let done = doneAtStart; done < 1 && !signal.aborted;) {
    const begun = performance.now();
    const isRead = total.step + 1 === 1 || (total.step + 1) % readEvery === 0;
    const fetch = isRead ? metricNames : [];
    const outputs = await open.train({ random: noise, batches, stepNumber: total.step + 1, fetch });
    const seconds = (performance.now() - begun) / 1000;
    total.step += 1;
    total.images += shown;
    total.stepSeconds += seconds;
    session.stepSeconds += seconds;
    session.images += shown;
    gathered.addStep(shown, seconds);
    if (isRead) {
      const metrics = gathered.addMetrics(outputs);
      const lost = metricNames.find((name) => !Number.isFinite(metrics[name]));
      if (lost !== undefined) {
        const why = `${lost} is ${metrics[lost]}`;
        await record.report(position(), gathered, why);
        await record.drawPage({ now: true });
        if (config.onCollapse !== 'rollback') throw record.diverged(total.step, why);
        collapse = { kind: 'divergence', since: total.step, reason: why, advice: '' };
        break;
      }
    }
    done = shareDone(config, position());
    const isLast = done >= 1;
    const isDue = (every: number): boolean => isLast || total.step % every === 0;
    listener({
      type: 'step',
      step: total.step,
      images: total.images,
      done,
      imagesPerSecond: session.images / session.stepSeconds,
      secondsLeft: secondsLeft(done - doneAtStart, 1 - done, performance.now() - session.startedAt),
    });
    if (isDue(config.sampleEvery)) {
      await refreshStatistics();
      const images = await drawSamples();
      if (config.sampleCount > 1) gathered.diversity = relativeDiversity(images, setup.realImages);
      await record.addSamples(total.step, images);
    }
    if (setup.evaluator !== null && isDue(config.evaluateEvery ?? Infinity)) {
      await refreshStatistics();
      gathered.frechet = await setup.evaluator.frechet(drawSamples, signal);
    }
    if (isDue(config.reportEvery)) {
      const sign = await record.report(position(), gathered);
      if (sign !== null && !isLast && config.onCollapse !== 'warn') {
        await record.drawPage({ now: true });
        if (config.onCollapse === 'stop') throw record.collapsed(sign, total.step);
        collapse = sign;
        break;
      }
    }
    const unsavedSeconds = (performance.now() - session.savedAt) / 1000;
    if (isDue(config.checkpointEvery) || unsavedSeconds > mostSecondsUnsaved) await save();
    if (isDue(config.sampleEvery)) await record.drawPage({ now: isLast });
    // A turn of the event loop: signals and the progress bar get theirs between steps.
    await nextTurn();
  }
  const isInterrupted = collapse === null && shareDone(config, position()) < 1;
  if (collapse === null && record.savedStep !== total.step) await save();
  if (isInterrupted) await record.drawPage({ now: true });
  return {
    isInterrupted,
    collapse,
    step: total.step,
    images: total.images,
    imagesPerSecond: total.stepSeconds > 0 ? total.images / total.stepSeconds : 0,
  };
}

/** The seed of the latents after so many returns from collapses. */
function noiseAfter(seed: number, rollbacks: number): number {
  return (seed + Math.imul(rollbacks, 0x9e3779b1)) >>> 0;
}

/** Share of the run that is done: 1 or more where it is over. */
function shareDone(config: TrainConfig, position: Position): number {
  if (config.steps !== null) return position.step / config.steps;
  if (config.images !== null) return position.images / config.images;
  return position.secondsElapsed / 60 / (config.minutes ?? 0);
}

function secondsLeft(gained: number, missing: number, elapsedMs: number): number | null {
  return gained > 0 ? ((elapsedMs / 1000) * Math.max(0, missing)) / gained : null;
}
