// Exemplars by attribute: pictures that a classifier is sure of, found among images number so-and-so onwards, so that each has a
// seed that can be written down and looked at. No picture serves twice.
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import type { Model } from '../../runtime-web/format/model.ts';
import type { NativeGenerator } from '../export/native-generator.ts';
import type { AttributeClassifier } from './attribute-classifier.ts';
import type { AttributeExpression } from './attribute-expression.ts';
import { judgeLatents } from './judge-latents.ts';

/** What was found. */
export interface Exemplars {
  /** Seeds for each term, as many as were needed or could be found, in their order. */
  readonly seeds: readonly (readonly number[])[];
  /** Pictures that were looked at. */
  readonly looked: number;
  /** Share of them that have just what the sum should have, by the classifier. */
  readonly shareAsExpected: number;
}

const batch = 256;

/**
 * Finds `needed` exemplars for each term, of which the classifier is at least `sure` in each attribute that the expression
 * names, among at most `most` pictures from `firstSeed` on. Throws the signal's reason when aborted.
 */
export async function findExemplars(given: {
  readonly model: Pick<Model, 'latent'>;
  readonly generator: NativeGenerator;
  readonly classifier: AttributeClassifier;
  readonly expression: AttributeExpression;
  readonly needed: number;
  /** In [0.5, 1). */
  readonly sure: number;
  readonly firstSeed: number;
  readonly most: number;
  readonly signal: AbortSignal;
  /** Hears how many of all exemplars are there. */
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<Exemplars> {
  const { model, generator, classifier, expression, needed, sure, firstSeed, most, signal, onProgress } =
    given;
  const { dim, distribution } = model.latent;
  const { attributes, terms, expected } = expression;
  const width = classifier.attributes.length;
  const found: number[][] = terms.map(() => []);
  let [looked, asExpected] = [0, 0];
  while (looked < most && found.some(({ length }) => length < needed)) {
    const seeds = Array.from({ length: Math.min(batch, most - looked) }, (_, i) => firstSeed + looked + i);
    const latents = new Float32Array(seeds.length * dim);
    seeds.forEach((seed, i) => latents.set(latentFromSeed(seed, dim, distribution), i * dim));
    const verdicts = await judgeLatents({ generator, classifier, latents, dim, signal });
    for (const [i, seed] of seeds.entries()) {
      const likely = attributes.map((a) => verdicts[i * width + a]!);
      if (likely.every((p, a) => p > 0.5 === expected[a])) asExpected += 1;
      const term = terms
        .map(({ has }, t) => ({ t, fits: likely.every((p, a) => (has[a] === true ? p : 1 - p) >= sure) }))
        .filter(({ t, fits }) => fits && found[t]!.length < needed)
        // Of terms that are alike, the one that has fewer.
        .sort((a, b) => found[a.t]!.length - found[b.t]!.length)[0];
      if (term !== undefined) found[term.t]!.push(seed);
    }
    looked += seeds.length;
    const total = needed * terms.length;
    onProgress?.(
      found.reduce((sum, { length }) => sum + length, 0),
      total,
    );
  }
  return { seeds: found, looked, shareAsExpected: asExpected / Math.max(1, looked) };
}
