// The difference of two images after correcting for what copying changes: a slight crop, brightness and contrast, clipped
// highlights, sharpness. Two copies then differ by compression noise only; images that merely look alike differ by more. The
// difference is relative to the images' local contrast.
import { align, placed, sharedPixels, type Placement } from './alignment.ts';
import { clippedAbove, pictureSize, type Picture } from './picture.ts';

/** The pairs of blur levels to compare: equal, or either image blurred by one or two levels more. */
const sharpnesses = [
  [0, 0],
  [0, 1],
  [1, 0],
  [0, 2],
  [2, 0],
] as const;
/** If the difference at one pair of blur levels is larger, the others are not tried: they cannot make up for it. */
const giveUpAbove = 0.27;
/** Limit of the contrast factor between copies. */
const maxGain = 3;
/** Weight of colour relative to brightness: compression damages colour more. */
const colourWeight = 0.08;
/** Grey levels added to the local contrast, so that copies of flat images may differ a little. */
const floor = 2;

const upright: Placement = { scale: 1, right: 0, down: 0 };
const everywhere = sharedPixels(upright);
/** Scratch memory. The loops below use one variable per sum, because arrays are slow there. */
const unclipped = new Int32Array(pictureSize * pictureSize);
const spare = Array.from({ length: 6 }, () => new Float32Array(pictureSize * pictureSize));

/**
 * Root mean square difference divided by the local contrast: 0 for lossless copies, below 0.1 for most others, above 0.15
 * for almost all pairs of different images, about 1 for unrelated ones.
 */
export function difference(first: Picture, second: Picture): number {
  const contrast = Math.max(first.localContrast, second.localContrast) + floor;
  const unaligned = residualDifference(first, second, (plane) => plane, everywhere, contrast) / contrast;
  if (unaligned < 0.02) return unaligned;
  const placement = align(first.brightness[2]!, second.brightness[2]!);
  const moved = movedTo(placement);
  return Math.min(
    unaligned,
    residualDifference(first, second, moved, sharedPixels(placement), contrast) / contrast,
  );
}

/**
 * Root mean square difference over some pixels, in grey levels; `resample` resamples a plane of the other image.
 */
function residualDifference(
  one: Picture,
  other: Picture,
  resample: (plane: Float32Array) => Float32Array,
  pixels: Int32Array,
  contrast: number,
): number {
  let smallest = Infinity;
  for (const [a, b] of sharpnesses) {
    const x = one.brightness[a]!;
    const y = resample(other.brightness[b]!);
    let found = residual(x, y, pixels);
    if (other.isClipped)
      found = Math.min(found, residualWithClipping(x, y, one.brightest, resample(other.brightest), pixels));
    if (one.isClipped)
      found = Math.min(found, residualWithClipping(y, x, resample(other.brightest), one.brightest, pixels));
    smallest = Math.min(smallest, found);
    if (found > giveUpAbove * contrast) break;
  }
  if (one.colours.length === 0) return Math.sqrt(smallest * smallest);
  const usable =
    one.isClipped || other.isClipped
      ? unclippedPixels(one.brightest, resample(other.brightest), pixels)
      : pixels;
  const compared = usable.length < pixels.length / 4 ? pixels : usable;
  const colours = one.colours.reduce(
    (sum, plane, i) => sum + colourWeight * residual(plane, resample(other.colours[i]!), compared) ** 2,
    0,
  );
  return Math.sqrt(smallest * smallest + colours);
}

/** The given pixels that are clipped in neither image; valid until the next call. */
function unclippedPixels(one: Float32Array, other: Float32Array, pixels: Int32Array): Int32Array {
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    const at = pixels[i]!;
    if (one[at]! < clippedAbove && other[at]! < clippedAbove) unclipped[count++] = at;
  }
  return unclipped.subarray(0, count);
}

/** Resamples the planes of an image onto another, on demand; valid until the next image. */
function movedTo(placement: Placement): (plane: Float32Array) => Float32Array {
  const moved = new Map<Float32Array, Float32Array>();
  return (plane) => {
    const known = moved.get(plane);
    if (known !== undefined) return known;
    const target = spare[moved.size]!;
    placed(plane, placement, target);
    moved.set(plane, target);
    return target;
  };
}

/** The residual after the best gain and offset, in the better of both directions. */
function residual(a: Float32Array, b: Float32Array, pixels: Int32Array): number {
  const n = pixels.length;
  let x = 0;
  let y = 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    const at = pixels[i]!;
    const u = a[at]!;
    const v = b[at]!;
    x += u;
    y += v;
    xx += u * u;
    yy += v * v;
    xy += u * v;
  }
  [xx, yy, xy] = [xx / n - (x / n) ** 2, yy / n - (y / n) ** 2, xy / n - (x * y) / n ** 2];
  const rest = (from: number, to: number): number => {
    const gain = gainOf(xy, from);
    return Math.sqrt(Math.max(0, to - 2 * gain * xy + gain * gain * from));
  };
  return Math.min(rest(xx, yy), rest(yy, xx));
}

/** Gain of a linear regression, limited to [1/3, 3]; the constants keep flat images near 1. */
function gainOf(covariance: number, variance: number): number {
  return Math.min(maxGain, Math.max(1 / maxGain, (covariance + 4) / (variance + 4)));
}

/**
 * The residual of predicting `b` from `a`; pixels where `b` is clipped, and `a` predicts that, count as equal.
 */
function residualWithClipping(
  a: Float32Array,
  b: Float32Array,
  brightestA: Float32Array,
  brightestB: Float32Array,
  pixels: Int32Array,
): number {
  let usable = 0;
  for (let i = 0; i < pixels.length; i++) {
    const at = pixels[i]!;
    if (brightestB[at]! <= 246) unclipped[usable++] = at;
  }
  let gain = 1;
  let offset = 0;
  // The gain depends on which pixels are clipped, and the other way round: three rounds converge.
  for (let round = 0; round < 3; round++) {
    let n = 0;
    let x = 0;
    let y = 0;
    let xx = 0;
    let xy = 0;
    for (let i = 0; i < usable; i++) {
      const at = unclipped[i]!;
      if (round > 0 && gain * brightestA[at]! + offset > 250) continue;
      const u = a[at]!;
      const v = b[at]!;
      n += 1;
      x += u;
      y += v;
      xx += u * u;
      xy += u * v;
    }
    // If the second round excludes no more pixels than the first, the third would give the same gain.
    if (n < 60 || (round === 1 && n === usable)) break;
    gain = gainOf(xy / n - (x * y) / n ** 2, xx / n - (x / n) ** 2);
    offset = (y - gain * x) / n;
  }
  let sum = 0;
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    const at = pixels[i]!;
    if (brightestB[at]! > clippedAbove && gain * brightestA[at]! + offset > clippedAbove + 2) continue;
    const rest = b[at]! - gain * a[at]! - offset;
    sum += rest * rest;
    count += 1;
  }
  // Images with almost no pixels left to compare do not count as equal.
  return Math.sqrt(sum / Math.max(count, pixels.length / 3));
}
