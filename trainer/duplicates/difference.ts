// The difference of two images after correcting for what copying changes: a slight crop, brightness and contrast, clipped
// highlights, sharpness. Two copies then differ by compression noise only; images that merely look alike differ by more. The
// difference is relative to the images' local contrast.
import { align, placed, sharedPixels, type Placement } from './alignment.ts';
import { burnt, pictureSize, type Picture } from './picture.ts';

/** The pairs of blurs to compare: equally sharp, or either image sharper by two levels. */
const sharpnesses = [
  [0, 0],
  [0, 1],
  [1, 0],
  [0, 2],
  [2, 0],
] as const;
/** Images that differ by more than this at equal sharpness are not copies at any other. */
const hopeless = 0.27;
/** Limit of the contrast factor between copies. */
const mostGain = 3;
/** Weight of colour relative to brightness: compression damages colour more. */
const colourWeight = 0.08;
/** Grey levels added to the local contrast, so that copies of flat images may differ a little. */
const floor = 2;

const upright: Placement = { scale: 1, right: 0, down: 0 };
const everywhere = sharedPixels(upright);
/** Scratch memory. The loops below use one variable per sum, because arrays are slow there. */
const unburnt = new Int32Array(pictureSize * pictureSize);
const spare = Array.from({ length: 6 }, () => new Float32Array(pictureSize * pictureSize));

/**
 * Root mean square difference divided by the local contrast: 0 for lossless copies, below 0.1 for most others, above 0.15
 * for almost all pairs of different images, about 1 for unrelated ones.
 */
export function difference(first: Picture, second: Picture): number {
  const contrast = Math.max(first.localContrast, second.localContrast) + floor;
  const asTheyAre = leftOver(first, second, (plane) => plane, everywhere, contrast) / contrast;
  if (asTheyAre < 0.02) return asTheyAre;
  const placement = align(first.brightness[2]!, second.brightness[2]!);
  const moved = movedTo(placement);
  return Math.min(asTheyAre, leftOver(first, second, moved, sharedPixels(placement), contrast) / contrast);
}

/**
 * Root mean square difference over some pixels, in grey levels; `seen` resamples the planes of the other image.
 */
function leftOver(
  one: Picture,
  other: Picture,
  seen: (plane: Float32Array) => Float32Array,
  pixels: Int32Array,
  contrast: number,
): number {
  let least = Infinity;
  for (const [a, b] of sharpnesses) {
    const x = one.brightness[a]!;
    const y = seen(other.brightness[b]!);
    let found = unexplained(x, y, pixels);
    if (other.isBurnt)
      found = Math.min(found, unexplainedWhereBurnt(x, y, one.brightest, seen(other.brightest), pixels));
    if (one.isBurnt)
      found = Math.min(found, unexplainedWhereBurnt(y, x, seen(other.brightest), one.brightest, pixels));
    least = Math.min(least, found);
    // Another sharpness cannot make up for such a difference.
    if (found > hopeless * contrast) break;
  }
  if (one.colours.length === 0) return Math.sqrt(least * least);
  const clear =
    one.isBurnt || other.isBurnt ? clearPixels(one.brightest, seen(other.brightest), pixels) : pixels;
  const told = clear.length < pixels.length / 4 ? pixels : clear;
  const colours = one.colours.reduce(
    (sum, plane, i) => sum + colourWeight * unexplained(plane, seen(other.colours[i]!), told) ** 2,
    0,
  );
  return Math.sqrt(least * least + colours);
}

/** The given pixels that are clipped in neither image; valid until the next call. */
function clearPixels(one: Float32Array, other: Float32Array, pixels: Int32Array): Int32Array {
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    const at = pixels[i]!;
    if (one[at]! < burnt && other[at]! < burnt) unburnt[count++] = at;
  }
  return unburnt.subarray(0, count);
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
function unexplained(a: Float32Array, b: Float32Array, pixels: Int32Array): number {
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

function gainOf(covariance: number, variance: number): number {
  return Math.min(mostGain, Math.max(1 / mostGain, (covariance + 4) / (variance + 4)));
}

/**
 * The residual of predicting `b` from `a`; pixels where `b` is clipped, and `a` predicts that, count as equal.
 */
function unexplainedWhereBurnt(
  a: Float32Array,
  b: Float32Array,
  brightestA: Float32Array,
  brightestB: Float32Array,
  pixels: Int32Array,
): number {
  let usable = 0;
  for (let i = 0; i < pixels.length; i++) {
    const at = pixels[i]!;
    if (brightestB[at]! <= 246) unburnt[usable++] = at;
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
      const at = unburnt[i]!;
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
    if (brightestB[at]! > burnt && gain * brightestA[at]! + offset > burnt + 2) continue;
    const rest = b[at]! - gain * a[at]! - offset;
    sum += rest * rest;
    count += 1;
  }
  // Images with almost no pixels left to compare do not count as equal.
  return Math.sqrt(sum / Math.max(count, pixels.length / 3));
}
