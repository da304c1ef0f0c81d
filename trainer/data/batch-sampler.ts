// Samples batches indefinitely: each epoch is a new random order of all images, so a batch may begin in one epoch and end in the
// next. Its state is a few numbers, saved with each checkpoint, from which it continues exactly.
import { lengthOf, type Channels } from '../../runtime-web/format/image-shape.ts';
import { EpochOrders, type DataPosition } from '../../runtime-web/format/training/batch-order.ts';
import { UserError } from '../errors.ts';
import type { Dataset } from './dataset.ts';
import { toFloat } from '../pictures/pixels.ts';

/** A batch of images; the arrays are the caller's own. */
export interface Batch {
  /** [batch, height, width, channels] in [-1, 1]. */
  readonly images: Float32Array<ArrayBuffer>;
  /** [batch] indices into the class names; null where there are no classes. */
  readonly labels: Int32Array<ArrayBuffer> | null;
  /** [batch, columns] of {@link BatchSamplerOptions.condition}; null without it. */
  readonly condition: Float32Array<ArrayBuffer> | null;
  /** [batch] indices into the dataset. */
  readonly indices: Int32Array<ArrayBuffer>;
}

/** An attribute as a network gets it: `index` among the dataset's, and `factor` times the value plus `offset`. */
export interface ScaledAttribute {
  readonly index: number;
  readonly factor: number;
  readonly offset: number;
}

/** Settings. */
export interface BatchSamplerOptions {
  readonly batch: number;
  /** Random seed of orders and flips; an integer in [0, 2^53). */
  readonly seed: number;
  /** Mirror half of the images at random. */
  readonly flip: boolean;
  /** Attributes that come with the images, scaled; null or absent for none. */
  readonly condition?: readonly ScaledAttribute[] | null | undefined;
  /** Continues from a state of a sampler with the same options. */
  readonly state?: DataPosition | undefined;
}

/** Minimum of `--batch`, as the table of configuration keys has it. */
const minBatch = 2;

/** uint8 to [-1, 1]. */
const scale = Float32Array.from({ length: 256 }, (_, byte) => toFloat(byte));

/** Samples batches from a dataset, reading one ahead. */
export class BatchSampler {
  private readonly dataset: Dataset;
  private readonly options: BatchSamplerOptions;
  private readonly orders: EpochOrders;
  private current: DataPosition;
  private ahead: Promise<{ batch: Batch; after: DataPosition }> | null = null;

  /** Throws UserError for a dataset of fewer images than a batch, or of another size than the state's. */
  constructor(dataset: Dataset, options: BatchSamplerOptions) {
    const { batch, seed, state } = options;
    if (!Number.isInteger(batch) || batch < 1) {
      throw new RangeError(`batch: got ${batch}, expected a positive integer`);
    }
    if (dataset.count < batch) {
      throw new UserError(
        `data ${dataset.name}: ${dataset.count} ${dataset.count === 1 ? 'image is less' : 'images are fewer'} than one batch of ${batch}; ` +
          (dataset.count < minBatch
            ? `a batch has at least ${minBatch}, so add images`
            : `add images, or use --batch ${dataset.count}${dataset.count > minBatch ? ' or less' : ''}`),
      );
    }
    if (state !== undefined && state.count !== dataset.count) {
      throw new UserError(
        `data ${dataset.name}: ${dataset.count} images now, ${state.count} when the run was saved; resume it with the same data`,
      );
    }
    this.orders = new EpochOrders(seed);
    this.dataset = dataset;
    this.options = options;
    this.current = state ?? this.orders.start(dataset.count);
  }

  /** State before the next batch; a batch that was read ahead does not count. */
  get state(): DataPosition {
    return this.current;
  }

  /**
   * The next batch; one call at a time. Throws errors of reading (the same batch can be requested again), or the signal's
   * reason.
   */
  async next(signal?: AbortSignal): Promise<Batch> {
    signal?.throwIfAborted();
    const pending = this.ahead ?? this.sample(this.current);
    this.ahead = null;
    const { batch, after } = await pending;
    this.current = after;
    this.ahead = this.sample(after);
    this.ahead.catch(() => undefined);
    return batch;
  }

  /** Waits for the batch that is being read ahead and drops it. The dataset may be closed afterwards. */
  async close(): Promise<void> {
    await this.ahead?.catch(() => undefined);
    this.ahead = null;
  }

  private async sample(from: DataPosition): Promise<{ batch: Batch; after: DataPosition }> {
    const { width, channels, classNames } = this.dataset;
    const { batch, condition: scaled = null } = this.options;
    const { indices, isFlipped, after } = this.orders.batchAt(from, this.options);
    const imageLength = lengthOf(this.dataset);
    const pixels = new Uint8Array(batch * imageLength);
    const labels = classNames === null ? null : new Int32Array(batch);
    await this.dataset.readInto(indices, pixels, labels ?? undefined);
    const condition = scaled && (await this.conditionOf(indices, scaled));
    const images = new Float32Array(pixels.length);
    for (let i = 0; i < batch; i++) {
      const part = [i * imageLength, (i + 1) * imageLength] as const;
      if (isFlipped[i]) mirror(pixels.subarray(...part), images.subarray(...part), width, channels);
      else toFloats(pixels, images, ...part);
    }
    return { batch: { images, labels, condition, indices }, after };
  }

  private async conditionOf(
    indices: Int32Array,
    scaled: readonly ScaledAttribute[],
  ): Promise<Float32Array<ArrayBuffer>> {
    const width = this.dataset.attributes?.length ?? 0;
    const values = new Float32Array(indices.length * width);
    await this.dataset.readAttributes(indices, values);
    const rows = new Float32Array(indices.length * scaled.length);
    scaled.forEach(({ index, factor, offset }, column) => {
      for (let i = 0; i < indices.length; i++) {
        rows[i * scaled.length + column] = factor * values[i * width + index]! + offset;
      }
    });
    return rows;
  }
}

/** Pixels from `start` to `end` as floats. */
function toFloats(pixels: Uint8Array, floats: Float32Array, start: number, end: number): void {
  for (let i = start; i < end; i++) floats[i] = scale[pixels[i]!]!;
}

/** Pixels [height, width, channels] as floats, mirrored left to right. */
function mirror(pixels: Uint8Array, floats: Float32Array, width: number, channels: Channels): void {
  const line = width * channels;
  for (let row = 0; row < pixels.length; row += line) {
    let to = row;
    for (let from = row + line - channels; from >= row; from -= channels) {
      floats[to++] = scale[pixels[from]!]!;
      // Unrolled: a loop over three channels takes twice as long.
      if (channels === 1) continue;
      floats[to++] = scale[pixels[from + 1]!]!;
      floats[to++] = scale[pixels[from + 2]!]!;
      if (channels === 4) floats[to++] = scale[pixels[from + 3]!]!;
    }
  }
}
