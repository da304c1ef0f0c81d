// Masks [side · side]: 1 for a missing pixel, 0 for a known one.
import type { Random } from '../../runtime-web/format/random.ts';
import { UserError } from '../errors.ts';

/** A rectangle of the image, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Parses `8,8,16,12` as a rectangle inside an image of `side` pixels. Throws UserError for anything else. */
export function parseBox(text: string, side: number): Box {
  const parts = text.split(',');
  const refuse = (expected: string): UserError =>
    new UserError(`--box: got ${text}, expected ${expected}, as in 8,8,16,16`);
  if (parts.length !== 4 || !parts.every((part) => /^\s*\d+\s*$/.test(part))) {
    throw refuse('x,y,width,height in whole pixels of the restored picture');
  }
  const [x, y, width, height] = parts.map(Number) as [number, number, number, number];
  if (width < 1 || height < 1) throw refuse('a width and height from 1');
  if (x + width > side || y + height > side)
    throw refuse(`a box inside the picture's ${side}x${side} pixels`);
  return { x, y, width, height };
}

/** The mask of a rectangle. */
export function boxMask(side: number, { x, y, width, height }: Box): Float32Array {
  return Float32Array.from({ length: side * side }, (_, i) => {
    const [u, v] = [i % side, Math.floor(i / side)];
    return Number(u >= x && u < x + width && v >= y && v < y + height);
  });
}

/** The mask of a square in the middle with a fraction `share` of the area; its side is rounded to a pixel. */
export function centreMask(side: number, share: number): Float32Array {
  const width = Math.round(side * Math.sqrt(share));
  const start = Math.floor((side - width) / 2);
  return boxMask(side, { x: start, y: start, width, height: width });
}

/** A mask of random pixels, a fraction `share` of all. */
export function randomMask(side: number, share: number, random: Random): Float32Array {
  const mask = new Float32Array(side * side).fill(1, 0, Math.round(share * side * side));
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
