// Finds exemplars of attributes among the generated images of consecutive seeds, by a classifier's predictions. No image is used
// twice. The mean of a group must show the attributes too, as in figure 7 of Radford 2016. With `--steady s`, exemplars and mean
// must still be classified the same after scaling their latents by s, so that borderline images are not averaged.
import { meanLatent } from '../../../runtime-web/format/latents.ts';
import type { Model } from '../../../runtime-web/format/model.ts';
import { latentFromSeed, Random } from '../../../runtime-web/format/random.ts';
import type { NativeGenerator } from '../../model-package/native-generator.ts';
import type { AttributeClassifier } from '../attributes/attribute-classifier.ts';
import type { AttributeExpression } from '../attributes/attribute-expression.ts';
import { predictLatents } from '../attributes/predict-latents.ts';

/** Result of {@link findExemplars}. */
export interface Exemplars {
  /** Groups of seeds for each term: `needed` groups, or fewer if the search ends first. */
  readonly groups: readonly (readonly (readonly number[])[])[];
  /** Number of images searched. */
  readonly looked: number;
  /** Fraction of these images that have exactly the attributes expected of the sum, by the classifier. */
  readonly shareAsExpected: number;
}

const batch = 256;
/** Number of times that unused exemplars are regrouped once no images are left to search. */
const lastRounds = 12;

/**
 * Finds `needed` groups of `size` exemplars for each term, among at most `maxSamples` images from `firstSeed` on. Throws the
 * signal's reason when aborted.
 */
export async function findExemplars(given: {
  readonly model: Pick<Model, 'latent'>;
  readonly generator: NativeGenerator;
  readonly classifier: AttributeClassifier;
  readonly expression: AttributeExpression;
  readonly needed: number;
  readonly size: number;
  /** Min probability that an exemplar has (or lacks) each attribute that the expression names, in [0.5, 1). */
  readonly sure: number;
  /**
   * Scale factor in (0, 1] at which exemplars and means must still be classified the same; null skips this check, and the
   * check of the unscaled means too.
   */
  readonly steady: number | null;
  readonly firstSeed: number;
  readonly maxSamples: number;
  readonly signal: AbortSignal;
  /** Called with the number of groups found so far. */
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<Exemplars> {
  const { model, generator, classifier, expression, needed, size, sure, steady } = given;
  const { firstSeed, maxSamples, signal, onProgress } = given;
  const { dim, distribution } = model.latent;
  const { attributes, terms, expected } = expression;
  const width = classifier.attributes.length;
  /** Probabilities of the expression's attributes for latents multiplied by `scale`. */
  const predicted = async (latents: readonly Float32Array[], scale = 1): Promise<number[][]> => {
    const all = new Float32Array(latents.length * dim);
    latents.forEach((z, i) => all.set(scale === 1 ? z : z.map((value) => scale * value), i * dim));
    const predictions = await predictLatents({ generator, classifier, latents: all, dim, signal });
    return latents.map((_, i) => attributes.map((a) => predictions[i * width + a]!));
  };
  const fits = (probabilities: readonly number[], term: number): boolean =>
    probabilities.every((p, a) => (terms[term]!.has[a] === true ? p : 1 - p) >= sure);
  const latentOf = (seed: number): Float32Array<ArrayBuffer> => latentFromSeed(seed, dim, distribution);
  const random = new Random(firstSeed);
  const groups: number[][][] = terms.map(() => []);
  const waiting: number[][] = terms.map(() => []);

  /** Forms groups of waiting exemplars and keeps those whose mean shows the term. */
  const group = async (term: number): Promise<void> => {
    const list = waiting[term]!;
    const tried: number[][] = [];
    while (list.length >= size && tried.length < needed) tried.push(list.splice(0, size));
    const means = tried.map((seeds) => meanLatent(seeds.map(latentOf)));
    const [plain, scaled] =
      steady === null || tried.length === 0
        ? [null, null]
        : [await predicted(means), await predicted(means, steady)];
    const rejected: number[] = [];
    for (const [i, seeds] of tried.entries()) {
      const isGood = plain === null || (fits(plain[i]!, term) && fits(scaled[i]!, term));
      if (isGood && groups[term]!.length < needed) groups[term]!.push(seeds);
      else rejected.push(...seeds);
    }
    list.push(...random.shuffle(rejected));
  };
  const isFull = (term: number): boolean => groups[term]!.length >= needed;
  const openTerms = (): number[] => terms.flatMap((_, t) => (isFull(t) ? [] : [t]));

  let [looked, asExpected] = [0, 0];
  for (let round = 0; openTerms().length > 0 && round < lastRounds;) {
    const isExhausted = looked >= maxSamples;
    if (isExhausted) round += 1;
    const count = Math.min(batch, maxSamples - looked);
    const seeds = Array.from({ length: isExhausted ? 0 : count }, (_, i) => firstSeed + looked + i);
    const probabilities = await predicted(seeds.map(latentOf));
    asExpected += probabilities.filter((row) => row.every((p, a) => p > 0.5 === expected[a])).length;
    let found = seeds.flatMap((seed, i) => {
      const matching = openTerms().filter((term) => fits(probabilities[i]!, term));
      return matching.length === 0 ? [] : [{ seed, matching }];
    });
    if (steady !== null && found.length > 0) {
      const scaled = await predicted(
        found.map(({ seed }) => latentOf(seed)),
        steady,
      );
      found = found.filter(({ matching }, i) => fits(scaled[i]!, matching[0]!));
    }
    for (const { seed, matching } of found) {
      // If an image matches several terms, it goes to the one with the fewest exemplars.
      const exemplarsOf = (term: number): number => groups[term]!.length * size + waiting[term]!.length;
      waiting[
        matching.reduce((fewest, term) => (exemplarsOf(term) < exemplarsOf(fewest) ? term : fewest))
      ]!.push(seed);
    }
    looked += seeds.length;
    for (const term of openTerms()) await group(term);
    onProgress?.(
      groups.reduce((sum, { length }) => sum + length, 0),
      needed * terms.length,
    );
  }
  return { groups, looked, shareAsExpected: asExpected / Math.max(1, looked) };
}
