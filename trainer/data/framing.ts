// Brings raw pixels to the size of training images: cropped, padded or stretched, around a place, by a filter.
import sharp from 'sharp';
import { lengthOf, type ImageShape } from '../../runtime-web/format/image-shape.ts';
import { colourOf } from './colour.ts';
import { toGrey } from '../../runtime-web/format/grey.ts';
import { boxAround, centralBox, type Box } from '../../runtime-web/format/crop-box.ts';
import { resampler, type ResampleName, type Size } from './resample.ts';

/** Ways to give an image another shape: crop it, add bars, or stretch it. */
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
function pointOf(text: string): { readonly x: number; readonly y: number } | null {
  const [, first, second] = /^(\d*\.?\d+),(\d*\.?\d+)$/.exec(text) ?? [];
  const [x, y] = [Number(first), Number(second)];
  return x <= 1 && y <= 1 ? { x, y } : null;
}

/** The part of an image that is resized; null if its pixels decide, and for bars. */
export function boxFor(image: Size, target: Size, { fit, focus }: Framing): Box | null {
  const { width, height } = image;
  if (fit === 'stretch') return { left: 0, top: 0, width, height };
  if (fit === 'pad' || (isSought(focus) && width * target.height !== height * target.width)) return null;
  return boxAround(image, target, pointOf(focus) ?? 'centre');
}

/** Brings one image to [height, width, channels] uint8. */
export type Framer = (pixels: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/**
 * Creates a framer for images [height, width, channels] uint8. With 4 channels they are premultiplied, and bars are transparent.
 */
export function framer(image: ImageShape, target: Size, framing: Framing): Framer {
  const { fit, focus, resample, background } = framing;
  const box = boxFor(image, target, framing);
  if (box !== null) return resampler(image, box, target, resample);
  if (fit === 'pad') return padded(image, target, resample, background);
  return async (pixels) => {
    const around = pointOf(await soughtFocus(pixels, image, target, focus)) ?? 'centre';
    return resampler(image, boxAround(image, target, around), target, resample)(pixels);
  };
}

/**
 * The place in an image [height, width, channels] that sharp's strategy chooses at the target's size, as fractions. sharp crops after
 * resizing, so the place is exact to a pixel of the small image.
 */
export async function soughtFocus(
  pixels: Uint8Array,
  { width, height, channels }: ImageShape,
  target: Size,
  focus: string,
): Promise<string> {
  if (!isSought(focus)) return focus;
  const { info } = await sharp(pixels, { raw: { width, height, channels } })
    .resize(target.width, target.height, { fit: 'cover', position: sharp.strategy[focus] })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const box = centralBox({ width, height }, target);
  const middle = (offset: number | undefined, side: 'width' | 'height', length: number): string => {
    const start = Math.round((-(offset ?? 0) * box[side]) / target[side]);
    return Math.min(1, Math.max(0, (start + box[side] / 2) / length)).toFixed(9);
  };
  return `${middle(info.cropOffsetLeft, 'width', width)},${middle(info.cropOffsetTop, 'height', height)}`;
}

/** A framer that shows whole images, with bars beside or above them; like Pillow's `ImageOps.pad`. */
function padded(image: ImageShape, target: Size, filter: ResampleName, background: string): Framer {
  const { width, height, channels } = image;
  const isWide = width * target.height > height * target.width;
  const inner = isWide
    ? { width: target.width, height: Math.max(1, Math.round((height * target.width) / width)) }
    : { width: Math.max(1, Math.round((width * target.height) / height)), height: target.height };
  const resample = resampler(image, { left: 0, top: 0, width, height }, inner, filter);
  const colour = Uint8Array.from(colourOf(background) ?? [255, 255, 255]);
  const bytes = channels === 1 ? toGrey(colour) : channels === 3 ? colour : new Uint8Array(4);
  const left = Math.floor((target.width - inner.width) / 2);
  const top = Math.floor((target.height - inner.height) / 2);
  return (pixels) => {
    const small = resample(pixels);
    const out = Uint8Array.from(
      { length: lengthOf({ ...target, channels }) },
      (_, i) => bytes[i % channels]!,
    );
    const line = inner.width * channels;
    for (let y = 0; y < inner.height; y++) {
      out.set(small.subarray(y * line, (y + 1) * line), ((top + y) * target.width + left) * channels);
    }
    return out;
  };
}
