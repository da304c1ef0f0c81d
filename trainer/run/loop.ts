// The training loop: steps, and at intervals a report, a grid of samples and a checkpoint. All random numbers come from streams that the
// checkpoint saves, and nothing between two steps changes the next one, so a resumed run continues bit for bit.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Random } from '../../runtime-web/format/random.ts';
import { imagesPerStep } from '../config/config.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { Collapse } from '../../runtime-web/format/training/collapse.ts';
import type { BatchSource } from './batch-source.ts';
import type { Checkpoint, Position } from './checkpoint.ts';
import { relativeDiversity } from '../../runtime-web/format/training/diversity.ts';
import { Evaluations } from './evaluations.ts';
import type { DrawSamples, Evaluator } from '../metrics/run-evaluator.ts';
import type { RunListener } from './events.ts';
import { Gathered, metricNames } from './gather.ts';
import type { OpenPlan } from './open-plan.ts';
import { AugmentationController } from '../../runtime-web/format/training/augmentation/controller.ts';
import { scheduledAt } from '../../runtime-web/format/training/schedule.ts';
import type { RunRecord } from './run-record.ts';

/** Number of times that losses are read between two reports. Reading them makes a GPU wait, so not every step does. */
const readingsPerReport = 10;
/** A checkpoint is saved after this many seconds at the latest, so that a power cut loses no more. */
const maxSecondsUnsaved = 600;

/** Inputs of a run. The caller owns and closes all of them. */
export interface LoopSetup {
  readonly config: TrainConfig;
  /** The plan, opened with the checkpoint's state or the initial one. */
  readonly open: OpenPlan;
  /** The source of batches, at the checkpoint's position. */
  readonly batches: BatchSource;
  /** Real images [n, h, w, c], as many as a grid has, for the relative diversity of samples. */
  readonly realImages: HostTensor;
  readonly record: RunRecord;
  /** Opens what measures samples against the real images; null without evaluations. */
  readonly evaluator: (() => Promise<Evaluator>) | null;
  /** The checkpoint to resume from; null to start. */
  readonly checkpoint: Pick<Checkpoint, 'metadata'> | null;
  /** Seed of latents and masks for a new run. */
  readonly noiseSeed: number;
  /** Number of rollbacks so far, this one included; given only if the run starts after a rollback. */
  readonly rollbacks?: number;
  /** Aborting ends the run after the current step, with a checkpoint. */
  readonly signal: AbortSignal;
  readonly listener: RunListener;
}

/** The end of a run. */
export interface LoopOutcome {
  /** True if the signal ended the run early. */
  readonly isInterrupted: boolean;
  readonly step: number;
  readonly images: number;
  /** Real images per second of the steps alone, over all sessions of the run. */
  readonly imagesPerSecond: number;
  /** True if `patience` ended the run early. */
  readonly isOutOfPatience: boolean;
  /** Fraction of the run's time that its evaluations took; 0 without evaluations. */
  readonly evaluationShare: number;
  /** The collapse that ended the run early and calls for a rollback; null without one. */
  readonly collapse: Collapse | null;
}

/** Trains to the configured total. Throws UserError if the numbers diverge or the disk cannot be written. */
export async function runLoop(setup: LoopSetup): Promise<LoopOutcome> {
  const { config, open, batches, record, signal, listener } = setup;
  const { drawSamples } = open;
  const shown = imagesPerStep(config);
  const start = setup.checkpoint?.metadata;
  const rollbacks = setup.rollbacks ?? start?.rollbacks ?? 0;
  // After a rollback the run uses new latents; with the same ones it would collapse again.
  const isRollback = setup.rollbacks !== undefined;
  const noise = new Random(
    isRollback ? noiseAfter(setup.noiseSeed, rollbacks) : (start?.random ?? setup.noiseSeed),
  );
  const gathered = Gathered.from(start?.gathered);
  const augmentation = AugmentationController.of(config, start?.augmentation);
  const total = { step: start?.step ?? 0, images: start?.images ?? 0, stepSeconds: start?.stepSeconds ?? 0 };
  const session = { startedAt: performance.now(), stepSeconds: 0, images: 0, savedAt: performance.now() };
  const evaluations =
    setup.evaluator &&
    new Evaluations({
      config,
      open: setup.evaluator,
      ...(start?.evaluations && { saved: start.evaluations }),
      best: record.best,
      signal,
    });
  const position = (): Position => ({
    ...total,
    secondsElapsed: (start?.secondsElapsed ?? 0) + (performance.now() - session.startedAt) / 1000,
    random: noise.state,
    rollbacks,
    sampler: batches.state,
    gathered: gathered.saved,
    ...(evaluations?.saved && { evaluations: evaluations.saved }),
    ...(augmentation && { augmentation: augmentation.saved }),
  });
  const doneAtStart = shareDone(config, position());
  const readEvery = Math.max(1, Math.floor(config.reportEvery / readingsPerReport));

  let statisticsAt = -1;
  const refreshStatistics = async (): Promise<void> => {
    if (statisticsAt !== total.step) await open.refreshStatistics();
    statisticsAt = total.step;
  };
  const drawRefreshed: DrawSamples = async (firstSeed, mix) => {
    await refreshStatistics();
    return drawSamples(firstSeed, mix);
  };
  const save = async (): Promise<void> => {
    await refreshStatistics();
    await record.save(await open.readState(), position());
    session.savedAt = performance.now();
  };

  let collapse: Collapse | null = null;
  let isOutOfPatience = false;
  for (let done = doneAtStart; done < 1 && !signal.aborted && !isOutOfPatience;) {
    const before = position();
    const begun = performance.now();
    const isRead = total.step === 0 || (total.step + 1) % readEvery === 0;
    // The controller counts every step, so a GPU waits at each.
    const fetch = [...(isRead ? metricNames : []), ...(augmentation ? ['dSign'] : [])];
    const stepNumber = total.step + 1;
    const outputs = await open.train({
      ...{ random: noise, batches, stepNumber, fetch },
      scheduled: scheduledAt(config, stepNumber, { done, images: total.images }),
      ...(augmentation && { probability: augmentation.probability }),
    });
    const seconds = (performance.now() - begun) / 1000;
    total.step += 1;
    total.images += shown;
    total.stepSeconds += seconds;
    session.stepSeconds += seconds;
    session.images += shown;
    gathered.addStep(shown, seconds);
    augmentation?.addStep(outputs['dSign']!.data[0]!, shown);
    if (isRead) {
      const metrics = gathered.addMetrics(outputs);
      const nonFinite = metricNames.find((name) => !Number.isFinite(metrics[name]));
      if (nonFinite !== undefined) {
        const reason = `${nonFinite} is ${metrics[nonFinite]}`;
        await record.report(position(), gathered, reason);
        await record.writePage({ now: true });
        if (config.onCollapse !== 'rollback') throw record.diverged(total.step, reason);
        collapse = { kind: 'divergence', since: total.step, reason };
        break;
      }
    }
    done = shareDone(config, position());
    const isEnd = done >= 1;
    listener({
      type: 'step',
      step: total.step,
      images: total.images,
      done,
      imagesPerSecond: session.images / session.stepSeconds,
      secondsLeft: secondsLeft(done - doneAtStart, 1 - done, performance.now() - session.startedAt),
    });
    if (evaluations !== null) {
      const chosen = await evaluations.choose(position(), done, drawRefreshed);
      if (chosen !== null) listener({ type: 'evaluating', message: chosen });
      if (evaluations.isDue(before, position(), done)) {
        const found = await evaluations.measure(total.step, drawRefreshed, async (best) =>
          record.saveBest(await open.readState(), position(), best),
        );
        gathered.evaluation = found?.evaluation ?? null;
        if (found !== null) listener({ type: 'evaluation', step: total.step, ...found });
        isOutOfPatience = evaluations.isOver && !isEnd;
      }
    }
    const isLast = isEnd || isOutOfPatience;
    const isDue = (every: number): boolean => isLast || total.step % every === 0;
    if (isDue(config.sampleEvery)) {
      await refreshStatistics();
      const images = await drawSamples();
      if (config.sampleCount > 1) gathered.diversity = relativeDiversity(images, setup.realImages);
      await record.addSamples(total.step, images);
    }
    if (isDue(config.reportEvery)) {
      const sign = await record.report(position(), gathered);
      augmentation?.beginReport();
      if (sign !== null && !isLast && config.onCollapse !== 'warn') {
        await record.writePage({ now: true });
        if (config.onCollapse === 'stop') throw record.collapsed(sign, total.step);
        collapse = sign;
        break;
      }
    }
    const unsavedSeconds = (performance.now() - session.savedAt) / 1000;
    if (isDue(config.checkpointEvery) || unsavedSeconds > maxSecondsUnsaved) await save();
    if (isDue(config.sampleEvery)) await record.writePage({ now: isLast });
    // Lets the event loop handle signals and the progress bar between steps.
    await nextTurn();
  }
  const isInterrupted = collapse === null && !isOutOfPatience && shareDone(config, position()) < 1;
  if (collapse === null && record.savedStep !== total.step) await save();
  if (isInterrupted) await record.writePage({ now: true });
  return {
    isInterrupted,
    isOutOfPatience,
    evaluationShare:
      record.best === null
        ? 0
        : (evaluations?.saved?.seconds ?? 0) / Math.max(position().secondsElapsed, 1e-9),
    collapse,
    step: total.step,
    images: total.images,
    imagesPerSecond: total.stepSeconds > 0 ? total.images / total.stepSeconds : 0,
  };
}

/** The seed of latents after a number of rollbacks. */
function noiseAfter(seed: number, rollbacks: number): number {
  return (seed + Math.imul(rollbacks, 0x9e3779b1)) >>> 0;
}

/** Fraction of the run that is done; 1 or more at its end. */
function shareDone(config: TrainConfig, position: Position): number {
  if (config.steps !== null) return position.step / config.steps;
  if (config.images !== null) return position.images / config.images;
  return position.secondsElapsed / 60 / (config.minutes ?? 0);
}

/** Seconds for the fraction `left` of the run, at the rate of the fraction `done` in `elapsedMs`; null if `done` is 0. */
function secondsLeft(done: number, left: number, elapsedMs: number): number | null {
  return done > 0 ? ((elapsedMs / 1000) * Math.max(0, left)) / done : null;
}
