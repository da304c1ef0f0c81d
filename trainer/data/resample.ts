// Cuts a rectangle out of raw pixels and resizes it like Pillow, with the filters BICUBIC (Keys' kernel with a = -1/2, "Catmull-Rom"),
// LANCZOS or NEAREST. The first two are widened when shrinking, to avoid aliasing.
import type { Channels } from '../../runtime-web/format/image-shape.ts';

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

/** A rectangle of an image, in pixels. */
export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/** For each of `size` outputs, the index of the first input and the weights of it and the following ones; they sum to 1. */
interface Taps {
  readonly first: Int32Array;
  /** [size, width] */
  readonly weights: Float32Array;
  readonly width: number;
}

/** Creates a resampler of the `box` of images [height, width, channels] to the size `to`. */
export function resampler(
  { width, height, channels }: Size & { readonly channels: Channels },
  box: Box,
  to: Size,
  filter: ResampleName = 'bicubic',
): Resampler {
  const { left, top, width: sideX, height: sideY } = box;
  const [scaleX, scaleY] = [sideX / to.width, sideY / to.height];
  const [lessWide, lessTall] = [sideX - to.width, sideY - to.height];
  if (filter !== 'nearest' && lessTall > 0 && lessTall > 2 * lessWide) {
    // As in Pillow (src/libImaging/Resample.c), an image that loses many rows is resized vertically first; rounding between the two
    // passes makes a difference.
    const lying = resampler(
      { width: height, height: width, channels },
      { left: top, top: left, width: sideY, height: sideX },
      { width: to.height, height: to.width },
      filter,
    );
    return (pixels) =>
      transposed(lying(transposed(pixels, width, height, channels)), to.height, to.width, channels);
  }
  if (scaleX === 1 && scaleY === 1) return (pixels) => crop(pixels, width, box, channels);
  const size = to.width;
  const taps = tapsOf(filter, sideX, to.width);
  const tapsDown = tapsOf(filter, sideY, to.height);
  // [sideY, size, channels]; rounded and clamped to bytes between the two passes, as Pillow does.
  const rows = new Uint8ClampedArray(sideY * size * channels);
  const { weights, width: tapCount } = taps;
  return (pixels) => {
    for (let y = 0; y < sideY; y++) {
      const line = ((top + y) * width + left) * channels;
      for (let x = 0; x < size; x++) {
        const start = line + taps.first[x]! * channels;
        const to = (y * size + x) * channels;
        if (channels === 3) {
          // The same sums as below, three at a time: photographs of many megapixels pass through here.
          let red = 0;
          let green = 0;
          let blue = 0;
          for (let t = 0, from = start; t < tapCount; t++, from += 3) {
            const weight = weights[x * tapCount + t]!;
            red += weight * pixels[from]!;
            green += weight * pixels[from + 1]!;
            blue += weight * pixels[from + 2]!;
          }
          rows[to] = red;
          rows[to + 1] = green;
          rows[to + 2] = blue;
          continue;
        }
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let t = 0; t < taps.width; t++) {
            sum += taps.weights[x * taps.width + t]! * pixels[start + t * channels + c]!;
          }
          rows[to + c] = sum;
        }
      }
    }
    const stride = size * channels;
    const out = new Uint8ClampedArray(to.height * stride);
    for (let y = 0; y < to.height; y++) {
      const start = tapsDown.first[y]! * stride;
      for (let i = 0; i < stride; i++) {
        let sum = 0;
        for (let t = 0; t < tapsDown.width; t++) {
          sum += tapsDown.weights[y * tapsDown.width + t]! * rows[start + t * stride + i]!;
        }
        out[y * stride + i] = sum;
      }
    }
    return new Uint8Array(out.buffer);
  };
}

/** Creates a bicubic resampler of images [height, width, channels] to [to.height, to.width, channels]. */
export function wholeResampler(image: Size & { readonly channels: Channels }, to: Size): Resampler {
  const { width, height } = image;
  return resampler(image, { left: 0, top: 0, width, height }, to);
}

/** The largest box in the middle of an image with the shape of `target`. */
export function centralBox({ width, height }: Size, target: Size): Box {
  const isWide = width * target.height > height * target.width;
  const box = isWide
    ? { width: Math.max(1, Math.round((height * target.width) / target.height)), height }
    : { width, height: Math.max(1, Math.round((width * target.height) / target.width)) };
  return { left: Math.floor((width - box.width) / 2), top: Math.floor((height - box.height) / 2), ...box };
}

/**
 * Bicubic resizing of floats, without rounding or clamping: [height, width, channels] in, a new [to.height, to.width, channels]
 * out. Rows are resized first.
 */
export function floatResampler(
  { width, height, channels }: Size & { readonly channels: Channels },
  to: Size,
): (image: Float32Array) => Float32Array {
  if (width === to.width && height === to.height) return (image) => image.slice();
  const taps = tapsOf('bicubic', width, to.width);
  const tapsDown = tapsOf('bicubic', height, to.height);
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

/** [height, width, channels] to [width, height, channels]. */
function transposed(pixels: Uint8Array, width: number, height: number, channels: number): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        out[(x * height + y) * channels + c] = pixels[(y * width + x) * channels + c]!;
      }
    }
  }
  return out;
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

/** Half the width of each kernel, and the kernel. */
const kernels = {
  bicubic: { reach: 2, kernel: cubic },
  lanczos: { reach: 3, kernel: lanczos },
} as const;

/** Taps that resize `from` pixels to `to`. */
function tapsOf(filter: ResampleName, from: number, to: number): Taps {
  const scale = from / to;
  if (filter === 'nearest') {
    const first = Int32Array.from({ length: to }, (_, i) =>
      Math.min(from - 1, Math.floor((i + 0.5) * scale)),
    );
    return { first, weights: new Float32Array(to).fill(1), width: 1 };
  }
  const { reach, kernel } = kernels[filter];
  const spread = Math.max(1, scale);
  const width = Math.min(from, Math.ceil(2 * reach * spread) + 1);
  const first = new Int32Array(to);
  const weights = new Float32Array(to * width);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.min(from - width, Math.floor(centre - reach * spread)));
    const row = Array.from({ length: width }, (_, t) => kernel((start + t + 0.5 - centre) / spread));
    const sum = row.reduce((total, weight) => total + weight, 0);
    first[i] = start;
    row.forEach((weight, t) => (weights[i * width + t] = weight / sum));
  }
  return { first, weights, width };
}

/** Keys 1981, equation 15. */
function cubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  if (t < 2) return ((-0.5 * t + 2.5) * t - 4) * t + 2;
  return 0;
}

/** Duchon 1979, with three lobes. */
function lanczos(x: number): number {
  return Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
