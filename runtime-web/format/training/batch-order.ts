// The order in which a run sees its images: each epoch is a new random order of all of them, so a batch may begin in one epoch and end in
// the next. The position is a few numbers, from which it continues exactly.
import { below, isListOf, isObject, isWhole, refuse, type Check } from '../fields.ts';
import { LatentRandom, type RandomState } from '../random.ts';
import { Permutation } from './permutation.ts';

/** The position of a run in its data, as plain JSON: the number of images returned so far, and the random state of the flips. */
export interface DataPosition {
  /** Number of images in the dataset; the position is only valid for this number. */
  readonly count: number;
  readonly epoch: number;
  /** Number of images returned in this epoch. */
  readonly position: number;
  readonly flips: RandomState;
}

/** The state of a random stream: four 32-bit integers, signed or not. */
export const isRandomState: Check<RandomState> = (value, place) => {
  const words = isListOf(isWhole(-(2 ** 31), 2 ** 32 - 1))(value, place);
  if (words.length !== 4) throw refuse(value, 'a list of 4', place);
  return words as unknown as RandomState;
};

/** A {@link DataPosition} of a file. */
export const isDataPosition: Check<DataPosition> = isObject(({ get }, place) => {
  const state = {
    count: get('count', isWhole(1)),
    epoch: get('epoch', isWhole(0)),
    position: get('position', isWhole(0)),
    flips: get('flips', isRandomState),
  };
  isWhole(0, state.count)(state.position, below(place, 'position'));
  return state;
});

/** The images of one batch. */
export interface BatchOrder {
  /** [batch] indices into the dataset. */
  readonly indices: Int32Array<ArrayBuffer>;
  /** True for the images that are mirrored, [batch]. */
  readonly isFlipped: readonly boolean[];
  /** The position after the batch. */
  readonly after: DataPosition;
}

/** The orders of all epochs of a run with one seed of the data (`runSeeds`). */
export class EpochOrders {
  private readonly key: readonly [number, number];
  private readonly firstFlips: RandomState;

  /** @param seed an integer in [0, 2^53). */
  constructor(seed: number) {
    const random = new LatentRandom(seed);
    this.key = [random.uint32(), random.uint32()];
    this.firstFlips = random.state;
  }

  /** The position at the beginning of a run on `count` images. */
  start(count: number): DataPosition {
    return { count, epoch: 0, position: 0, flips: this.firstFlips };
  }

  /** The batch at a position; with `flip`, half of its images are mirrored at random. */
  batchAt(
    from: DataPosition,
    { batch, flip }: { readonly batch: number; readonly flip: boolean },
  ): BatchOrder {
    const { count } = from;
    const indices = new Int32Array(batch);
    let { epoch, position } = from;
    let order = this.order(count, epoch);
    for (let i = 0; i < batch; i++) {
      if (position === count) {
        epoch += 1;
        position = 0;
        order = this.order(count, epoch);
      }
      indices[i] = order.at(position);
      position += 1;
    }
    const random = new LatentRandom(from.flips);
    const isFlipped = Array.from(indices, () => flip && random.uniform() < 0.5);
    return { indices, isFlipped, after: { count, epoch, position, flips: random.state } };
  }

  private order(count: number, epoch: number): Permutation {
    return new Permutation(count, [(this.key[0] + epoch) >>> 0, this.key[1]]);
  }
}
