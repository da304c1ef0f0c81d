// Crops raw pixels to their central square and resizes them, both ways, with Keys's cubic (a = -1/2, "Catmull-Rom"),
// widened when shrinking so that nothing aliases: what Pillow calls BICUBIC. Decoded files get the same kernel
// from libvips; this one exists because a call per 28x28 image would cost more than the work.

/** Resizes one image: [height, width, channels] uint8 in, a new [size, size, channels] uint8 out. */
export type SquareResampler = (pixels: Uint8Array) => Uint8Array;

/** For each of `size` outputs: the first input it looks at and the weights from there on, which sum to 1. */
interface Taps {
  readonly first: Int32Array;
  /** [size, width] */
  readonly weights: Float32Array;
  readonly width: number;
}

/** Prepares the resizing of many images of one shape. All arguments in pixels, at least 1. */
export function squareResampler(
  width: number,
  height: number,
  channels: 1 | 3,
  size: number,
): SquareResampler {
  const side = Math.min(width, height);
  const left = Math.floor((width - side) / 2);
  const top = Math.floor((height - side) / 2);
  if (side === size) return (pixels) => crop(pixels, width, left, top, side, channels);
  const taps = cubicTaps(side, size);
  // [side, size, channels]; bytes between the passes, as Pillow does: overshoot is cut, not passed on.
  const rows = new Uint8ClampedArray(side * size * channels);
  return (pixels) => {
    for (let y = 0; y < side; y++) {
      const line = ((top + y) * width + left) * channels;
      for (let x = 0; x < size; x++) {
        const start = line + taps.first[x]! * channels;
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let t = 0; t < taps.width; t++) {
            sum += taps.weights[x * taps.width + t]! * pixels[start + t * channels + c]!;
          }
          rows[(y * size + x) * channels + c] = sum;
        }
      }
    }
    const stride = size * channels;
    const out = new Uint8ClampedArray(size * stride);
    for (let y = 0; y < size; y++) {
      const start = taps.first[y]! * stride;
      for (let i = 0; i < stride; i++) {
        let sum = 0;
        for (let t = 0; t < taps.width; t++) {
          sum += taps.weights[y * taps.width + t]! * rows[start + t * stride + i]!;
        }
        out[y * stride + i] = sum;
      }
    }
    return new Uint8Array(out.buffer);
  };
}

/**
 * The same resizing of squares whose numbers are no bytes: [side, side, channels] floats in, a new [size, size, channels] out,
 * nothing rounded and nothing cut.
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
