// Affine maps of the plane as 2 x 3 matrices, in pixels from the centre of an image, x to the right and y down.

/** `(x, y)` → `(a x + b y + e, c x + d y + g)`. */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly e: number;
  readonly c: number;
  readonly d: number;
  readonly g: number;
}

/** The map that moves nothing. */
export const identity: Affine = { a: 1, b: 0, e: 0, c: 0, d: 1, g: 0 };

/** Stretches by a factor in each direction. */
export const scaling = (x: number, y: number): Affine => ({ ...identity, a: x, d: y });

/** Moves by a number of pixels in each direction. */
export const translation = (x: number, y: number): Affine => ({ ...identity, e: x, g: y });

/** Turns by an angle in radians, from x towards y. */
export function rotation(angle: number): Affine {
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return { ...identity, a: cosine, b: -sine, c: sine, d: cosine };
}

/** Turns by a number of right angles (0 to 3), without rounding. */
export function quarterTurn(count: number): Affine {
  const cosine = [1, 0, -1, 0][count & 3]!;
  const sine = [0, 1, 0, -1][count & 3]!;
  return { ...identity, a: cosine, b: -sine, c: sine, d: cosine };
}

/** The map that applies `inner` first, then `outer`. */
export function composed(outer: Affine, inner: Affine): Affine {
  return {
    a: outer.a * inner.a + outer.b * inner.c,
    b: outer.a * inner.b + outer.b * inner.d,
    e: outer.a * inner.e + outer.b * inner.g + outer.e,
    c: outer.c * inner.a + outer.d * inner.c,
    d: outer.c * inner.b + outer.d * inner.d,
    g: outer.c * inner.e + outer.d * inner.g + outer.g,
  };
}
