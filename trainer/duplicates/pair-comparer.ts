// What one thread does of the comparing: pairs of pictures, one after the other, each held against its like closely.
import type { PictureSet } from './collect-pictures.ts';
import { difference } from './difference.ts';
import { PreparedPictures } from './prepared-pictures.ts';

/** Pictures, and which of them to compare. */
export interface PairsToCompare {
  readonly pictures: Pick<PictureSet, 'pixels' | 'channels'>;
  /** [n, 2], by the pictures' numbers. */
  readonly pairs: Uint32Array;
  /** [n]: the differences, once they are known. */
  readonly differences: Float64Array;
}

/** Compares some pairs after others. */
export class PairComparer {
  private readonly work: PairsToCompare;
  private readonly prepared: PreparedPictures;

  constructor(work: PairsToCompare) {
    this.work = work;
    this.prepared = new PreparedPictures(work.pictures);
  }

  /** Fills in the differences of the pairs from one to before another. */
  compare(from: number, to: number): void {
    const { pairs, differences } = this.work;
    for (let i = from; i < to; i++) {
      const first = this.prepared.get(pairs[2 * i]!);
      differences[i] = difference(first, this.prepared.get(pairs[2 * i + 1]!));
    }
  }
}
