// Structural similarity (Wang 2004): the similarity of two images in brightness, contrast and structure around each pixel, on values
// from 0 to 255. The figures are scikit-image's: a Gaussian window of standard deviation 1.5, K of 0.01 and 0.03, the variances of the
// window itself (no sample covariance), the mean over the colours, and no pixel whose window crosses the border.
import type { ImageShape, ImageSize } from '../../runtime-web/format/image-shape.ts';

const deviation = 1.5;
const reach = 5;
/** Range of the values. */
const range = 255;
const [c1, c2] = [(0.01 * range) ** 2, (0.03 * range) ** 2];

const taps = (() => {
  const list = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = list.reduce((a, b) => a + b, 0);
  return list.map((value) => value / sum);
})();

/** The similarity around each pixel [height, width], at most 1, of images [height, width, channels] in [-1, 1]. */
export function ssimMap(
  picture: ArrayLike<number>,
  original: ArrayLike<number>,
  { width, height, channels }: ImageShape,
): Float64Array {
  const map = new Float64Array(width * height);
  for (let channel = 0; channel < channels; channel++) {
    const plane = (image: ArrayLike<number>): Float64Array =>
      map.map((_, i) => ((image[i * channels + channel]! + 1) * range) / 2);
    const similar = similarityOf(plane(picture), plane(original), { width, height });
    similar.forEach((value, i) => (map[i]! += value / channels));
  }
  return map;
}

/** The similarity around each pixel of two images of one channel, from 0 to 255. */
function similarityOf(a: Float64Array, b: Float64Array, size: ImageSize): Float64Array {
  const smooth = (value: (i: number) => number): Float64Array =>
    blurred(
      a.map((_, i) => value(i)),
      size,
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

/**
 * The mean of {@link ssimMap} over pixels whose window is inside the image; if `pixels` [height, width] is given, over those of them that
 * are not 0. If no such pixel is left, pixels near the border count too; the image is then mirrored there.
 */
export function ssim(
  picture: ArrayLike<number>,
  original: ArrayLike<number>,
  shape: ImageShape,
  pixels: ArrayLike<number> | null = null,
): number {
  const map = ssimMap(picture, original, shape);
  const counted = (i: number): boolean => pixels === null || pixels[i]! > 0;
  const { width, height } = shape;
  const isInside = (at: number, side: number): boolean => at >= reach && at < side - reach;
  const inside = map.filter(
    (_, i) => counted(i) && isInside(i % width, width) && isInside(Math.floor(i / width), height),
  );
  const values = inside.length > 0 ? inside : map.filter((_, i) => counted(i));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Filters rows, then columns; the image is mirrored at its border. */
function blurred(values: Float64Array, { width, height }: ImageSize): Float64Array {
  const along = (given: Float64Array, lines: number, side: number, step: number, line: number) => {
    const out = new Float64Array(given.length);
    for (let i = 0; i < lines; i++) {
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
  return along(along(values, height, width, 1, width), width, height, width, 1);
}
