// How varied a set of images is, next to a set of real ones. Images are first averaged down to 8x8, so that
// texture and noise count for little and what differs is what a person would call another picture.
import type { HostTensor } from '../graph/trace/graph.ts';

const side = 8;

/**
 * Variety of `images` as a share of `real`'s, both [n, h, w, c] in [-1, 1] with n >= 2: about 1 where they are as
 * varied, near 0 where they are one picture. The smaller of two shares: of the mean distance between two images
 * (which one picture has small), and of the median distance to the nearest other image (which a handful of
 * pictures repeated has small). Throws RangeError for fewer than two images on a side.
 */
export function relativeDiversity(images: HostTensor, real: HostTensor): number {
  const [ours, theirs] = [distances(images), distances(real)];
  const share = (a: number, b: number): number => (b > 1e-3 ? a / b : 1);
  return Math.min(share(ours.mean, theirs.mean), share(ours.nearest, theirs.nearest));
}

/** Root-mean-square distances per pixel: mean over pairs, and median over images of that to the nearest other. */
function distances(images: HostTensor): { readonly mean: number; readonly nearest: number } {
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

/** Every image averaged over blocks to at most 8x8 (sizes are multiples of 8 or smaller), as [s * s * c]. */
function shrink({ shape, data }: HostTensor): readonly Float32Array[] {
  const [n = 0, h = 0, w = 0, c = 0] = shape;
  const [rows, columns] = [Math.min(side, h), Math.min(side, w)];
  return Array.from({ length: n }, (_, image) => {
    const small = new Float32Array(rows * columns * c);
    const share = (rows * columns) / (h * w);
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const to = (Math.floor((y * rows) / h) * columns + Math.floor((x * columns) / w)) * c;
        const from = ((image * h + y) * w + x) * c;
        for (let k = 0; k < c; k++) small[to + k]! += data[from + k]! * share;
      }
    }
    return small;
  });
}
