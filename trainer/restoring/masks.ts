// Masks [height, width]: 1 for a missing pixel, 0 for a known one.
import { sizeText, type ImageSize } from '../../runtime-web/format/image-shape.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import { UserError } from '../errors.ts';

/** A rectangle of the image, in pixels. */
export interface Box extends ImageSize {
  readonly x: number;
  readonly y: number;
}

/** Parses `8,8,16,12` as a rectangle inside an image. Throws UserError for anything else. */
export function parseBox(text: string, image: ImageSize): Box {
  const parts = text.split(',');
  const refuse = (expected: string): UserError =>
    new UserError(`--box: got ${text}, expected ${expected}, as in 8,8,16,16`);
  if (parts.length !== 4 || !parts.every((part) => /^\s*\d+\s*$/.test(part))) {
    throw refuse('x,y,width,height in whole pixels of the restored picture');
  }
  const [x, y, width, height] = parts.map(Number) as [number, number, number, number];
  if (width < 1 || height < 1) throw refuse('a width and height from 1');
  if (x + width > image.width || y + height > image.height)
    throw refuse(`a box inside the picture's ${sizeText(image)} pixels`);
  return { x, y, width, height };
}

/** The mask of a rectangle. */
export function boxMask(image: ImageSize, { x, y, width, height }: Box): Float32Array {
  return Float32Array.from({ length: image.width * image.height }, (_, i) => {
    const [u, v] = [i % image.width, Math.floor(i / image.width)];
    return Number(u >= x && u < x + width && v >= y && v < y + height);
  });
}

/** The mask of a box in the middle, in the image's shape, with a fraction `share` of the area; its sides are rounded to pixels. */
export function centreMask(image: ImageSize, share: number): Float32Array {
  const [width, height] = [image.width, image.height].map((side) => Math.round(side * Math.sqrt(share)));
  const [x, y] = [Math.floor((image.width - width!) / 2), Math.floor((image.height - height!) / 2)];
  return boxMask(image, { x, y, width: width!, height: height! });
}

/** A mask of random pixels, a fraction `share` of all. */
export function randomMask({ width, height }: ImageSize, share: number, random: Random): Float32Array {
  const mask = new Float32Array(width * height).fill(1, 0, Math.round(share * width * height));
  return random.shuffle(mask);
}

/** Throws UserError if no pixel or every pixel is missing; the message names the mask's source `what`. */
export function checkMask(mask: Float32Array, what: string): void {
  const missing = mask.reduce((sum, value) => sum + Number(value > 0), 0);
  if (missing === 0) throw new UserError(`${what}: nothing is masked, so there is nothing to fill in`);
  if (missing === mask.length) {
    throw new UserError(
      `${what}: everything is masked, so nothing is known of the picture; leave some of it`,
    );
  }
}
