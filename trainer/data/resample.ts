// Cuts a rectangle out of raw pixels and resizes it like Pillow, with the filters BICUBIC (Keys' kernel with a = -1/2, "Catmull-Rom"),
// LANCZOS or NEAREST. The first two are widened when shrinking, to avoid aliasing.
import type { Channels } from '../../runtime-web/format/image-shape.ts';
import {
  bicubic,
  tapsOf as tapsOfKernel,
  type Kernel,
  type Taps,
} from '../../runtime-web/format/resample-taps.ts';
import type { Box } from '../../runtime-web/format/crop-box.ts';
import { kernelFor, lanes } from './resample-kernel.ts';

/** Resizes one image: [height, width, channels] uint8 in, a new image of the target's size out. */
export type Resampler = (pixels: Uint8Array) => Uint8Array;

/** Filters, by Pillow's names. */
export const resampleNames = ['bicubic', 'nearest', 'lanczos'] as const;
/** The name of a filter. */
export type ResampleName = (typeof resampleNames)[number];

/** Width and height in pixels, at least 1. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Creates a resampler of the `box` of images [height, width, channels] to the size `to`. */
export function resampler(
  { width, height, channels }: Size & { readonly channels: Channels },
  box: Box,
  to: Size,
  filter: ResampleName = 'bicubic',
): Resampler {
  const [lessWide, lessTall] = [box.width - to.width, box.height - to.height];
  if (lessWide === 0 && lessTall === 0) return (pixels) => crop(pixels, width, box, channels);
  const across = tapsOf(filter, box.width, to.width);
  const down = tapsOf(filter, box.height, to.height);
  const line = width * channels;
  const [start, end] = [box.top * line + box.left * channels, height * line];
  // As in Pillow (src/libImaging/Resample.c), an image that loses many rows is resized vertically first; rounding between the two
  // passes makes a difference.
  if (lessTall > 0 && lessTall > 2 * lessWide) {
    return (pixels) => {
      const rows = alongColumns(pixels.subarray(start, end), line, box.width * channels, down);
      return alongRows(rows, box.width * channels, to.height, channels, across);
    };
  }
  return (pixels) => {
    const rows = alongRows(pixels.subarray(start, end), line, box.height, channels, across);
    return alongColumns(rows, to.width * channels, to.width * channels, down);
  };
}

/** Resizes rows of pixels that begin `step` values apart: to a new [count, taps.to, channels]. */
function alongRows(
  pixels: Uint8Array,
  step: number,
  count: number,
  channels: number,
  taps: Taps,
): Uint8Array {
  return filtered(pixels, count, channels, { line: step, value: 1 }, taps, {
    line: taps.to * channels,
    value: 1,
  });
}

/** Resizes `count` columns of values, whose rows begin `step` values apart: to a new [taps.to, count]. */
function alongColumns(values: Uint8Array, step: number, count: number, taps: Taps): Uint8Array {
  return filtered(values, count, 1, { line: 1, value: step }, taps, { line: 1, value: count });
}

/** Distances in an array of lines: from one line to the next, and from one value of a line to the next. */
interface Steps {
  readonly line: number;
  readonly value: number;
}

/** Filters along `count` lines of pixels; rounds half to even and clamps to bytes. */
function filtered(
  pixels: Uint8Array,
  count: number,
  channels: number,
  from: Steps,
  { first, weights, width, length, to: size }: Taps,
  to: Steps,
): Uint8Array {
  const kernel = kernelFor(length * channels, weights.length);
  kernel.weights.set(weights);
  // A Buffer here would slow down the loops for all other arrays.
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length);
  const out = new Uint8ClampedArray(count * size * channels);
  for (let line = 0; line < count; line += lanes) {
    const used = Math.min(lanes, count - line);
    interleave(bytes, line * from.line, from, used, kernel.values);
    for (let x = 0; x < size; x++) {
      for (let c = 0; c < channels; c++) {
        kernel.sum(first[x]! * channels + c, channels, x * width, width);
        const at = line * to.line + (x * channels + c) * to.value;
        for (let lane = 0; lane < used; lane++) out[at + lane * to.line] = kernel.sums[lane]!;
      }
    }
  }
  return new Uint8Array(out.buffer);
}

/** Copies `used` lines to [values, lanes]; lanes without a line repeat the last one. */
function interleave(
  bytes: Uint8Array,
  start: number,
  { line, value }: Steps,
  used: number,
  values: Float64Array,
): void {
  const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map((lane) => Math.min(lane, used - 1) * line);
  for (let i = 0, at = start; i < values.length; i += lanes, at += value) {
    values[i] = bytes[at + a!]!;
    values[i + 1] = bytes[at + b!]!;
    values[i + 2] = bytes[at + c!]!;
    values[i + 3] = bytes[at + d!]!;
    values[i + 4] = bytes[at + e!]!;
    values[i + 5] = bytes[at + f!]!;
    values[i + 6] = bytes[at + g!]!;
    values[i + 7] = bytes[at + h!]!;
  }
}

/** Creates a bicubic resampler of images [height, width, channels] to [to.height, to.width, channels]. */
export function wholeResampler(image: Size & { readonly channels: Channels }, to: Size): Resampler {
  const { width, height } = image;
  return resampler(image, { left: 0, top: 0, width, height }, to);
}

/**
 * Resizing of whole images of floats, without rounding or clamping: [height, width, channels] in, a new [to.height, to.width, channels]
 * out. Rows are resized first.
 */
export function floatResampler(
  { width, height, channels }: Size & { readonly channels: Channels },
  to: Size,
  filter: ResampleName = 'bicubic',
): (image: Float32Array) => Float32Array {
  if (width === to.width && height === to.height) return (image) => image.slice();
  const taps = tapsOf(filter, width, to.width);
  const tapsDown = tapsOf(filter, height, to.height);
  const rows = new Float32Array(height * to.width * channels);
  return (image) => {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < to.width; x++) {
        const start = (y * width + taps.first[x]!) * channels;
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let t = 0; t < taps.width; t++) {
            sum += taps.weights[x * taps.width + t]! * image[start + t * channels + c]!;
          }
          rows[(y * to.width + x) * channels + c] = sum;
        }
      }
    }
    const stride = to.width * channels;
    const out = new Float32Array(to.height * stride);
    for (let y = 0; y < to.height; y++) {
      for (let i = 0; i < stride; i++) {
        let sum = 0;
        for (let t = 0; t < tapsDown.width; t++) {
          sum += tapsDown.weights[y * tapsDown.width + t]! * rows[(tapsDown.first[y]! + t) * stride + i]!;
        }
        out[y * stride + i] = sum;
      }
    }
    return out;
  };
}

function crop(pixels: Uint8Array, width: number, box: Box, channels: number): Uint8Array {
  const line = box.width * channels;
  const out = new Uint8Array(box.height * line);
  for (let y = 0; y < box.height; y++) {
    const start = ((box.top + y) * width + box.left) * channels;
    out.set(pixels.subarray(start, start + line), y * line);
  }
  return out;
}

/** Taps that resize `from` pixels to `to`. */
function tapsOf(filter: ResampleName, from: number, to: number): Taps {
  if (filter !== 'nearest') return tapsOfKernel(filter === 'bicubic' ? bicubic : lanczos, from, to);
  const first = Int32Array.from({ length: to }, (_, i) =>
    Math.min(from - 1, Math.floor(((i + 0.5) * from) / to)),
  );
  return { length: from, to, first, weights: new Float32Array(to).fill(1), width: 1 };
}

/** Duchon 1979, with three lobes. */
const lanczos: Kernel = {
  reach: 3,
  weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0),
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
