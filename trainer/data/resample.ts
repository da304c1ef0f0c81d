// Crops raw pixels to the central square, or takes them whole, and resizes them to a square with Keys' cubic kernel (a = -1/2, "Catmull-Rom"), widened when
// shrinking to avoid aliasing, like Pillow's BICUBIC.

/** Resizes one image: [height, width, channels] uint8 in, a new [size, size, channels] uint8 out. */
export type SquareResampler = (pixels: Uint8Array) => Uint8Array;

/** For each of `size` outputs, the index of the first input and the weights of it and the following ones; they sum to 1. */
interface Taps {
  readonly first: Int32Array;
  /** [size, width] */
  readonly weights: Float32Array;
  readonly width: number;
}

/** Ways to make an image square: `crop` to its middle, or `stretch`. */
export type SquareFit = 'crop' | 'stretch';

/** Creates a resampler for images [height, width, channels]. All sizes are in pixels, at least 1. */
export function squareResampler(
  width: number,
  height: number,
  channels: 1 | 3,
  size: number,
  fit: SquareFit = 'crop',
): SquareResampler {
  const side = Math.min(width, height);
  const [sideX, sideY] = fit === 'crop' ? [side, side] : [width, height];
  if (sideY > sideX && sideY > size) {
    // Pillow shrinks first along the side that shrinks more; rounding between the two passes makes a difference.
    const lying = squareResampler(height, width, channels, size, fit);
    return (pixels) => transposed(lying(transposed(pixels, width, height, channels)), size, size, channels);
  }
  const left = Math.floor((width - sideX) / 2);
  const top = Math.floor((height - sideY) / 2);
  if (sideX === size && sideY === size) return (pixels) => crop(pixels, width, left, top, size, channels);
  const taps = cubicTaps(sideX, size);
  const tapsDown = sideX === sideY ? taps : cubicTaps(sideY, size);
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
    const out = new Uint8ClampedArray(size * stride);
    for (let y = 0; y < size; y++) {
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

/**
 * The same for squares of floats, without rounding or clamping: [side, side, channels] in, a new [size, size, channels] out.
 */
export function floatResampler(
  side: number,
  channels: 1 | 3,
  size: number,
): (image: Float32Array) => Float32Array {
  if (side === size) return (image) => image.slice();
  const taps = cubicTaps(side, size);
  const rows = new Float32Array(side * size * channels);
  return (image) => {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < size; x++) {
        const start = (y * side + taps.first[x]!) * channels;
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let t = 0; t < taps.width; t++) {
            sum += taps.weights[x * taps.width + t]! * image[start + t * channels + c]!;
          }
          rows[(y * size + x) * channels + c] = sum;
        }
      }
    }
    const stride = size * channels;
    const out = new Float32Array(size * stride);
    for (let y = 0; y < size; y++) {
      for (let i = 0; i < stride; i++) {
        let sum = 0;
        for (let t = 0; t < taps.width; t++) {
          sum += taps.weights[y * taps.width + t]! * rows[(taps.first[y]! + t) * stride + i]!;
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

function crop(
  pixels: Uint8Array,
  width: number,
  left: number,
  top: number,
  side: number,
  channels: number,
): Uint8Array {
  const out = new Uint8Array(side * side * channels);
  for (let y = 0; y < side; y++) {
    const start = ((top + y) * width + left) * channels;
    out.set(pixels.subarray(start, start + side * channels), y * side * channels);
  }
  return out;
}

/** Taps that resize `from` pixels to `to`. */
function cubicTaps(from: number, to: number): Taps {
  const scale = from / to;
  const spread = Math.max(1, scale);
  const width = Math.min(from, Math.ceil(4 * spread) + 1);
  const first = new Int32Array(to);
  const weights = new Float32Array(to * width);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.min(from - width, Math.floor(centre - 2 * spread)));
    const row = Array.from({ length: width }, (_, t) => cubic((start + t + 0.5 - centre) / spread));
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
