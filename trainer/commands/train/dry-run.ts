// What a run is going to be, before it is: configuration, data, networks, engine and, when asked, how long it will
// take, from a few real steps.
import { performance } from 'node:perf_hooks';
import { Random } from '../../../runtime-web/format/random.ts';
import { imagesPerStep } from '../../config/config.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { growthPhases } from '../../networks/growth.ts';
import type { LayerSummary } from '../../networks/network.ts';
import type { RunSetup } from '../../run/run-setup.ts';

/** What a run is going to be; plain JSON. */
export interface RunPlan {
  readonly config: TrainConfig;
  readonly data: {
    readonly name: string;
    readonly kind: string;
    readonly images: number;
    /** Images by class name; null where there are no classes. */
    readonly classes: Readonly<Record<string, number>> | null;
  };
  readonly generator: readonly LayerSummary[];
  readonly discriminator: readonly LayerSummary[];
  readonly engine: { readonly name: string; readonly reason: string };
  /** Null unless asked for. */
  readonly estimate: {
    readonly imagesPerSecond: number;
    /** Images still to be shown. */
    readonly images: number;
    readonly seconds: number;
    /** Steps it was measured over. */
    readonly measuredSteps: number;
  } | null;
}

/** Steps are measured until there are this many or this long. */
const measuredSteps = 8;
const measuredMs = 5000;

/** Describes the run. With `isTimed`, trains a few steps, so the setup is then good for nothing else. */
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
  // Networks that grow are timed at their full size, where they stay for longest.
  const { firstStep } = growthPhases(config).at(-1)!;
  const step = async (number: number): Promise<void> => {
    await open.train({ random: noise, batches, stepNumber: firstStep - 1 + number, fetch: [] });
  };
  // The first step also makes room for everything, so it does not count.
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
