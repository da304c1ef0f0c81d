// Arithmetic with attributes: trains classifiers, searches generated images for exemplars, and measures how often sums of their
// mean latents show the expected attributes.
import { parseAttributes, type AttributeExpression } from '../attributes/attribute-expression.ts';
import { attributesOf, type AttributePredictor } from '../attributes/attribute-classifier.ts';
import { runTrials, trialTerms, type SeedTerm, type TrialOutcome } from './arithmetic-trials.ts';
import { findExemplars } from './exemplars.ts';
import type { EngineName } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import { openPackageGenerator } from '../../model-package/draw-latents.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { trainClassifiers } from '../attributes/classifiers.ts';
import { openLabelled } from '../attributes/open-labelled.ts';
import type { Job } from '../../job.ts';
import { held } from '../../held.ts';

/** Settings of the classifiers: their labelled images, number of updates, seed and engine. */
export interface ClassifierOptions {
  /** Labelled images: `avatars`, or a path; and the path of their labels, null for those among the images. */
  readonly data: string;
  readonly labels: string | null;
  readonly steps: number;
  readonly seed: number;
  readonly engine: 'auto' | EngineName;
}

/** Settings of the search and of the trials. */
export interface ExemplarOptions extends ClassifierOptions {
  /** The sum, such as `glasses - none + hat`. */
  readonly attributes: string;
  /** Exemplars per term. */
  readonly exemplars: number;
  /** See SumSettings. */
  readonly strength: number;
  /** Min probability of each attribute of an exemplar, in [0.5, 1). */
  readonly sure: number;
  /** Scale factor in (0, 1], or null; see findExemplars. */
  readonly steady: number | null;
  /** Max number of images to search. */
  readonly samples: number;
  /** Number of trials; 0 for none. */
  readonly trials: number;
}

/** Result of {@link attributeSums}. */
export interface AttributeSums {
  readonly expression: AttributeExpression;
  /** Names of the expression's attributes. */
  readonly names: readonly string[];
  /** The terms of each trial, with `exemplars` each; one trial if none was requested. */
  readonly sums: readonly (readonly SeedTerm[])[];
  readonly outcomes: readonly TrialOutcome[];
  /**
   * Accuracy on held-out images for each of the expression's attributes, of the classifier that chose the exemplars and of the
   * evaluator.
   */
  readonly quality: { readonly chooses: readonly number[]; readonly measures: readonly number[] };
  /** Number of images searched. */
  readonly looked: number;
  /** Fraction of the searched images that have exactly the attributes expected of the sum. */
  readonly shareAsExpected: number;
}

/** With seed s the search starts at image seed s · `seedStride`. */
const seedStride = 1_000_000;

/** Finds exemplars for the terms of a sum, and runs the trials. Throws UserError if there are too few for a single sum. */
export async function attributeSums(
  opened: ModelPackage,
  options: ExemplarOptions,
  say: (line: string) => void,
  context: Job,
): Promise<AttributeSums> {
  const { warn, signal } = context;
  const { model } = opened;
  const { trials, exemplars, strength, sure, steady, samples, seed, steps, engine } = options;
  await using dataset = held(await openLabelled(opened, options, context));
  await using progress = held(context.progress('updates'));
  await using search = held(context.progress('groups'));
  // Parsed before anything is trained, so that a typo is reported at once.
  parseAttributes(options.attributes, attributesOf(dataset));
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
    firstSeed: seed * seedStride,
    maxSamples: samples,
    onProgress: (done, total) => search.show('exemplars', done, total),
  });
  const fewest = groups.reduce(
    (smallest, list, t) => (list.length < groups[smallest]!.length ? t : smallest),
    0,
  );
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
  const qualityOf = (by: AttributePredictor): number[] =>
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
