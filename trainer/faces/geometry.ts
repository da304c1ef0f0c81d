// Points, boxes and similarity maps on an image. Points are in pixels of the upright image, x to the right and y down; the centre
// of the first pixel is (0.5, 0.5).

/** A point. */
export type Point = readonly [x: number, y: number];

/** An upright rectangle. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The centre of a box. */
export function centreOf({ left, top, width, height }: Box): Point {
  return [left + width / 2, top + height / 2];
}

/** Intersection over union: 0 for disjoint boxes, 1 for equal ones. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared === 0 ? 0 : shared / (a.width * a.height + b.width * b.height - shared);
}

/** The distance between two points. */
export function distance([ax, ay]: Point, [bx, by]: Point): number {
  return Math.hypot(bx - ax, by - ay);
}

/** The midpoint. */
export function middle([ax, ay]: Point, [bx, by]: Point): Point {
  return [(ax + bx) / 2, (ay + by) / 2];
}

/**
 * A similarity transform from a crop's pixels to a photo's: (u, v) → (cos·u - sin·v + x, sin·u + cos·v + y), where `cos` and
 * `sin` include the scale.
 */
export interface Similarity {
  readonly cos: number;
  readonly sin: number;
  readonly x: number;
  readonly y: number;
}

/** Applies the similarity to a point. */
export function mapped({ cos, sin, x, y }: Similarity, [u, v]: Point): Point {
  return [cos * u - sin * v + x, sin * u + cos * v + y];
}

/** The map from a crop of `size` pixels to a square of `side` pixels around `centre`, rotated by `angle` radians. */
export function squareAround(centre: Point, side: number, angle: number, size: number): Similarity {
  const scale = side / size;
  const cos = scale * Math.cos(angle);
  const sin = scale * Math.sin(angle);
  const half = size / 2;
  return { cos, sin, x: centre[0] - (cos - sin) * half, y: centre[1] - (sin + cos) * half };
}

/** The same map to a photo that is scaled by `scale`. */
export function onScaled({ cos, sin, x, y }: Similarity, scale: number): Similarity {
  return { cos: cos * scale, sin: sin * scale, x: x * scale, y: y * scale };
}
