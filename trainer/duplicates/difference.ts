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
const spare = Array.from({ length: 6 }, () => new Float32Array(pictureSize * pictureSize));

/**
 * The root mean square of what differs, over the pictures' local contrast: 0 for copies without loss, below 0.1 for most
 * others, above 0.15 for almost all pairs of different pictures, about 1 for those that have nothing in common.
 */
export function difference(first: Picture, second: Picture): number {
  const contrast = Math.max(first.localContrast, second.localContrast) + floor;
  const asTheyAre = leftOver(first, second, everywhere) / contrast;
  if (asTheyAre < 0.02) return asTheyAre;
  const placement = align(first.brightness[2]!, second.brightness[2]!);
  const moved = seenFrom(second, placement);
  return Math.min(asTheyAre, leftOver(first, moved, sharedPixels(placement)) / contrast);

  /** Root mean square of what differs over some pixels, in levels. */
  function leftOver(one: Picture, other: Picture, pixels: Int32Array): number {
    let least = Infinity;
    for (const [a, b] of sharpnesses) {
      const [x, y] = [one.brightness[a]!, other.brightness[b]!];
      let found = unexplained(x, y, pixels);
      if (other.isBurnt)
        found = Math.min(found, unexplainedWhereBurnt(x, y, one.brightest, other.brightest, pixels));
      if (one.isBurnt)
        found = Math.min(found, unexplainedWhereBurnt(y, x, other.brightest, one.brightest, pixels));
      least = Math.min(least, found);
      // A little less sharpness does not make up for so much.
      if (found > hopeless * contrast) break;
    }
    const clear =
      one.isBurnt || other.isBurnt
        ? pixels.filter((at) => one.brightest[at]! < burnt && other.brightest[at]! < burnt)
        : pixels;
    const told = clear.length < pixels.length / 4 ? pixels : clear;
    const colours = one.colours.reduce(
      (sum, plane, i) => sum + colourWeight * unexplained(plane, other.colours[i]!, told) ** 2,
      0,
    );
    return Math.sqrt(least * least + colours);
  }
}

/** The picture moved to where another lies in it. */
function seenFrom(picture: Picture, placement: Placement): Picture {
  const move = (plane: Float32Array, i: number): Float32Array => {
    placed(plane, placement, spare[i]!);
    return spare[i]!;
  };
  const brightness = picture.brightness.map(move);
  const colours = picture.colours.map((plane, i) => move(plane, 3 + i));
  const brightest = colours.length === 0 ? brightness[0]! : move(picture.brightest, 5);
  return { ...picture, brightness, colours, brightest };
}

/** What is left of either plane after the best gain and offset of the other; the lesser of both ways. */
function unexplained(a: Float32Array, b: Float32Array, pixels: Int32Array): number {
  let [x, y, xx, yy, xy] = [0, 0, 0, 0, 0];
  for (const at of pixels) {
    const [u, v] = [a[at]!, b[at]!];
    x += u;
    y += v;
    xx += u * u;
    yy += v * v;
    xy += u * v;
  }
  const n = pixels.length;
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
  let [gain, offset] = [1, 0];
  // The gain is that of what is not burnt, and the gain says what that is: three rounds settle it.
  for (let round = 0; round < 3; round++) {
    let [n, x, y, xx, xy] = [0, 0, 0, 0, 0];
    for (const at of pixels) {
      if (brightestB[at]! > 246 || (round > 0 && gain * brightestA[at]! + offset > 250)) continue;
      const [u, v] = [a[at]!, b[at]!];
      n += 1;
      x += u;
      y += v;
      xx += u * u;
      xy += u * v;
    }
    if (n < 60) break;
    gain = gainOf(xy / n - (x * y) / n ** 2, xx / n - (x / n) ** 2);
    offset = (y - gain * x) / n;
  }
  let [sum, count] = [0, 0];
  for (const at of pixels) {
    if (brightestB[at]! > burnt && gain * brightestA[at]! + offset > burnt + 2) continue;
    sum += (b[at]! - gain * a[at]! - offset) ** 2;
    count += 1;
  }
  // Two pictures of which hardly anything is left to compare are not the same for that.
  return Math.sqrt(sum / Math.max(count, pixels.length / 3));
}
