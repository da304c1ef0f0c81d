// The light of an avatar: one soft lamp above, between left and right.
import type { Colour } from './palette.ts';
import { clamp } from './shapes.ts';

/** A directional light. */
export class Light {
  /** Unit vector towards the light: x to the right, y down, z to the viewer. */
  readonly x: number;
  readonly y: number;
  readonly z: number;

  /** @param side -1 (left) to 1 (right). */
  constructor(side: number) {
    const length = Math.hypot(side, -0.55, 0.75);
    this.x = side / length;
    this.y = -0.55 / length;
    this.z = 0.75 / length;
  }

  /** Illumination of a surface by its unit normal: 0 (shadow) to 1. */
  on(nx: number, ny: number, nz: number): number {
    return clamp((nx * this.x + ny * this.y + nz * this.z + 0.35) / 1.25, 0, 1);
  }
}

/** Writes a colour under an illumination of 0 (darker, a little warmer) to 1 (a little brighter) into `out`. */
export function shade(base: Colour, lit: number, out: Float64Array): void {
  const level = lit * lit * (3 - 2 * lit);
  out[0] = base[0] * (0.6 + 0.44 * level) + 0.02 * level;
  out[1] = base[1] * (0.5 + 0.54 * level) + 0.02 * level;
  out[2] = base[2] * (0.52 + 0.52 * level) + 0.02 * level;
}
