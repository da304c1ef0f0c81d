// The part of `visualise` that shows filters: responses of D's, the kernels next to the image, and drawings of G's.
import { drawChannels } from './channel-drawings.ts';
import { compareFeatures } from './discriminator-features.ts';
import { drawingPart, featurePart, kernelPart } from './filter-sheets.ts';
import type { FindingPart } from '../../findings/part.ts';
import { insideOf } from '../../training/architectures/table.ts';
import { openGeneratorProbe } from './generator-probe.ts';
import type { TrainedRun } from '../../run/trained-run.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import { planTraining } from '../../training/plan.ts';
import type { Job } from '../../job.ts';
import { held } from '../../held.ts';

/** The name of each network's layer that is shown. */
export interface ShownLayers {
  /** Such as `discriminator/block4`. */
  readonly discriminator: string;
  /** Such as `generator/block2`. */
  readonly generator: string;
}

/** Settings of {@link showFilters}. */
export interface FilterOptions {
  readonly context: Job;
  readonly engine: Engine;
  readonly run: TrainedRun;
  readonly dataset: Dataset;
  readonly layers: ShownLayers;
  /** Number of images to search; null for all, at most {@link maxImages}. */
  readonly images: number | null;
  /** Number of filters to show per layer. */
  readonly filters: number;
  /** Number of image regions per filter of D. */
  readonly strongest: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

const maxImages = 10_000;
/** Number of samples to switch a filter of G off in, and number of them to show. */
const sampleCount = 32;
const exampleCount = 3;

/**
 * Computes the three parts. Throws UserError for fewer images than requested, the signal's reason when aborted.
 */
export async function showFilters(options: FilterOptions): Promise<readonly FindingPart[]> {
  const { context, engine, run, dataset, layers, strongest, filters, seed, say } = options;
  const { signal } = context;
  const { config } = run;
  const count = options.images ?? Math.min(dataset.count, maxImages);
  if (strongest > count) {
    throw new UserError(
      `--strongest: got ${strongest}, expected at most ${count}, the images that are searched`,
    );
  }
  const images = Array.from({ length: count }, (_, i) => Math.floor((i * dataset.count) / count));
  await using progress = held(context.progress('images'));
  await using drawing = held(context.progress('filters'));
  say(
    `searching ${count} images of ${dataset.name} for the strongest responses of ${layers.discriminator}, on ${engine.name}`,
  );
  const comparison = await compareFeatures({
    engine,
    run,
    dataset,
    layer: layers.discriminator,
    images,
    filters,
    strongest,
    seed,
    signal,
    onProgress: (job, done, total) => progress.show(job, done, total),
  });
  const features = await featurePart(layers.discriminator, comparison, `${count} images of ${dataset.name}`);

  const untrained = planTraining(config).initialState(new Random(seed));
  const trained = { ...run.checkpoint.state, ...run.generator.parameters };
  const inside = insideOf(config);
  const kernels =
    inside.kernels === null ? [] : [await kernelPart(config, inside.kernels, trained, untrained)];

  const layer = inside.layers(config).generator.find(({ name }) => name === layers.generator)!;
  say(`switching the ${layer.filters} filters of ${layer.name} off, one by one`);
  await engine.writeState(run.generator.parameters);
  await using probe = held(await openGeneratorProbe(engine, run.generator, config, layer));
  const { latent, latentDistribution } = config;
  const z = new Random(seed).fillLatent(new Float32Array(sampleCount * latent), latentDistribution);
  const drawings = await drawChannels(probe, config, {
    z,
    filters,
    examples: exampleCount,
    signal,
    onProgress: (done, total) => drawing.show('switching filters off', done, total),
  });
  return [features, ...kernels, await drawingPart(layer, drawings)];
}
