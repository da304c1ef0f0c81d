// Per-thread worker: computes the exact difference of one pair of images after another.
import type { PictureSet } from './collect-pictures.ts';
import { difference } from './difference.ts';
import { PreparedPictures } from './prepared-pictures.ts';

/** Images, and the pairs to compare. */
export interface PairsToCompare {
  readonly pictures: Pick<PictureSet, 'pixels' | 'channels'>;
  /** [n, 2] image indices. */
  readonly pairs: Uint32Array;
  /** [n] differences, to be filled in. */
  readonly differences: Float64Array;
}

/** Compares ranges of pairs. */
export class PairComparer {
  private readonly work: PairsToCompare;
  private readonly prepared: PreparedPictures;

  constructor(work: PairsToCompare) {
    this.work = work;
    this.prepared = new PreparedPictures(work.pictures);
  }

  /** Fills in the differences of the pairs in [from, to). */
  compare(from: number, to: number): void {
    const { pairs, differences } = this.work;
    for (let i = from; i < to; i++) {
      const first = this.prepared.get(pairs[2 * i]!);
      differences[i] = difference(first, this.prepared.get(pairs[2 * i + 1]!));
    }
  }
}
