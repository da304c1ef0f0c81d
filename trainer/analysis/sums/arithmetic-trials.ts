// Measures how often a sum of mean latents has the expected attributes: many trials, each with its own exemplars, predicted by a
// classifier.
import { sumOfMeans, type Latent } from '../../../runtime-web/format/latents.ts';
import { latentFromSeed } from '../../../runtime-web/format/random.ts';
import type { Model } from '../../../runtime-web/format/model.ts';
import type { NativeGenerator } from '../../model-package/native-generator.ts';
import type { AttributePredictor } from '../attributes/attribute-classifier.ts';
import type { AttributeExpression } from '../attributes/attribute-expression.ts';
import type { Exemplars } from './exemplars.ts';
import { predictLatents } from '../attributes/predict-latents.ts';

/** Settings of a sum. */
export interface SumSettings {
  /** Exemplars per term. */
  readonly exemplars: number;
  /** Distance from the mean of the subtracted terms: 1 is the plain sum. */
  readonly strength: number;
}

/** Result of the trials, by the evaluator's predictions. */
export interface TrialOutcome extends SumSettings {
  readonly trials: number;
  /** Fraction of the sums that have each of the expression's attributes. */
  readonly shares: readonly number[];
  /** Fraction of the sums in which every attribute is as expected. */
  readonly asExpected: number;
}

/** The terms of a sum, by the seeds of their exemplars. */
export interface SeedTerm {
  readonly sign: 1 | -1;
  readonly seeds: readonly number[];
}

/**
 * The sum of the terms' means, [dim]. With a strength s other than 1 it is s times as far from the mean of the subtracted
 * terms, on the same line: B + s(A − B) + s(C − B) for A − B + C.
 */
export function sumOfSeeds(model: Pick<Model, 'latent'>, terms: readonly SeedTerm[], strength = 1): Latent {
  const { dim, distribution } = model.latent;
  const latentTerms = terms.map(({ sign, seeds }) => ({
    sign,
    exemplars: seeds.map((seed) => latentFromSeed(seed, dim, distribution)),
  }));
  const sum = sumOfMeans(latentTerms, dim);
  if (strength === 1) return sum;
  const subtracted = latentTerms.filter(({ sign }) => sign < 0);
  const base = sumOfMeans(
    subtracted.map((term) => ({ ...term, sign: 1 })),
    dim,
  ).map((value) => value / Math.max(1, subtracted.length));
  return sum.map((value, i) => base[i]! + strength * (value - base[i]!));
}

/** The terms of trial `number`, with `exemplars` of each group; no two trials share exemplars. */
export function trialTerms(
  { terms }: Pick<AttributeExpression, 'terms'>,
  groups: Exemplars['groups'],
  number: number,
  exemplars?: number,
): SeedTerm[] {
  return terms.map(({ sign }, t) => ({ sign, seeds: groups[t]![number]!.slice(0, exemplars) }));
}

/** Runs `trials` for each of the settings, with the same exemplars where possible. */
export async function runTrials(given: {
  readonly model: Pick<Model, 'latent'>;
  readonly generator: NativeGenerator;
  /** Not the classifier that selected the exemplars. */
  readonly evaluator: AttributePredictor;
  readonly expression: AttributeExpression;
  /** A group of exemplars for each term and trial; settings with fewer exemplars use the first of a group. */
  readonly groups: Exemplars['groups'];
  readonly settings: readonly SumSettings[];
  readonly trials: number;
  readonly signal: AbortSignal;
}): Promise<TrialOutcome[]> {
  const { model, generator, evaluator, expression, groups, settings, trials, signal } = given;
  const { dim } = model.latent;
  const { attributes, expected } = expression;
  const outcomes: TrialOutcome[] = [];
  for (const { exemplars, strength } of settings) {
    const latents = new Float32Array(trials * dim);
    for (let i = 0; i < trials; i++) {
      const terms = trialTerms(expression, groups, i, exemplars);
      latents.set(sumOfSeeds(model, terms, strength), i * dim);
    }
    const predictions = await predictLatents({ generator, classifier: evaluator, latents, dim, signal });
    const width = evaluator.attributes.length;
    const rows = Array.from({ length: trials }, (_, i) =>
      attributes.map((a) => predictions[i * width + a]! > 0.5),
    );
    const shareOf = (isCounted: (row: readonly boolean[]) => boolean): number =>
      rows.filter(isCounted).length / trials;
    outcomes.push({
      exemplars,
      strength,
      trials,
      shares: attributes.map((_, a) => shareOf((row) => row[a] === true)),
      asExpected: shareOf((row) => row.every((has, a) => has === expected[a])),
    });
  }
  return outcomes;
}
