// Structural similarity (Wang 2004): the similarity of two images in brightness, contrast and structure around each pixel, as in
// the published code: a Gaussian window of standard deviation 1.5, K of 0.01 and 0.03, colours as luminance.
import { luminanceOf } from '../../runtime-web/format/restoring/colour.ts';

const deviation = 1.5;
const reach = 5;
/** Range of the values, which are in [-1, 1]. */
const range = 2;
const [c1, c2] = [(0.01 * range) ** 2, (0.03 * range) ** 2];

const taps = (() => {
  const list = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = list.reduce((a, b) => a + b, 0);
  return list.map((value) => value / sum);
})();

/** The similarity around each pixel [side · side], at most 1, of pictures [side · side · channels] in [-1, 1]. */
export function ssimMap(
  picture: ArrayLike<number>,
  original: ArrayLike<number>,
  side: number,
  channels: number,
): Float64Array {
  const grey = (given: ArrayLike<number>): Float64Array =>
    Float64Array.from(channels === 3 ? luminanceOf(given) : Array.from(given));
  const [a, b] = [grey(picture), grey(original)];
  const smooth = (value: (i: number) => number): Float64Array =>
    blurred(
      Float64Array.from(a, (_, i) => value(i)),
      side,
    );
  const [meanA, meanB] = [smooth((i) => a[i]!), smooth((i) => b[i]!)];
  const [aa, bb, ab] = [smooth((i) => a[i]! ** 2), smooth((i) => b[i]! ** 2), smooth((i) => a[i]! * b[i]!)];
  return meanA.map((ma, i) => {
    const mb = meanB[i]!;
    const covariance = ab[i]! - ma * mb;
    const variances = aa[i]! - ma * ma + bb[i]! - mb * mb;
    return ((2 * ma * mb + c1) * (2 * covariance + c2)) / ((ma * ma + mb * mb + c1) * (variances + c2));
  });
}

/** The mean of {@link ssimMap}; if `pixels` [side · side] is given, only over those that are not 0. */
export function ssim(
  picture: ArrayLike<number>,
  original: ArrayLike<number>,
  side: number,
  channels: number,
  pixels: ArrayLike<number> | null = null,
): number {
  const map = ssimMap(picture, original, side, channels).filter((_, i) => pixels === null || pixels[i]! > 0);
  return map.reduce((sum, value) => sum + value, 0) / map.length;
}

/** Filters rows, then columns; the image is mirrored at its border. */
function blurred(values: Float64Array, side: number): Float64Array {
  const along = (given: Float64Array, step: number, line: number): Float64Array => {
    const out = new Float64Array(given.length);
    for (let i = 0; i < side; i++) {
      for (let k = 0; k < side; k++) {
        let sum = 0;
        for (let t = -reach; t <= reach; t++) {
          let at = k + t;
          if (at < 0) at = -1 - at;
          if (at >= side) at = 2 * side - 1 - at;
          at = Math.min(side - 1, Math.max(0, at));
          sum += taps[t + reach]! * given[i * line + at * step]!;
        }
        out[i * line + k * step] = sum;
      }
    }
    return out;
  };
  return along(along(values, 1, side), side, 1);
}
