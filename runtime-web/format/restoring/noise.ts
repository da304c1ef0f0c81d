// Noise removal with a generated image. The generated image is clean but not exactly the noisy one; their difference is part signal, part
// noise. In the cosine transform of small windows, noise is equally strong at all frequencies, and signal stands out. First the
// coefficients that stand out are taken from the noisy image and the others from the generated one; the result is then the pilot of a
// Wiener filter on the noisy image.
import { lengthOf, type ImageShape } from '../image-shape.ts';

/** Side of a window; images are at least as large. */
const windowSide = 8;
const windowSize = windowSide ** 2;
/** Pixels from one window to the next. */
const stride = 2;
/** Coefficients above this many standard deviations of the noise count as signal. */
const threshold = 2.7;

/** The cosine transform, orthonormal: [frequency][pixel]. */
const cosines = Array.from({ length: windowSide }, (_, k) =>
  Array.from(
    { length: windowSide },
    (__, i) => Math.sqrt((k === 0 ? 1 : 2) / windowSide) * Math.cos((Math.PI * (i + 0.5) * k) / windowSide),
  ),
);

/** The difference of two second differences, which vanishes on smooth areas (Immerkaer 1996). */
const roughness = [1, -2, 1, -2, 4, -2, 1, -2, 1] as const;

/**
 * The standard deviation of an image's [height, width, channels] noise, in the image's units: estimated by a median, because few pixels of
 * an image are edges.
 */
export function noiseDeviation(image: ArrayLike<number>, { width, height, channels }: ImageShape): number {
  const rough: number[] = [];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        roughness.forEach((weight, k) => {
          const pixel = (y + Math.floor(k / 3) - 1) * width + x + (k % 3) - 1;
          sum += weight * image[pixel * channels + c]!;
        });
        rough.push(Math.abs(sum));
      }
    }
  }
  rough.sort((a, b) => a - b);
  // The weights' squares sum to 36, and half of a normal distribution lies within 0.6745 deviations.
  return (rough[rough.length >> 1] ?? 0) / (6 * 0.6745);
}

/**
 * The denoised image [height, width, channels], in [-1, 1], for noise of a given standard deviation; `noisy` itself if that is 0. Sides from
 * 8. The two stages are those of Dabov 2007, with the generated image in place of similar patches: a hard threshold, here on the difference
 * from `generated`, whose result is the pilot of a Wiener filter.
 */
export function blendByNoise(
  noisy: ArrayLike<number>,
  generated: ArrayLike<number>,
  shape: ImageShape,
  deviation: number,
): Float32Array<ArrayBuffer> {
  if (deviation === 0) return Float32Array.from(noisy);
  const min = threshold * deviation;
  const pilot = inWindows(noisy, generated, shape, (value, guess) =>
    Math.abs(value - guess) > min ? value : guess,
  );
  return inWindows(noisy, pilot, shape, (value, guess) => {
    const power = guess * guess;
    return (value * power) / (power + deviation * deviation);
  });
}

/** The first pixels of the windows along a side. */
function startsIn(side: number): number[] {
  const starts: number[] = [];
  for (let at = 0; at < side - windowSide; at += stride) starts.push(at);
  return [...starts, side - windowSide];
}

/** Combines the frequencies of two images' windows by `choose`, and averages the overlapping windows; in [-1, 1]. */
function inWindows(
  image: ArrayLike<number>,
  other: ArrayLike<number>,
  shape: ImageShape,
  choose: (value: number, other: number) => number,
): Float32Array<ArrayBuffer> {
  const { width, channels } = shape;
  const sums = new Float64Array(lengthOf(shape));
  const counts = new Float64Array(sums.length);
  const places = new Int32Array(windowSize);
  const frequencies = (of: ArrayLike<number>): Float64Array =>
    transformed(
      Float64Array.from(places, (place) => of[place]!),
      false,
    );
  for (const top of startsIn(shape.height)) {
    for (const left of startsIn(width)) {
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < windowSize; i++) {
          const pixel = (top + Math.floor(i / windowSide)) * width + left + (i % windowSide);
          places[i] = pixel * channels + c;
        }
        const others = frequencies(other);
        const chosen = frequencies(image).map((value, i) => choose(value, others[i]!));
        transformed(chosen, true).forEach((value, i) => {
          sums[places[i]!]! += value;
          counts[places[i]!]! += 1;
        });
      }
    }
  }
  return Float32Array.from(sums, (sum, i) => Math.min(1, Math.max(-1, sum / counts[i]!)));
}

/** A window's cosine transform, or its inverse. */
function transformed(window: Float64Array, isBack: boolean): Float64Array {
  const along = (values: Float64Array): Float64Array => {
    // One pass transforms the rows and transposes; two passes make the whole transform.
    const out = new Float64Array(values.length);
    for (let row = 0; row < windowSide; row++) {
      for (let k = 0; k < windowSide; k++) {
        let sum = 0;
        for (let i = 0; i < windowSide; i++) {
          sum += (isBack ? cosines[i]![k]! : cosines[k]![i]!) * values[row * windowSide + i]!;
        }
        out[k * windowSide + row] = sum;
      }
    }
    return out;
  };
  return along(along(window));
}
