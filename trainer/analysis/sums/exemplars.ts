// Finds exemplars by attribute: generated images that a classifier is sure of, with consecutive seeds, so that each can be named
// and drawn again. No image is used twice. As in the paper's figure, the mean of a group must show the attributes too. With
// `--steady s`, exemplars and mean must still be classified the same after scaling their latents by s, so that borderline images
// are not averaged.
import { meanLatent } from '../../../runtime-web/format/latents.ts';
import type { Model } from '../../../runtime-web/format/model.ts';
import { latentFromSeed, Random } from '../../../runtime-web/format/random.ts';
import type { NativeGenerator } from '../../model-package/native-generator.ts';
import type { AttributeClassifier } from '../attributes/attribute-classifier.ts';
import type { AttributeExpression } from '../attributes/attribute-expression.ts';
import { predictLatents } from '../attributes/predict-latents.ts';

/** The result. */
export interface Exemplars {
  /** For each term, groups of seeds: as many as needed, or as could be found. */
  readonly groups: readonly (readonly (readonly number[])[])[];
  /** Number of images searched. */
  readonly looked: number;
  /** Fraction of them that have exactly the attributes expected of the sum, by the classifier. */
  readonly shareAsExpected: number;
}

const batch = 256;
/** Number of times that unused exemplars are regrouped once no images are left to search. */
const lastRounds = 12;

/**
 * Finds `needed` groups of `size` exemplars for each term, among at most `most` images from `firstSeed` on. The
 * classifier is at least `sure` of each attribute that the expression names. Throws the signal's reason when aborted.
 */
export async function findExemplars(given: {
  readonly model: Pick<Model, 'latent'>;
  readonly generator: NativeGenerator;
  readonly classifier: AttributeClassifier;
  readonly expression: AttributeExpression;
  readonly needed: number;
  readonly size: number;
  /** In [0.5, 1). */
  readonly sure: number;
  /**
   * Scale factor at which exemplars and means must still be classified the same, in (0, 1]; null skips
   * this check and that of the means at full length.
   */
  readonly steady: number | null;
  readonly firstSeed: number;
  readonly most: number;
  readonly signal: AbortSignal;
  /** Called with the number of groups found so far. */
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<Exemplars> {
  const { model, generator, classifier, expression, needed, size, sure, steady } = given;
  const { firstSeed, most, signal, onProgress } = given;
  const { dim, distribution } = model.latent;
  const { attributes, terms, expected } = expression;
  const width = classifier.attributes.length;
  /** Probabilities of the expression's attributes for latents scaled by `share`. */
  const predicted = async (latents: readonly Float32Array[], share = 1): Promise<number[][]> => {
    const all = new Float32Array(latents.length * dim);
    latents.forEach((z, i) => all.set(share === 1 ? z : z.map((value) => share * value), i * dim));
    const predictions = await predictLatents({ generator, classifier, latents: all, dim, signal });
    return latents.map((_, i) => attributes.map((a) => predictions[i * width + a]!));
  };
  const fits = (likely: readonly number[], term: number): boolean =>
    likely.every((p, a) => (terms[term]!.has[a] === true ? p : 1 - p) >= sure);
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
    const [whole, part] =
      steady === null || tried.length === 0
        ? [null, null]
        : [await predicted(means), await predicted(means, steady)];
    const parted: number[] = [];
    for (const [i, seeds] of tried.entries()) {
      const isGood = whole === null || (fits(whole[i]!, term) && fits(part[i]!, term));
      if (isGood && groups[term]!.length < needed) groups[term]!.push(seeds);
      else parted.push(...seeds);
    }
    list.push(...random.shuffle(parted));
  };
  const isFull = (term: number): boolean => groups[term]!.length >= needed;
  const open = (): number[] => terms.flatMap((_, t) => (isFull(t) ? [] : [t]));

  let [looked, asExpected] = [0, 0];
  for (let round = 0; open().length > 0 && round < lastRounds;) {
    const isOut = looked >= most;
    if (isOut) round += 1;
    const count = Math.min(batch, most - looked);
    const seeds = Array.from({ length: isOut ? 0 : count }, (_, i) => firstSeed + looked + i);
    const likely = await predicted(seeds.map(latentOf));
    asExpected += likely.filter((row) => row.every((p, a) => p > 0.5 === expected[a])).length;
    let found = seeds.flatMap((seed, i) => {
      const of = open().filter((term) => fits(likely[i]!, term));
      return of.length === 0 ? [] : [{ seed, of }];
    });
    if (steady !== null && found.length > 0) {
      const part = await predicted(
        found.map(({ seed }) => latentOf(seed)),
        steady,
      );
      found = found.filter(({ of }, i) => fits(part[i]!, of[0]!));
    }
    for (const { seed, of } of found) {
      // Of equal terms, the one with fewer exemplars.
      const has = (term: number): number => groups[term]!.length * size + waiting[term]!.length;
      waiting[of.reduce((least, term) => (has(term) < has(least) ? term : least))]!.push(seed);
    }
    looked += seeds.length;
    for (const term of open()) await group(term);
    onProgress?.(
      groups.reduce((sum, { length }) => sum + length, 0),
      needed * terms.length,
    );
  }
  return { groups, looked, shareAsExpected: asExpected / Math.max(1, looked) };
}
