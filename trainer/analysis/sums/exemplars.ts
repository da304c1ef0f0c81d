// Exemplars by attribute: pictures that a classifier is sure of, found among images number so-and-so onwards, so that each has a
// seed that can be written down and looked at. No picture serves twice. As in the paper's figure, their mean has to show the thing
// too; and where they are to be steady, the exemplars and their mean still show it at a part of their latents' length: what is
// there by a narrow margin does not survive being added to something else.
import { meanLatent } from '../../../runtime-web/format/latents.ts';
import type { Model } from '../../../runtime-web/format/model.ts';
import { latentFromSeed, Random } from '../../../runtime-web/format/random.ts';
import type { NativeGenerator } from '../../model-package/native-generator.ts';
import type { AttributeClassifier } from '../attributes/attribute-classifier.ts';
import type { AttributeExpression } from '../attributes/attribute-expression.ts';
import { predictLatents } from '../attributes/predict-latents.ts';

/** What was found. */
export interface Exemplars {
  /** For each term groups of seeds, as many as were needed or could be found. */
  readonly groups: readonly (readonly (readonly number[])[])[];
  /** Pictures that were looked at. */
  readonly looked: number;
  /** Share of them that have just what the sum should have, by the classifier. */
  readonly shareAsExpected: number;
}

const batch = 256;
/** How often those that made no group are put together anew when there are no more pictures to look at. */
const lastRounds = 12;

/**
 * Finds `needed` groups of `size` exemplars for each term, of which the classifier is at least `sure` in each attribute that
 * the expression names, among at most `most` pictures from `firstSeed` on. Throws the signal's reason when aborted.
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
  /** The part of their length at which exemplars and means have to show the same, in (0, 1]; null asks nothing of means. */
  readonly steady: number | null;
  readonly firstSeed: number;
  readonly most: number;
  readonly signal: AbortSignal;
  /** Hears how many of all groups are there. */
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<Exemplars> {
  const { model, generator, classifier, expression, needed, size, sure, steady } = given;
  const { firstSeed, most, signal, onProgress } = given;
  const { dim, distribution } = model.latent;
  const { attributes, terms, expected } = expression;
  const width = classifier.attributes.length;
  /** How likely each of the expression's attributes is in the pictures of latents that are `share` as long. */
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

  /** Puts those that wait into groups, and keeps the groups whose mean shows the term. */
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
      // Of terms that are alike, the one that has fewer.
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
