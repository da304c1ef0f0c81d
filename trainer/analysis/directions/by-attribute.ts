// Directions by attribute, for `dcgan directions`: trains the classifiers, finds a direction for each attribute, and measures it.
import { resolve } from 'node:path';
import { Random } from '../../../runtime-web/format/random.ts';
import { directionName } from './directions.ts';
import { findDirections, type Outcome } from './find-directions.ts';
import { refineDirections } from './refine-directions.ts';
import { openTrainedRun } from '../../run/trained-run.ts';
import { openDataset } from '../../data/dataset.ts';
import type { EngineName } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import type { FrozenGenerator } from '../../frozen/frozen-networks.ts';
import { openPackageGenerator } from '../../model-package/draw-latents.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { trainClassifiers } from '../attributes/classifiers.ts';
import type { Job } from '../../job.ts';
import { held } from '../../held.ts';

/** Settings of {@link attributeDirections}. */
export interface AttributeOptions {
  /** Labelled images: `avatars`, or a path. */
  readonly data: string;
  /** Number of images to generate. */
  readonly count: number;
  /** Updates of each classifier. */
  readonly steps: number;
  /** Updates of the refinement; 0 for none. */
  readonly refine: number;
  readonly seed: number;
  /** Max fraction of other predictions that a direction may change. */
  readonly mostMoved: number;
  /** Attributes to find a direction for, by their own names or the directions'; null for all. */
  readonly only: readonly string[] | null;
  readonly engine: 'auto' | EngineName;
}

/** Finds and measures a direction for each attribute. Throws UserError for data without attributes. */
export async function attributeDirections(
  opened: ModelPackage,
  options: AttributeOptions,
  say: (line: string) => void,
  context: Job,
): Promise<Outcome[]> {
  const { cwd, warn, signal } = context;
  const { count, steps, refine, seed, mostMoved, only } = options;
  const { model } = opened;
  const data = options.data === 'avatars' ? options.data : resolve(cwd, options.data);
  await using dataset = held(
    await openDataset({ data, imageSize: model.imageSize, channels: model.channels, signal }),
  );
  await using progress = held(context.progress('updates'));
  const known = (dataset.attributes ?? [])
    .filter(({ kind }) => kind !== 'categorical')
    .map(({ name }) => name);
  for (const name of only ?? []) {
    if (known.some((attribute) => attribute === name || directionName(attribute) === name)) continue;
    throw new UserError(`--only: got ${name}, expected some of ${known.map(directionName).join(', ')}`);
  }
  const frozen = refine === 0 ? null : await frozenGenerator(opened);
  if (refine > 0 && frozen === null) {
    const why = model.training === null ? 'was imported' : 'is not in the run that made it';
    warn(`${opened.folder} ${why}: directions are differences of means, not refined`);
  }
  await using generator = held(await openPackageGenerator(opened, 2));
  const hasSecond = frozen !== null;
  await using classifiers = held(
    await trainClassifiers(
      { dataset, engine: options.engine, seed, steps, hasSecond, say, progress },
      context,
    ),
  );
  const { classifier, evaluator, engine } = classifiers;
  return await findDirections({
    model,
    generator,
    classifier,
    evaluator,
    count,
    mostMoved,
    only,
    random: new Random(seed + 1),
    signal,
    say,
    refine: async (samples, starts, random, wanted) =>
      frozen === null
        ? null
        : refineDirections({
            engine,
            generator: frozen,
            classifier,
            samples,
            starts,
            wanted,
            steps: refine,
            random,
            signal,
            onProgress: (done, total) => progress.show('refining', done, total),
          }),
  });
}

/**
 * The package's generator as tfjs ops, from the checkpoint that it was exported from; null if the checkpoint is missing, or the
 * model was imported.
 */
async function frozenGenerator({ folder, model }: ModelPackage): Promise<FrozenGenerator | null> {
  try {
    return (await openTrainedRun(folder, String(model.training?.steps ?? 0))).generator;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
