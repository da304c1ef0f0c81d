// The weights by which lines of pixels are resized, as in Pillow. Trainer and page share them, so that both make the same images.

/** For each of `to` outputs, the index of the first input and the weights of it and the following ones; they sum to 1. */
export interface Taps {
  /** Number of inputs. */
  readonly length: number;
  readonly to: number;
  readonly first: Int32Array;
  /** [to, width] */
  readonly weights: Float32Array;
  readonly width: number;
}

/** A filter: its weight at a distance in pixels, which is 0 beyond the reach. */
export interface Kernel {
  readonly reach: number;
  weight(distance: number): number;
}

/** Keys 1981, equation 15, with a = -1/2. */
export const bicubic: Kernel = {
  reach: 2,
  weight(x) {
    const t = Math.abs(x);
    if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
    if (t < 2) return ((-0.5 * t + 2.5) * t - 4) * t + 2;
    return 0;
  },
};

/**
 * Taps that resize `from` pixels to `to`; the kernel is widened when shrinking, to avoid aliasing. `extent` is the part of the inputs
 * that the outputs cover, `from` or up to one less.
 */
export function tapsOf({ reach, weight }: Kernel, from: number, to: number, extent = from): Taps {
  const scale = extent / to;
  const spread = Math.max(1, scale);
  const width = Math.min(from, Math.ceil(2 * reach * spread) + 1);
  const first = new Int32Array(to);
  const weights = new Float32Array(to * width);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.min(from - width, Math.floor(centre - reach * spread)));
    const row = Array.from({ length: width }, (_, t) => weight((start + t + 0.5 - centre) / spread));
    const sum = row.reduce((total, each) => total + each, 0);
    first[i] = start;
    row.forEach((each, t) => (weights[i * width + t] = each / sum));
  }
  return { length: from, to, first, weights, width };
}
