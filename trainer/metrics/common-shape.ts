// The common size and number of channels for comparing two sets of images.
import { sizeText, type Channels, type ImageSize } from '../../runtime-web/format/image-shape.ts';
import { UserError } from '../errors.ts';
import type { ImageSetFacts } from './image-set.ts';

/** The size that images of both sets are resized to. Throws UserError if it cannot be determined. */
export function commonSize(a: ImageSetFacts, b: ImageSetFacts): ImageSize {
  const models = [a, b].filter(({ kind }) => kind === 'model');
  const [sizeA, sizeB] = [a.size, b.size].map((size) =>
    size === null ? 'no particular size' : sizeText(size),
  );
  if (models.length === 2 && sizeA !== sizeB) {
    throw new UserError(
      `${a.path} draws ${sizeA} pixels, ${b.path} ${sizeB}: models of different sizes are not compared`,
    );
  }
  const size = models[0]?.size ?? b.size ?? a.size;
  if (size === null || Math.max(size.width, size.height) > 1024) {
    throw new UserError(`${b.path}: images of ${sizeB}; give --image-size`);
  }
  return size;
}

/** The number of channels of both sets. Throws UserError if they cannot be compared. */
export function commonChannels(a: ImageSetFacts, b: ImageSetFacts): Channels {
  if (a.channels === b.channels) return a.channels;
  const model = [a, b].find(({ kind }) => kind === 'model');
  const hasData = [a, b].some(({ kind }) => kind === 'data');
  // Data can be made grey, and can be read with their transparency, but not coloured.
  if (model !== undefined && model.channels !== 3 && hasData) return model.channels;
  const [grey, colour] = a.channels < b.channels ? [a, b] : [b, a];
  if (grey.channels > 1) {
    throw new UserError(
      `${colour.path} has transparency and ${grey.path} has none: models with and without are not compared`,
    );
  }
  throw new UserError(
    `${grey.path} is grey and ${colour.path} has colour: they are not compared; make the second one grey`,
  );
}
