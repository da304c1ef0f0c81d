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

/** Planes of a prepared picture, by channels. */
const planesOf = { 1: 3, 3: 6 } as const;

/** Floats that the planes of a prepared picture take. */
export function preparedLength(channels: 1 | 3): number {
  return planesOf[channels] * pixels;
}

/** Room for what is between; nothing stays in it. */
const [plain, other, another] = [0, 1, 2].map(() => new Float32Array(pixels)) as [
  Float32Array,
  Float32Array,
  Float32Array,
];

/**
 * Prepares a picture, [32, 32, channels] uint8. Its planes will lie in `memory`, of {@link preparedLength}; give its local
 * contrast where it is known, which saves a third of the work.
 */
export function preparePicture(
  bytes: Uint8Array,
  channels: 1 | 3,
  memory: Float32Array = new Float32Array(preparedLength(channels)),
  localContrast: number = localContrastOf(bytes, channels),
): Picture {
  const planes = Array.from({ length: planesOf[channels] }, (_, i) =>
    memory.subarray(i * pixels, (i + 1) * pixels),
  );
  brightnessOf(bytes, channels, plain);
  const brightness = blurs.map((blur, i) => blur(plain, planes[i]!));
  if (channels === 1) {
    const brightest = brightness[0]!;
    return { brightness, colours: [], brightest, isBurnt: isBurnt(brightest), localContrast };
  }
  const [blue, red] = [other, another];
  for (let i = 0, p = 0; i < pixels; i++, p += 3) {
    // ITU-R BT.601, as in JPEG.
    blue[i] = 0.564 * (bytes[p + 2]! - plain[i]!);
    red[i] = 0.713 * (bytes[p]! - plain[i]!);
  }
  const colours = [blurColour(blue, planes[3]!), blurColour(red, planes[4]!)];
  for (let i = 0, p = 0; i < pixels; i++, p += 3) {
    plain[i] = Math.max(bytes[p]!, bytes[p + 1]!, bytes[p + 2]!);
  }
  const brightest = blurs[0]!(plain, planes[5]!);
  return { brightness, colours, brightest, isBurnt: isBurnt(brightest), localContrast };
}

function isBurnt(brightest: Float32Array): boolean {
  for (let i = 0; i < pixels; i++) if (brightest[i]! > burnt) return true;
  return false;
}

/** Brightness [32, 32] in [0, 255] of a picture [32, 32, channels] uint8, into `target` or a new plane. */
export function brightnessOf(
  bytes: ArrayLike<number>,
  channels: 1 | 3,
  target: Float32Array = new Float32Array(pixels),
): Float32Array {
  for (let i = 0, p = 0; i < pixels; i++, p += channels) {
    target[i] =
      channels === 1 ? bytes[p]! : 0.299 * bytes[p]! + 0.587 * bytes[p + 1]! + 0.114 * bytes[p + 2]!;
  }
  return target;
}

/** The local contrast of a picture, [32, 32, channels] uint8: see {@link Picture}. */
export function localContrastOf(bytes: Uint8Array, channels: 1 | 3): number {
  brightnessOf(bytes, channels, plain);
  for (let i = 0; i < pixels; i++) other[i] = plain[i]! * plain[i]!;
  const squares = blurLocally(other, another);
  const means = blurLocally(plain, other);
  let sum = 0;
  for (let i = 0; i < pixels; i++) sum += Math.sqrt(Math.max(0, squares[i]! - means[i]! ** 2));
  return sum / pixels;
}
