// Exemplars for a sum of attributes, and the success rate of such sums: trains classifiers, searches generated images and runs the
// trials.
import { resolve } from 'node:path';
import { parseAttributes, type AttributeExpression } from '../attributes/attribute-expression.ts';
import type { AttributeClassifier } from '../attributes/attribute-classifier.ts';
import { runTrials, trialTerms, type SeedTerm, type TrialOutcome } from './arithmetic-trials.ts';
import { findExemplars } from './exemplars.ts';
import { openDataset, type Dataset } from '../../data/dataset.ts';
import type { EngineName } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import { openPackageGenerator } from '../../model-package/draw-latents.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { trainClassifiers } from '../attributes/classifiers.ts';
import type { Job } from '../../job.ts';
import { held } from '../../held.ts';

/** Settings of the classifiers. */
export interface ClassifierOptions {
  readonly data: string;
  readonly steps: number;
  readonly seed: number;
  readonly engine: 'auto' | EngineName;
}

/** Settings of the search and of the trials. */
export interface ExemplarOptions extends ClassifierOptions {
  readonly attributes: string;
  readonly exemplars: number;
  readonly strength: number;
  /** In [0.5, 1). */
  readonly sure: number;
  /** In (0, 1], or null; see findExemplars. */
  readonly steady: number | null;
  /** Maximum number of images to search. */
  readonly samples: number;
  /** 0 for none. */
  readonly trials: number;
}

/** The result. */
export interface AttributeSums {
  readonly expression: AttributeExpression;
  /** Names of the expression's attributes. */
  readonly names: readonly string[];
  /** The terms of each trial, with `exemplars` each; one trial if none was requested. */
  readonly sums: readonly (readonly SeedTerm[])[];
  readonly outcomes: readonly TrialOutcome[];
  /**
   * Accuracy on held-out images of the classifier that chooses and of the evaluator, by the expression's attributes.
   */
  readonly quality: { readonly chooses: readonly number[]; readonly measures: readonly number[] };
  readonly looked: number;
  /** Fraction of random images that have the attributes expected of the sum. */
  readonly shareAsExpected: number;
}

/** Seeds of the search start at this times the seed. */
const seedsApart = 1_000_000;

/**
 * Opens the labelled images for a model's classifier; close them after use. Throws UserError for data without attributes.
 */
export async function openLabelled(
  { model }: ModelPackage,
  data: string,
  { cwd, signal }: Job,
): Promise<Dataset> {
  const { imageSize, channels } = model;
  const dataset = await openDataset({
    data: data === 'avatars' ? data : resolve(cwd, data),
    imageSize,
    channels,
    signal,
  });
  if (dataset.attributes !== null) return dataset;
  await dataset.close();
  throw new UserError(
    `data ${dataset.name}: has no attributes; expected avatars, or CelebA with list_attr_celeba.txt`,
  );
}

/** Finds exemplars for the terms of a sum, and runs the trials. */
export async function attributeSums(
  opened: ModelPackage,
  options: ExemplarOptions,
  say: (line: string) => void,
  context: Job,
): Promise<AttributeSums> {
  const { warn, signal } = context;
  const { model } = opened;
  const { trials, exemplars, strength, sure, steady, samples, seed, steps, engine } = options;
  await using dataset = held(await openLabelled(opened, options.data, context));
  await using progress = held(context.progress('updates'));
  await using search = held(context.progress('groups'));
  // First, because it may contain a typo.
  parseAttributes(options.attributes, dataset.attributes!);
  await using generator = held(await openPackageGenerator(opened));
  const hasSecond = trials > 0;
  await using classifiers = held(
    await trainClassifiers({ dataset, engine, seed, steps, hasSecond, say, progress }, context),
  );
  const { classifier, evaluator } = classifiers;
  const expression = parseAttributes(options.attributes, classifier.attributes);
  const settings = [...new Set([1, exemplars])].flatMap((count) =>
    [...new Set([1, strength])].map((s) => ({ exemplars: count, strength: s })),
  );
  const needed = Math.max(1, trials);
  const { groups, looked, shareAsExpected } = await findExemplars({
    ...{ model, generator, classifier, expression, needed, size: exemplars, sure, steady, signal },
    firstSeed: seed * seedsApart,
    most: samples,
    onProgress: (done, total) => search.show('exemplars', done, total),
  });
  const fewest = groups.reduce((least, list, t) => (list.length < groups[least]!.length ? t : least), 0);
  const possible = Math.min(needed, groups[fewest]!.length);
  const short =
    `${groups[fewest]!.length} of ${needed} groups of ${exemplars} exemplars of ` +
    `'${expression.terms[fewest]!.text}' among ${looked} pictures`;
  if (possible === 0) throw new UserError(`${short}; give more --samples, a lower --sure or --steady none`);
  if (possible < needed) warn(`warning: ${short}, so ${possible} trials; give more --samples`);
  const outcomes =
    trials === 0
      ? []
      : await runTrials({
          model,
          generator,
          evaluator,
          expression,
          groups,
          settings,
          trials: possible,
          signal,
        });
  const qualityOf = (by: AttributeClassifier): number[] =>
    expression.attributes.map((a) => by.quality[by.attributes[a]!.name]!);
  return {
    expression,
    names: expression.attributes.map((a) => classifier.attributes[a]!.name),
    sums: Array.from({ length: possible }, (_, i) => trialTerms(expression, groups, i)),
    outcomes,
    quality: { chooses: qualityOf(classifier), measures: qualityOf(evaluator) },
    looked,
    shareAsExpected,
  };
}
