// The common size and number of channels for comparing two sets of images.
import { UserError } from '../errors.ts';
import type { ImageSetFacts } from './image-set.ts';

/** The size in pixels that images of both sets are resized to. Throws UserError if it cannot be determined. */
export function commonSize(a: ImageSetFacts, b: ImageSetFacts): number {
  const models = [a, b].filter(({ kind }) => kind === 'model');
  if (models.length === 2 && a.imageSize !== b.imageSize) {
    throw new UserError(
      `${a.path} draws ${a.imageSize} pixels, ${b.path} ${b.imageSize}: models of different sizes are not compared`,
    );
  }
  const size = models[0]?.imageSize ?? b.imageSize ?? a.imageSize;
  if (size === null || size > 1024) {
    throw new UserError(`${b.path}: images of ${size ?? 'no particular size'}; give --image-size`);
  }
  return size;
}

/** The number of channels of both sets. Throws UserError if one is grey and the other has colour. */
export function commonChannels(a: ImageSetFacts, b: ImageSetFacts): 1 | 3 {
  const model = [a, b].find(({ kind }) => kind === 'model');
  if (a.channels === b.channels) return a.channels;
  // Data can be made grey, but not coloured.
  if (model?.channels === 1 && [a, b].some(({ kind }) => kind === 'data')) return 1;
  const [grey, colour] = a.channels === 1 ? [a, b] : [b, a];
  throw new UserError(
    `${grey.path} is grey and ${colour.path} has colour: they are not compared; make the second one grey`,
  );
}
