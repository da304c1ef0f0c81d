// A picture as duplicates are looked for: the central square at 32x32 pixels, as the DCGAN paper has it, in brightness and
// in two differences of colour.
import { gaussianBlur } from './blur.ts';

/** Pixels along each side. */
export const pictureSize = 32;

const pixels = pictureSize * pictureSize;

/** What a comparison needs of a picture; all planes [32, 32]. */
export interface Picture {
  /** Brightness in [0, 255], blurred by 1 pixel and then, so that a less sharp copy finds its like, a half and 0.8 more. */
  readonly brightness: readonly Float32Array[];
  /** Two differences of colour, blurred by 1.5 pixels; none of a grey picture. */
  readonly colours: readonly Float32Array[];
  /** The brightest channel, blurred by 1 pixel: where it nears 255, brightness has been cut off. */
  readonly brightest: Float32Array;
  readonly isBurnt: boolean;
  /** Mean over the picture of the deviation of brightness within a few pixels. */
  readonly localContrast: number;
}

/** What counts as near 255. */
export const burnt = 240;

const blurs = [1, Math.hypot(1, 0.5), Math.hypot(1, 0.8)].map((sigma) => gaussianBlur(pictureSize, sigma));
const blurColour = gaussianBlur(pictureSize, 1.5);
const blurLocally = gaussianBlur(pictureSize, 2);

/** Prepares a picture, [32, 32, channels] uint8. */
export function preparePicture(bytes: Uint8Array, channels: 1 | 3): Picture {
  const brightness = brightnessOf(bytes, channels);
  const brightest = new Float32Array(pixels);
  const colours: Float32Array[] = [];
  if (channels === 3) {
    const [blue, red] = [new Float32Array(pixels), new Float32Array(pixels)];
    for (let i = 0, p = 0; i < pixels; i++, p += 3) {
      brightest[i] = Math.max(bytes[p]!, bytes[p + 1]!, bytes[p + 2]!);
      // ITU-R BT.601, as in JPEG.
      blue[i] = 0.564 * (bytes[p + 2]! - brightness[i]!);
      red[i] = 0.713 * (bytes[p]! - brightness[i]!);
    }
    colours.push(blurColour(blue), blurColour(red));
  }
  const blurred = blurs.map((blur) => blur(brightness));
  const blurredBrightest = channels === 3 ? blurs[0]!(brightest) : blurred[0]!;
  return {
    brightness: blurred,
    colours,
    brightest: blurredBrightest,
    isBurnt: blurredBrightest.some((value) => value > burnt),
    localContrast: meanDeviation(brightness),
  };
}

/** Brightness [32, 32] in [0, 255] of a picture [32, 32, channels] uint8. */
export function brightnessOf(bytes: ArrayLike<number>, channels: 1 | 3): Float32Array {
  const plane = new Float32Array(pixels);
  for (let i = 0, p = 0; i < pixels; i++, p += channels) {
    plane[i] = channels === 1 ? bytes[p]! : 0.299 * bytes[p]! + 0.587 * bytes[p + 1]! + 0.114 * bytes[p + 2]!;
  }
  return plane;
}

function meanDeviation(plane: Float32Array): number {
  const means = blurLocally(plane);
  const squares = blurLocally(plane.map((value) => value * value));
  let sum = 0;
  for (let i = 0; i < pixels; i++) sum += Math.sqrt(Math.max(0, squares[i]! - means[i]! ** 2));
  return sum / pixels;
}
