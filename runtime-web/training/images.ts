// The images that a page trains on, and their batches, as the trainer makes them.
import { conditionColumns } from '../format/condition.ts';
import { lengthOf, sizeText } from '../format/image-shape.ts';
import { minImages } from '../format/training/image-counts.ts';
import type { RealBatch } from '../format/training/draws.ts';
import type { BatchOrder } from '../format/training/batch-order.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';

/** Images or points, and what conditions them, by index. */
export interface TrainingImages<Values extends Uint8Array | Float32Array = Uint8Array | Float32Array> {
  /** Lower case letters, digits and hyphens. */
  readonly name: string;
  readonly count: number;
  /** [height, width, channels] uint8, or float32 as the networks get it, such as a point. */
  image(index: number): Values;
  /** The class of each; null without. */
  readonly labels: Int32Array | null;
  /** Attributes or numbers as the networks get them, [columns]; null without. */
  readonly row: ((index: number) => ArrayLike<number>) | null;
  /** Is told which images are needed soon, in their order; absent where that is of no use. */
  readonly ahead?: (indices: Int32Array) => void;
  /** Ends what `ahead` began. */
  readonly end?: () => void;
}

/** Images that a page gives. */
export interface GivenImages {
  /** [n, height, width, channels] of the package's shape; with 4 channels the colour is premultiplied. */
  readonly images: Uint8Array;
  /** [n] indices into the package's classes, for a package of classes. */
  readonly labels?: Int32Array | undefined;
  /** [n, columns], for a package of attributes (0 or 1) or of numbers (each scaled to [-1, 1]). */
  readonly condition?: Float32Array | undefined;
  /** Lower case letters, digits and hyphens. Default: pictures. */
  readonly name?: string | undefined;
}

/** The data of a training: the built-in faces (by default as many as the trainer's), or given images. */
export type TrainingData = 'avatars' | { readonly avatars: number } | GivenImages;

/** The part of a package that its images depend on. */
export type Shaped = Pick<TrainablePackage, 'width' | 'height' | 'channels' | 'conditioning'>;

/** Images that a page gives. Throws RangeError for those that do not fit the package. */
export function givenImages(
  { images, labels, condition, name = 'pictures' }: GivenImages,
  shaped: Shaped,
): TrainingImages<Uint8Array> {
  const length = lengthOf(shaped);
  const shape = `${sizeText(shaped)} with ${shaped.channels} channels`;
  const count = images.length / length;
  if (!Number.isInteger(count))
    throw new RangeError(`images: got ${images.length} bytes, expected ${length} for each image of ${shape}`);
  if (count < minImages)
    throw new RangeError(
      `images: got ${count}, expected at least ${minImages} of ${shape}; add images (hundreds are better)`,
    );
  if (!/^[a-z0-9-]{1,60}$/.test(name))
    throw new RangeError(`name: got ${name}, expected lower case letters, digits and hyphens`);
  const { conditioning } = shaped;
  const columns = conditionColumns(conditioning);
  if (conditioning?.kind === 'classes') {
    if (labels?.length !== count)
      throw new RangeError(
        `labels: got ${labels?.length ?? 'none'}, expected one of ${columns} classes for each of ${count} images`,
      );
    const bad = labels.find((label) => label < 0 || label >= columns);
    if (bad !== undefined) throw new RangeError(`labels: got ${bad}, expected 0 to ${columns - 1}`);
  }
  const hasRows = conditioning?.kind === 'attributes' || conditioning?.kind === 'numbers';
  if (hasRows && condition?.length !== count * columns)
    throw new RangeError(
      `condition: got ${condition?.length ?? 'none'}, expected ${columns} numbers for each of ${count} images`,
    );
  return {
    name,
    count,
    image: (index) => images.subarray(index * length, (index + 1) * length),
    labels: conditioning?.kind === 'classes' ? labels! : null,
    row: hasRows ? (index) => condition!.subarray(index * columns, (index + 1) * columns) : null,
  };
}

/** The images of a batch as the networks get them. */
export function batchOf(
  images: TrainingImages,
  { indices, isFlipped }: Pick<BatchOrder, 'indices' | 'isFlipped'>,
  shaped: Shaped,
): RealBatch {
  const length = lengthOf(shaped);
  const floats = new Float32Array(indices.length * length);
  const columns = images.row === null ? 0 : conditionColumns(shaped.conditioning);
  const condition = images.row && new Float32Array(indices.length * columns);
  indices.forEach((index, i) => {
    const into = floats.subarray(i * length, (i + 1) * length);
    const bytes = images.image(index);
    if (bytes instanceof Float32Array) into.set(bytes);
    else if (isFlipped[i]) mirror(bytes, into, shaped);
    else for (let k = 0; k < length; k++) into[k] = bytes[k]! / 127.5 - 1;
    condition?.set(images.row!(index), i * columns);
  });
  return {
    images: floats,
    labels: images.labels && indices.map((index) => images.labels![index]!),
    condition,
  };
}

function mirror(bytes: Uint8Array, into: Float32Array, { width, channels }: Shaped): void {
  const line = width * channels;
  for (let i = 0; i < bytes.length; i++) {
    const x = Math.floor((i % line) / channels);
    into[i] = bytes[i + (width - 1 - 2 * x) * channels]! / 127.5 - 1;
  }
}
