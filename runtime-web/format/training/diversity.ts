// Diversity of samples relative to real images. Images are first averaged down to 8x8, so that differences in texture and noise
// count little.

const side = 8;

/** Images [n, h, w, c] in [-1, 1]. */
interface Images {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/**
 * Diversity of `images` divided by that of `real`, both [n, h, w, c] in [-1, 1] with n >= 2: about 1 for equal diversity, near 0 if
 * all images look alike. The smaller of two ratios is returned: that of the mean distance between two images, which is small
 * if all are alike, and that of the median distance to the nearest other image, which is small if a few images are repeated.
 * Throws RangeError if either set has fewer than 2 images.
 */
export function relativeDiversity(images: Images, real: Images): number {
  const [ours, theirs] = [distances(images), distances(real)];
  const ratio = (a: number, b: number): number => (b > 1e-3 ? a / b : 1);
  return Math.min(ratio(ours.mean, theirs.mean), ratio(ours.nearest, theirs.nearest));
}

/** Root-mean-square distances per pixel: the mean over all pairs, and the median of each image's distance to its nearest neighbour. */
function distances(images: Images): { readonly mean: number; readonly nearest: number } {
  const small = shrink(images);
  const n = small.length;
  if (n < 2) throw new RangeError(`relativeDiversity: got ${n} images, expected at least 2`);
  const nearest = new Array<number>(n).fill(Infinity);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const distance = rootMeanSquare(small[i]!, small[j]!);
      sum += distance;
      nearest[i] = Math.min(nearest[i]!, distance);
      nearest[j] = Math.min(nearest[j]!, distance);
    }
  }
  nearest.sort((a, b) => a - b);
  return { mean: sum / ((n * (n - 1)) / 2), nearest: nearest[Math.floor(n / 2)]! };
}

function rootMeanSquare(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k]! - b[k]!) ** 2;
  return Math.sqrt(sum / a.length);
}

/** Averages every image over blocks to at most 8x8: [min(h, 8) * min(w, 8) * c]. Sides are multiples of 8, or below 8. */
function shrink({ shape, data }: Images): readonly Float32Array[] {
  const [n = 0, h = 0, w = 0, c = 0] = shape;
  const [rows, columns] = [Math.min(side, h), Math.min(side, w)];
  return Array.from({ length: n }, (_, image) => {
    const small = new Float32Array(rows * columns * c);
    const weight = (rows * columns) / (h * w);
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const to = (Math.floor((y * rows) / h) * columns + Math.floor((x * columns) / w)) * c;
        const from = ((image * h + y) * w + x) * c;
        for (let k = 0; k < c; k++) small[to + k]! += data[from + k]! * weight;
      }
    }
    return small;
  });
}
