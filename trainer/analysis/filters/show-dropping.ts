// `visualise --drop`: switches off the filters of G that draw one attribute, and measures the effect.
import { Random } from '../../../runtime-web/format/random.ts';
import { trainClassifier } from '../attributes/attribute-classifier.ts';
import { findDrawingFilters } from './drawing-filters.ts';
import { doublings, dropFilters } from './drop-filters.ts';
import { dropPart } from './drop-sheet.ts';
import type { FindingPart } from '../../findings/part.ts';
import { insideOf } from '../../training/architectures/table.ts';
import { openGeneratorProbe } from './generator-probe.ts';
import type { TrainedRun } from '../../run/trained-run.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import type { Job } from '../../job.ts';
import { held } from '../../held.ts';

/** Settings of {@link showDropping}. */
export interface DroppingOptions {
  readonly context: Job;
  readonly engine: Engine;
  readonly run: TrainedRun;
  /** Labelled images of the kind that the generator was trained on. */
  readonly dataset: Dataset;
  readonly attribute: string;
  /** The layer's name, such as `generator/block2`. */
  readonly layer: string;
  /** Number of filters; null for all with positive weight. */
  readonly dropFilters: number | null;
  /** See DrawingOptions. */
  readonly where: 'differ' | 'everywhere';
  /** Number of samples that the filters are found on. */
  readonly samples: number;
  /** Number of updates of the classifier. */
  readonly steps: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** Number of new samples to measure on. */
const measuredSamples = 512;

/**
 * Computes the part of the finding. Throws UserError for an attribute that the data lack, that is not binary, or that too few images
 * have; for more filters than there are; the signal's reason when aborted.
 */
export async function showDropping(options: DroppingOptions): Promise<FindingPart> {
  const { context, engine, run, dataset, samples, steps, where, seed, say } = options;
  const { signal } = context;
  const { config, generator } = run;
  const layer = insideOf(config)
    .layers(config)
    .generator.find(({ name }) => name === options.layer)!;
  checkAttribute(dataset, options.attribute);
  if (options.dropFilters !== null && options.dropFilters > layer.filters) {
    throw new UserError(
      `--drop-filters: got ${options.dropFilters}, expected at most ${layer.filters}, all of ${layer.name}`,
    );
  }
  await using updates = held(context.progress('updates'));
  await using pictures = held(context.progress('pictures'));
  await using masks = held(context.progress('choices'));
  say(`training a classifier of ${dataset.name}'s attributes on ${engine.name}`);
  const classifier = await trainClassifier({
    engine,
    dataset,
    seed,
    steps,
    signal,
    onProgress: (done, total) => updates.show('training a classifier', done, total),
  });
  const attribute = classifier.attributes.findIndex(({ name }) => name === options.attribute);
  await engine.writeState(generator.parameters);
  await using probe = held(await openGeneratorProbe(engine, generator, config, layer));
  const random = new Random(seed + 1);
  const latents = (count: number): Float32Array =>
    random.fillLatent(new Float32Array(count * config.latent), config.latentDistribution);
  const found = await findDrawingFilters({
    probe,
    config,
    classifier,
    attribute,
    z: latents(samples),
    where,
    signal,
    onProgress: (done, total) => pictures.show(`finding filters of ${options.attribute}`, done, total),
  });
  const max = Math.min(options.dropFilters ?? Infinity, found.filters.length);
  if (options.dropFilters !== null && max < options.dropFilters) {
    context.warn(
      `warning: --drop-filters ${options.dropFilters}: only ${max} filters of ${layer.name} have a positive weight`,
    );
  }
  if (max === 0)
    throw new UserError(
      `${layer.name}: no filter has a positive weight for ${options.attribute}; give another --layer`,
    );
  const outcome = await dropFilters({
    probe,
    classifier,
    attribute,
    z: latents(measuredSamples),
    latent: config.latent,
    filters: found.filters.map(({ filter }) => filter),
    steps: doublings(max),
    random,
    signal,
    onProgress: (done, total) => masks.show('switching filters off', done, total),
  });
  return await dropPart({ config, layer, classifier, attribute, found, outcome, samples });
}

/** Throws UserError if the attribute is not one of the data's binary ones. */
function checkAttribute({ name, attributes }: Dataset, wanted: string): void {
  const binary = (attributes ?? [])
    .filter(({ kind }) => kind === 'binary')
    .map((attribute) => attribute.name);
  if (binary.includes(wanted)) return;
  const other = attributes?.find((attribute) => attribute.name === wanted);
  if (binary.length === 0) {
    throw new UserError(
      `--drop ${wanted}: the images of ${name} have no attributes; give --data with labelled images of the same kind (avatars, CelebA)`,
    );
  }
  const what = other === undefined ? `${name} has no such attribute` : `it is ${other.kind}`;
  throw new UserError(`--drop ${wanted}: ${what}; expected one of ${binary.join(', ')}`);
}
