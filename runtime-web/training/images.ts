// The images that a page trains on, in the trainer's order: given bytes, or the built-in faces, each drawn when a batch first needs it.
import { avatarAttributes, avatarTable, avatarVector } from '../format/avatars/attributes.ts';
import { drawAvatar } from '../format/avatars/draw-avatar.ts';
import { conditionColumns } from '../format/condition.ts';
import { lengthOf, sizeText } from '../format/image-shape.ts';
import { inChannels } from '../format/in-channels.ts';
import type { RealBatch } from '../format/training/draws.ts';
import type { BatchOrder } from '../format/training/batch-order.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';

/** Images and what conditions them, by index. */
export interface TrainingImages {
  /** Lower case letters, digits and hyphens. */
  readonly name: string;
  readonly count: number;
  /** [height, width, channels] uint8. */
  image(index: number): Uint8Array;
  /** The class of each; null without. */
  readonly labels: Int32Array | null;
  /** Attributes or numbers as the networks get them, [columns]; null without. */
  readonly row: ((index: number) => ArrayLike<number>) | null;
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

/** Number of faces in the trainer's set. */
export const avatarCount = 10_000;

type Shaped = Pick<TrainablePackage, 'width' | 'height' | 'channels' | 'conditioning'>;

/** The images of a training. Throws RangeError for data that do not fit the package. */
export function imagesOf(data: TrainingData, shaped: Shaped): TrainingImages {
  if (data === 'avatars') return avatarImages(avatarCount, shaped);
  return 'avatars' in data ? avatarImages(data.avatars, shaped) : givenImages(data, shaped);
}

function givenImages(
  { images, labels, condition, name = 'pictures' }: GivenImages,
  shaped: Shaped,
): TrainingImages {
  const length = lengthOf(shaped);
  const shape = `${sizeText(shaped)} with ${shaped.channels} channels`;
  const count = images.length / length;
  if (!Number.isInteger(count))
    throw new RangeError(`images: got ${images.length} bytes, expected ${length} for each image of ${shape}`);
  if (count < 2)
    throw new RangeError(
      `images: got ${count}, expected at least 2 of ${shape}, better 12 or more; add images`,
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

function avatarImages(count: number, { conditioning, ...shape }: Shaped): TrainingImages {
  const { width, height, channels } = shape;
  if (!Number.isInteger(count) || count < 2 || count > 100_000)
    throw new RangeError(`avatars: got ${count}, expected a whole number from 2 to 100000`);
  if (width !== height)
    throw new RangeError(
      `avatars: the package's images are ${sizeText(shape)}, faces are squares; give images`,
    );
  if (conditioning?.kind === 'classes')
    throw new RangeError('avatars: the package takes images of classes, faces have none; give images');
  const drawn = new Array<Uint8Array | undefined>(count);
  const attributesOf = (index: number) => avatarAttributes(index, 0);
  const column = (name: string): number => {
    const found = avatarTable.findIndex((each) => each.name === name);
    if (found < 0)
      throw new RangeError(`avatars: faces have no ${name}, which the package takes; give images with it`);
    return found;
  };
  let row: TrainingImages['row'] = null;
  if (conditioning?.kind === 'attributes') {
    const columns = conditioning.names.map(column);
    row = (index) => {
      const all = avatarVector(attributesOf(index));
      return columns.map((at) => all[at]!);
    };
  } else if (conditioning?.kind === 'numbers') {
    const scaled = conditioning.numbers.map(({ name, least, most }) => {
      const factor = 2 / (most - least);
      return { at: column(name), factor, offset: -least * factor - 1 };
    });
    row = (index) => {
      const all = avatarVector(attributesOf(index));
      return scaled.map(({ at, factor, offset }) => factor * all[at]! + offset);
    };
  }
  return {
    name: 'avatars',
    count,
    image: (index) => (drawn[index] ??= inChannels(drawAvatar(attributesOf(index), width), 3, channels)),
    labels: null,
    row,
  };
}

/** The images of a batch as the networks get them. */
export function batchOf(
  images: TrainingImages,
  { indices, isFlipped }: BatchOrder,
  shaped: Shaped,
): RealBatch {
  const length = lengthOf(shaped);
  const floats = new Float32Array(indices.length * length);
  const columns = images.row === null ? 0 : conditionColumns(shaped.conditioning);
  const condition = images.row && new Float32Array(indices.length * columns);
  indices.forEach((index, i) => {
    const into = floats.subarray(i * length, (i + 1) * length);
    const bytes = images.image(index);
    if (isFlipped[i]) mirror(bytes, into, shaped);
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
