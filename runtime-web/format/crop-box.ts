// The part of an image that training sees: the largest one of the images' shape, around a place. Trainer and page share it.
import type { ImageSize } from './image-shape.ts';

/** A rectangle of an image, in pixels. */
export interface Box extends ImageSize {
  readonly left: number;
  readonly top: number;
}

/** The place to crop around: the centre, or fractions of width and height from 0 to 1. */
export type Focus = 'centre' | { readonly x: number; readonly y: number };

/** The largest box in the middle of an image with the shape of `target`. */
export function centralBox({ width, height }: ImageSize, target: ImageSize): Box {
  const isWide = width * target.height > height * target.width;
  const box = isWide
    ? { width: Math.max(1, Math.round((height * target.width) / target.height)), height }
    : { width, height: Math.max(1, Math.round((width * target.height) / target.width)) };
  return { left: Math.floor((width - box.width) / 2), top: Math.floor((height - box.height) / 2), ...box };
}

/** The largest box of an image in the target's shape whose middle is as near to `focus` as possible. */
export function boxAround({ width, height }: ImageSize, target: ImageSize, focus: Focus): Box {
  const central = centralBox({ width, height }, target);
  if (focus === 'centre') return central;
  // Rounding errors of a fraction must not move the box by a pixel.
  const start = (length: number, side: number, fraction: number): number =>
    Math.max(0, Math.min(length - side, Math.floor(length * fraction - side / 2 + 1e-6)));
  return {
    ...central,
    left: start(width, central.width, focus.x),
    top: start(height, central.height, focus.y),
  };
}
