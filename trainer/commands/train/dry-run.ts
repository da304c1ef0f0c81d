// The plan of a run: configuration, data, networks, engine and, on request, its duration, estimated from a few real steps.
import { performance } from 'node:perf_hooks';
import { Random } from '../../../runtime-web/format/random.ts';
import { imagesPerStep } from '../../config/config.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { growthPhases } from '../../networks/growth.ts';
import type { LayerSummary } from '../../networks/network.ts';
import type { RunSetup } from '../../run/run-setup.ts';

/** The plan of a run; plain JSON. */
export interface RunPlan {
  readonly config: TrainConfig;
  readonly data: {
    readonly name: string;
    readonly kind: string;
    readonly images: number;
    /** Number of images by class name; null without classes. */
    readonly classes: Readonly<Record<string, number>> | null;
  };
  readonly generator: readonly LayerSummary[];
  readonly discriminator: readonly LayerSummary[];
  readonly engine: { readonly name: string; readonly reason: string };
  /** Null unless requested. */
  readonly estimate: {
    readonly imagesPerSecond: number;
    /** Images left to train on. */
    readonly images: number;
    readonly seconds: number;
    /** Number of steps measured. */
    readonly measuredSteps: number;
  } | null;
}

/** Limits of the measurement. */
const measuredSteps = 8;
const measuredMs = 5000;

/** Describes the run. With `isTimed`, trains a few steps; do not use the setup for anything else afterwards. */
export async function planRun(
  setup: RunSetup,
  config: TrainConfig,
  { isTimed, done }: { readonly isTimed: boolean; readonly done: number },
): Promise<RunPlan> {
  const { dataset, engine, engineReason, open } = setup;
  const { name, kind, count, classNames, classCounts } = dataset;
  return {
    config,
    data: {
      name,
      kind,
      images: count,
      classes: classNames && Object.fromEntries(classNames.map((label, i) => [label, classCounts?.[i] ?? 0])),
    },
    ...open.plan.describe(),
    engine: { name: engine.name, reason: engineReason },
    estimate: isTimed ? await estimate(setup, config, done) : null,
  };
}

async function estimate(
  { open, batches, noiseSeed }: RunSetup,
  config: TrainConfig,
  done: number,
): Promise<NonNullable<RunPlan['estimate']>> {
  const noise = new Random(noiseSeed);
  // Growing networks are timed at full size, where they spend most steps.
  const { firstStep } = growthPhases(config).at(-1)!;
  const step = async (number: number): Promise<void> => {
    await open.train({ random: noise, batches, stepNumber: firstStep - 1 + number, fetch: [] });
  };
  // The first step is not measured, because it also allocates memory.
  await step(1);
  let steps = 0;
  const stepsBegun = performance.now();
  while (steps < measuredSteps && performance.now() - stepsBegun < measuredMs) await step(++steps + 1);
  const stepSeconds = (performance.now() - stepsBegun) / 1000 / steps;

  const drawingBegun = performance.now();
  await open.refreshStatistics();
  await open.drawSamples();
  const drawSeconds = (performance.now() - drawingBegun) / 1000;

  const shown = imagesPerStep(config);
  const imagesPerSecond = shown / stepSeconds;
  const secondsPerStep = stepSeconds + drawSeconds / config.sampleEvery;
  const total = config.steps === null ? config.images : config.steps * shown;
  const seconds =
    total === null ? (config.minutes ?? 0) * 60 : (Math.max(0, total - done) / shown) * secondsPerStep;
  const images = total === null ? Math.round((seconds / secondsPerStep) * shown) : Math.max(0, total - done);
  return { imagesPerSecond, images, seconds, measuredSteps: steps };
}
