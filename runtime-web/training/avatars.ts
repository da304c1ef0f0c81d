// The built-in faces as images to train on, each drawn when a batch first needs it.
import { avatarAttributes, avatarTable, avatarVector } from '../format/avatars/attributes.ts';
import { drawAvatar } from '../format/avatars/draw-avatar.ts';
import { sizeText, type ImageShape } from '../format/image-shape.ts';
import { inChannels } from '../format/in-channels.ts';
import { avatarCount } from './built-in.ts';
import type { Shaped, TrainingImages } from './images.ts';

/** A face of the set, [width, width, channels]. */
export function avatarImage(
  index: number,
  { width, channels }: Pick<ImageShape, 'width' | 'channels'>,
): Uint8Array {
  return inChannels(drawAvatar(avatarAttributes(index, 0), width), 3, channels);
}

/** The first faces (null: as many as the trainer's set has). Throws RangeError for a number out of range and a package of other images. */
export function avatarImages(
  wanted: number | null,
  { conditioning, ...shape }: Shaped,
): TrainingImages<Uint8Array> {
  const count = wanted ?? avatarCount;
  const { width, height } = shape;
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
    image: (index) => (drawn[index] ??= avatarImage(index, shape)),
    labels: null,
    row,
  };
}
