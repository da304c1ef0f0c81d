// How different two pictures are once everything is allowed for that copying does to a picture: a slight crop, another
// brightness and contrast, highlights cut off, less sharpness. What is left of two copies is the noise of compression;
// of two pictures that only look alike it is more. Measured against how much the pictures hold at all.
import { align, placed, sharedPixels, type Placement } from './alignment.ts';
import { burnt, pictureSize, type Picture } from './picture.ts';

/** Which blur of the one is compared with which of the other: as sharp, and either one sharper by two degrees. */
const sharpnesses = [
  [0, 0],
  [0, 1],
  [1, 0],
  [0, 2],
  [2, 0],
] as const;
/** What differs so much as it is does not become a copy by a little less sharpness. */
const hopeless = 0.27;
/** Copies are at most so much brighter or darker, as a factor of contrast. */
const mostGain = 3;
/** Differences of colour count less than those of brightness: compression is harder on them. */
const colourWeight = 0.08;
/** Levels of difference that even a copy of a picture without contrast may have, added to its local contrast. */
const floor = 2;

const upright: Placement = { scale: 1, right: 0, down: 0 };
const everywhere = sharedPixels(upright);
/** Room for what is between; nothing stays in it. The loops below have a variable for each sum, since arrays are slow there. */
const unburnt = new Int32Array(pictureSize * pictureSize);
const spare = Array.from({ length: 6 }, () => new Float32Array(pictureSize * pictureSize));

/**
 * The root mean square of what differs, over the pictures' local contrast: 0 for copies without loss, below 0.1 for most
 * others, above 0.15 for almost all pairs of different pictures, about 1 for those that have nothing in common.
 */
export function difference(first: Picture, second: Picture): number {
  const contrast = Math.max(first.localContrast, second.localContrast) + floor;
  const asTheyAre = leftOver(first, second, (plane) => plane, everywhere, contrast) / contrast;
  if (asTheyAre < 0.02) return asTheyAre;
  const placement = align(first.brightness[2]!, second.brightness[2]!);
  const moved = movedTo(placement);
  return Math.min(asTheyAre, leftOver(first, second, moved, sharedPixels(placement), contrast) / contrast);
}

/** Root mean square of what differs over some pixels, in levels; the other picture's planes are seen as `seen` shows them. */
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
    // A little less sharpness does not make up for so much.
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

/** Those of some pixels that are burnt in neither picture; until the next call. */
function clearPixels(one: Float32Array, other: Float32Array, pixels: Int32Array): Int32Array {
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    const at = pixels[i]!;
    if (one[at]! < burnt && other[at]! < burnt) unburnt[count++] = at;
  }
  return unburnt.subarray(0, count);
}

/** Moves planes of a picture to where another lies in it, those that are asked for; until the next picture's. */
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

/** What is left of either plane after the best gain and offset of the other; the lesser of both ways. */
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

/** The same one way, `b` from `a`: where `b` is burnt and `a` says that it should be, anything may have been there. */
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
  // The gain is that of what is not burnt, and the gain says what that is: three rounds settle it.
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
    // Where the second round leaves nothing more out than the first, its gain is the same, and the third round's too.
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
  // Two pictures of which hardly anything is left to compare are not the same for that.
  return Math.sqrt(sum / Math.max(count, pixels.length / 3));
}
