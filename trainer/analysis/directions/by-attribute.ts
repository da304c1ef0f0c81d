// Directions by attribute, for `dcgan directions`: trains the classifiers, finds a direction for each attribute, and measures it.
import type { Direction } from '../../../runtime-web/format/model.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import { directionName } from './directions.ts';
import { findDirections, score } from './find-directions.ts';
import { measureDirections, type FoundDirection } from './measure-directions.ts';
import { refineDirections } from './refine-directions.ts';
import { openTrainedRun } from '../../run/trained-run.ts';
import type { EngineName } from '../../engine/engine.ts';
import { CheckpointError, UserError } from '../../errors.ts';
import type { FrozenGenerator } from '../../frozen/frozen-networks.ts';
import { openPackageGenerator } from '../../model-package/draw-latents.ts';
import type { NativeGenerator } from '../../model-package/native-generator.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { attributesOf, type AttributePredictor } from '../attributes/attribute-classifier.ts';
import { trainClassifiers, trainEvaluator } from '../attributes/classifiers.ts';
import { openLabelled } from '../attributes/open-labelled.ts';
import type { Job, JobProgress } from '../../job.ts';
import { held } from '../../held.ts';

/** Settings of {@link measuredDirections}. */
export interface MeasuringOptions {
  /** Labelled images: `avatars`, or a path. */
  readonly data: string;
  /** The path of their labels; null for those among the images. */
  readonly labels: string | null;
  /** Updates of each classifier. */
  readonly steps: number;
  readonly seed: number;
  /** Max fraction of other predictions that an accepted direction may change. */
  readonly mostMoved: number;
  readonly engine: 'auto' | EngineName;
}

/** Settings of {@link attributeDirections}. */
export interface AttributeOptions extends MeasuringOptions {
  /** Number of images to generate. */
  readonly count: number;
  /** Updates of the refinement; 0 for none. */
  readonly refine: number;
  /** Attributes to find a direction for, by their own names or the directions'; null for all. */
  readonly only: readonly string[] | null;
}

/** The result for one attribute. */
export interface Outcome {
  readonly name: string;
  /** True if the direction is accepted. */
  readonly isKept: boolean;
  readonly direction: Direction;
}

/** The quality of a classifier on held-out images, by attribute; see AttributePredictor. */
type Quality = AttributePredictor['quality'];

/** Directions with their figures, and the quality of the classifier that found them (null if none did) and of the evaluator. */
export interface AttributeDirections {
  readonly outcomes: readonly Outcome[];
  readonly quality: { readonly finds: Quality | null; readonly measures: Quality };
}

/** Finds and measures a direction for each attribute. Throws UserError for data without attributes. */
export async function attributeDirections(
  opened: ModelPackage,
  options: AttributeOptions,
  say: (line: string) => void,
  context: Job,
): Promise<AttributeDirections> {
  const { warn, signal } = context;
  const { count, steps, refine, seed, mostMoved, only } = options;
  await using dataset = held(await openLabelled(opened, options, context));
  await using progress = held(context.progress('updates'));
  const known = attributesOf(dataset)
    .filter(({ kind }) => kind !== 'categorical')
    .map(({ name }) => name);
  for (const name of only ?? []) {
    if (known.some((attribute) => attribute === name || directionName(attribute) === name)) continue;
    throw new UserError(`--only: got ${name}, expected some of ${known.map(directionName).join(', ')}`);
  }
  const unrefined = (why: string): null => {
    warn(`${opened.folder}: directions are differences of means, not refined: ${why}`);
    return null;
  };
  const frozen = refine === 0 ? null : await frozenGenerator(opened, unrefined);
  await using generator = held(await openPackageGenerator(opened, 2));
  await using classifiers = held(
    await trainClassifiers(
      { dataset, engine: options.engine, seed, steps, hasSecond: true, hasCategories: true, say, progress },
      context,
    ),
  );
  const { classifier, evaluator, engine } = classifiers;
  const found = await findDirections({
    model: opened.model,
    generator,
    classifier,
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
  const outcomes = await measure(opened, generator, evaluator, found, options, { progress, signal, say });
  return { outcomes, quality: { finds: classifier.quality, measures: evaluator.quality } };
}

/** Measures the model's own directions by attribute anew. Throws UserError if it has none, or for data without attributes. */
export async function measuredDirections(
  opened: ModelPackage,
  options: MeasuringOptions,
  say: (line: string) => void,
  context: Job,
): Promise<AttributeDirections> {
  await using dataset = held(await openLabelled(opened, options, context));
  const names = dataset.attributes!.map(({ name }) => directionName(name));
  const own = opened.model.directions.filter(({ name }) => names.includes(name));
  if (own.length === 0) {
    throw new UserError(
      `${opened.folder}: --measure: the model has no direction called after an attribute of ${dataset.name}; ` +
        'find some first, without --measure',
    );
  }
  await using progress = held(context.progress('updates'));
  await using generator = held(await openPackageGenerator(opened, 2));
  await using evaluator = held(await trainEvaluator({ ...options, dataset, say, progress }, context));
  const { signal } = context;
  const outcomes = await measure(opened, generator, evaluator, own, options, { progress, signal, say });
  return { outcomes, quality: { finds: null, measures: evaluator.quality } };
}

async function measure(
  { model }: ModelPackage,
  generator: NativeGenerator,
  evaluator: AttributePredictor,
  directions: readonly FoundDirection[],
  { seed, mostMoved }: MeasuringOptions,
  {
    progress,
    signal,
    say,
  }: { readonly progress: JobProgress; readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<Outcome[]> {
  say('measuring directions on new latents');
  const measured = await measureDirections({
    ...{ model, generator, evaluator, directions, signal },
    // Another stream than the search's.
    random: new Random(seed + 3),
    onProgress: (done, total) => progress.show('measuring', done, total),
  });
  return measured.map((direction) => {
    const { success = 0, othersMoved = 0 } = direction.figures;
    return { name: direction.name, isKept: score({ success, othersMoved }, mostMoved) === 0, direction };
  });
}

/**
 * The package's generator as tfjs ops, from the checkpoint that it was exported from, be it one of the run's steps or its best one.
 * Without that checkpoint, and for an imported model, the result of `without`, which is called with the reason.
 */
async function frozenGenerator(
  { folder, model }: ModelPackage,
  without: (why: string) => null,
): Promise<FrozenGenerator | null> {
  if (model.training === null) return without('the model was imported');
  const { steps } = model.training;
  try {
    const best = await openTrainedRun(folder, 'best').catch(() => null);
    if (best?.checkpoint.metadata.step === steps) return best.generator;
    return (await openTrainedRun(folder, String(steps))).generator;
  } catch (error) {
    if (error instanceof CheckpointError) return without(error.message);
    const missing = `its checkpoint, step ${steps}, is in no run around it; give the run's model, or export the run's newest step first`;
    if (error instanceof UserError) return without(missing);
    throw error;
  }
}
