// The seeds of a run: weights, data order and noise have separate streams, so that a larger dataset or a wider network changes only its
// own numbers.
import { LatentRandom } from '../random.ts';

/** The three seeds of a run with this seed, a whole number from 0 to 2^53 - 1. */
export function runSeeds({ seed }: { readonly seed: number }) {
  const seeds = new LatentRandom(seed);
  return { weightSeed: seeds.uint32(), dataSeed: seeds.uint32(), noiseSeed: seeds.uint32() };
}
