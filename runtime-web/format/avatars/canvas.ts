// A square image on which shapes are painted one over the other. A shape is a signed distance function; a pixel's coverage is
// computed from the distance at its centre, so edges are smooth at any size without supersampling.
import type { Colour } from './palette.ts';

/** Signed distance from (x, y) to a shape's edge, negative inside; x to the right, y down. */
export type Shape = (x: number, y: number) => number;

/** A colour, or a function that writes the colour at a point into `out`. */
export type Ink = Colour | ((x: number, y: number, out: Float64Array) => void);

/** Bounding box of a shape: left, top, right, bottom. */
export type Box = readonly [number, number, number, number];

/** The visible square of the plane: x from -halfWidth to halfWidth, y from `top` to top + 2 halfWidth. */
export const view = { halfWidth: 0.88, top: -0.93 } as const;

/** The square image. */
export class Canvas {
  /** Side in pixels. */
  readonly size: number;
  /** Side of a pixel in units of the plane. */
  readonly pixel: number;
  /** [size, size, 3] in [0, 1]. */
  private readonly rgb: Float32Array;
  private readonly inked = new Float64Array(3);

  constructor(size: number) {
    this.size = size;
    this.pixel = (2 * view.halfWidth) / size;
    this.rgb = new Float32Array(size * size * 3);
  }

  /**
   * Paints the inside of a shape.
   * @param opacity 0 to 1. @param softness width of the edge in units of the plane; at least one pixel.
   */
  paint(box: Box, shape: Shape, ink: Ink, opacity = 1, softness = 0): void {
    const { size, pixel, rgb, inked } = this;
    const edge = Math.max(pixel, softness);
    const margin = edge / 2;
    // The first and last pixels whose centres may be inside.
    const left = Math.max(0, Math.ceil((box[0] - margin + view.halfWidth) / pixel - 0.5));
    const right = Math.min(size - 1, Math.floor((box[2] + margin + view.halfWidth) / pixel - 0.5));
    const top = Math.max(0, Math.ceil((box[1] - margin - view.top) / pixel - 0.5));
    const bottom = Math.min(size - 1, Math.floor((box[3] + margin - view.top) / pixel - 0.5));
    if (typeof ink !== 'function') inked.set(ink);
    for (let row = top; row <= bottom; row++) {
      const y = (row + 0.5) * pixel + view.top;
      for (let column = left; column <= right; column++) {
        const x = (column + 0.5) * pixel - view.halfWidth;
        const inside = 0.5 - shape(x, y) / edge;
        if (!(inside > 0)) continue;
        const smooth = inside >= 1 ? 1 : softness > pixel ? inside * inside * (3 - 2 * inside) : inside;
        const alpha = smooth * opacity;
        if (typeof ink === 'function') ink(x, y, inked);
        const at = (row * size + column) * 3;
        rgb[at] = rgb[at]! + (inked[0]! - rgb[at]!) * alpha;
        rgb[at + 1] = rgb[at + 1]! + (inked[1]! - rgb[at + 1]!) * alpha;
        rgb[at + 2] = rgb[at + 2]! + (inked[2]! - rgb[at + 2]!) * alpha;
      }
    }
  }

  /** The image so far, [size, size, 3] uint8. */
  toBytes(): Uint8Array {
    const bytes = new Uint8ClampedArray(this.rgb.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.rgb[i]! * 255;
    return new Uint8Array(bytes.buffer);
  }
}
