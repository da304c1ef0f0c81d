// Brings raw pixels to the square size of training images: cropped, padded or stretched, around a place, by a filter.
import sharp from 'sharp';
import { colourOf } from './colour.ts';
import { toGrey } from './grey.ts';
import { centralSquare, resampler, type Box, type ResampleName, type Size } from './resample.ts';

/** Ways to make an image square: crop it, add bars, or stretch it. */
export const fitNames = ['crop', 'pad', 'stretch'] as const;
/** One of {@link fitNames}. */
export type FitName = (typeof fitNames)[number];

/** Settings that bring images to the size of training images. */
export interface Framing {
  readonly fit: FitName;
  /** The place to crop around: `centre`, `attention` or `entropy` (found in each image by sharp), or fractions such as `0.5,0.25`. */
  readonly focus: string;
  readonly resample: ResampleName;
  /** The colour behind transparent pixels, and of bars: a text for `colourOf`. */
  readonly background: string;
}

/** The framing of runs that name none. */
export const defaultFraming: Framing = {
  fit: 'crop',
  focus: 'centre',
  resample: 'bicubic',
  background: 'white',
};

/** True if the two give the same pixels. */
export function isSameFraming(a: Framing, b: Framing): boolean {
  return a.fit === b.fit && a.focus === b.focus && a.resample === b.resample && a.background === b.background;
}

/** The texts that {@link isFocus} takes, for messages. */
export const focusFormat = 'centre, attention, entropy, or fractions of width and height such as 0.5,0.25';

/** True for a valid {@link Framing.focus}. */
export function isFocus(text: string): boolean {
  return isSought(text) || text === 'centre' || pointOf(text) !== null;
}

/** True if each image's own content decides where it is cropped. */
function isSought(focus: string): focus is 'attention' | 'entropy' {
  return focus === 'attention' || focus === 'entropy';
}

/** The fractions of a text such as `0.5,0.25`; null for any other. */
function pointOf(text: string): readonly [number, number] | null {
  const [, x, y] = /^(\d*\.?\d+),(\d*\.?\d+)$/.exec(text) ?? [];
  const point = [Number(x), Number(y)] as const;
  return x !== undefined && point.every((value) => value <= 1) ? point : null;
}

/** The part of an image that is resized; null if its pixels decide, and for bars. */
export function boxFor(image: Size, { fit, focus }: Framing): Box | null {
  const { width, height } = image;
  if (fit === 'stretch') return { left: 0, top: 0, width, height };
  if (fit === 'pad' || (isSought(focus) && width !== height)) return null;
  return squareAround(image, focus);
}

/** Brings one image to [size, size, channels] uint8. */
export type Framer = (pixels: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** Creates a framer for images [height, width, channels] uint8. */
export function framer(image: Size & { readonly channels: 1 | 3 }, size: number, framing: Framing): Framer {
  const { fit, focus, resample, background } = framing;
  const target = { width: size, height: size };
  const box = boxFor(image, framing);
  if (box !== null) return resampler(image, box, target, resample);
  if (fit === 'pad') return padded(image, size, resample, background);
  return async (pixels) => {
    const around = await soughtFocus(pixels, image, size, focus);
    return resampler(image, squareAround(image, around), target, resample)(pixels);
  };
}

/** The largest square of an image whose middle is as near to `focus` as possible: `centre` or fractions. */
function squareAround({ width, height }: Size, focus: string): Box {
  const point = pointOf(focus);
  const central = centralSquare({ width, height });
  if (point === null) return central;
  const side = central.width;
  // Rounding errors of a fraction must not move the square by a pixel.
  const start = (length: number, fraction: number): number =>
    Math.max(0, Math.min(length - side, Math.floor(length * fraction - side / 2 + 1e-6)));
  return { ...central, left: start(width, point[0]), top: start(height, point[1]) };
}

/**
 * The place in an image [height, width, channels] that sharp's strategy chooses at `size`, as fractions. sharp crops after
 * resizing, so the place is exact to a pixel of the small image.
 */
export async function soughtFocus(
  pixels: Uint8Array,
  { width, height, channels }: Size & { readonly channels: 1 | 3 },
  size: number,
  focus: string,
): Promise<string> {
  if (!isSought(focus)) return focus;
  const { info } = await sharp(pixels, { raw: { width, height, channels } })
    .resize(size, size, { fit: 'cover', position: sharp.strategy[focus] })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const side = Math.min(width, height);
  const middle = (offset: number | undefined, length: number): number =>
    Math.min(1, Math.max(0, (Math.round((-(offset ?? 0) * side) / size) + side / 2) / length));
  return `${middle(info.cropOffsetLeft, width).toFixed(9)},${middle(info.cropOffsetTop, height).toFixed(9)}`;
}

/** A framer that shows whole images, with bars beside or above them; like Pillow's `ImageOps.pad`. */
function padded(
  image: Size & { readonly channels: 1 | 3 },
  size: number,
  filter: ResampleName,
  background: string,
): Framer {
  const { width, height, channels } = image;
  const long = Math.max(width, height);
  const inner = {
    width: Math.max(1, Math.round((width * size) / long)),
    height: Math.max(1, Math.round((height * size) / long)),
  };
  const resample = resampler(image, { left: 0, top: 0, width, height }, inner, filter);
  const colour = Uint8Array.from(colourOf(background) ?? [255, 255, 255]);
  const bytes = channels === 1 ? toGrey(colour) : colour;
  const left = Math.floor((size - inner.width) / 2);
  const top = Math.floor((size - inner.height) / 2);
  return (pixels) => {
    const small = resample(pixels);
    const out = Uint8Array.from({ length: size * size * channels }, (_, i) => bytes[i % channels]!);
    const line = inner.width * channels;
    for (let y = 0; y < inner.height; y++) {
      out.set(small.subarray(y * line, (y + 1) * line), ((top + y) * size + left) * channels);
    }
    return out;
  };
}
