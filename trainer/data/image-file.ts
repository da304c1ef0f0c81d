// Decodes image files: BMP by our own reader, all other formats with sharp, which also converts CMYK and embedded profiles to sRGB.
import sharp, { type Sharp } from 'sharp';
import type { ImageShape } from '../../runtime-web/format/image-shape.ts';
import { isMarked } from '../pictures/mark.ts';
import { premultiply } from '../../runtime-web/format/premultiply.ts';
import { bmpHeader, decodeBmp } from './bmp.ts';
import { colourOf } from './colour.ts';
import { boxFor, defaultFraming, framer, type Framing } from './framing.ts';
import { toGrey } from '../../runtime-web/format/grey.ts';
import { formatOf, maxImagePixels, type ImageFormat } from '../../runtime-web/format/image-signature.ts';
import { formatNames, readsHeic, type ImageFacts } from './image-format.ts';
import { resampler } from './resample.ts';
import type { Box } from '../../runtime-web/format/crop-box.ts';
import { BadImageError } from './source.ts';

/** Reasons that are our own, not texts of libvips. */
const ownReasons = /^(more than|empty file|none of|an? (?:damaged )?(?:BMP|HEIC|AVIF|TIFF))/;

// Every image is decoded once, so libvips' cache would only take memory.
sharp.cache(false);

/** Maximum width and height in pixels: resizing needs 64 bytes for each value of a line. */
const maxSide = 1_000_000;

const limits = { failOn: 'error', limitInputPixels: maxImagePixels } as const;

/** Maximum size of a file in bytes; larger files are rejected before reading. */
export const maxImageBytes = 256 * 2 ** 20;

/** Throws BadImageError for a grid that this program made, which is never data. */
export function refuseOwnGrid(bytes: Uint8Array): void {
  if (isMarked(bytes)) throw new BadImageError('a grid that this program made');
}

/** An image at its own size. */
export interface WholeImage {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3], or [height, width, 4] premultiplied where alpha is wanted. */
  readonly pixels: Uint8Array;
}

/**
 * Decodes an image file to [height, width, channels] uint8: the first frame, upright by its EXIF orientation, cropped, padded or
 * stretched to the shape. Transparency is put on the framing's background; 4 channels are premultiplied. Throws BadImageError with the reason.
 * @param facts saves inspecting the file once more
 */
export async function decodeImage(
  bytes: Uint8Array,
  shape: ImageShape,
  framing: Framing = defaultFraming,
  facts: ImageFacts | null = null,
): Promise<Uint8Array> {
  const whole = facts ?? (await inspectImage(bytes));
  const box = boxFor(whole, shape, framing);
  // Everything below the box is decoded too, so that a file that ends too early is noticed.
  const part = box && { ...box, height: whole.height - box.top };
  const hasAlpha = shape.channels === 4;
  const { pixels, ...size } = await decoded(bytes, framing.background, hasAlpha, part);
  const image = { ...size, channels: hasAlpha ? 4 : 3 } as const;
  // Our own resampler equals Pillow's. That of libvips crops after resizing, which shifts images by up to half a pixel, and
  // averages whole blocks first, which aliases.
  const frame =
    box === null
      ? framer(image, shape, framing)
      : resampler(image, { ...box, left: 0, top: 0 }, shape, framing.resample);
  const framed = await frame(pixels);
  return shape.channels === 1 ? toGrey(framed) : framed;
}

/**
 * Decodes an image file at its own size to [height, width, 3] uint8: the first frame, upright by its EXIF orientation,
 * transparency on white. Throws BadImageError with the reason.
 */
export async function decodeWhole(bytes: Uint8Array): Promise<WholeImage> {
  try {
    return await decoded(bytes);
  } catch (error) {
    // libvips has one error text for all its threads, so the text may belong to another image.
    const isOwn = error instanceof BadImageError && ownReasons.test(error.message);
    throw isOwn ? error : new BadImageError('damaged or incomplete');
  }
}

/** Reads the facts of an image file. Throws BadImageError with the reason. */
export async function inspectImage(bytes: Uint8Array): Promise<ImageFacts> {
  const format = checkedFormat(bytes);
  if (format === 'BMP') {
    const { width, height, channels } = bmpHeader(bytes);
    return { format, width, height, channels: 3, hasAlpha: channels === 4, frames: 1 };
  }
  try {
    const { autoOrient, space, hasAlpha, pages } = await sharp(bytes, {
      limitInputPixels: maxImagePixels,
    }).metadata();
    const channels = space === 'b-w' || space === 'grey16' ? 1 : 3;
    const { width, height } = autoOrient;
    if (Math.max(width, height) > maxSide) {
      throw new BadImageError(`more than ${maxSide.toLocaleString('en')} pixels on a side`);
    }
    return { format, width, height, channels, hasAlpha, frames: pages ?? 1 };
  } catch (error) {
    throw badImage(error);
  }
}

/** @param part the part of the upright image to return; null for all */
async function decoded(
  bytes: Uint8Array,
  background = defaultFraming.background,
  hasAlpha = false,
  part: Box | null = null,
): Promise<WholeImage> {
  const format = checkedFormat(bytes);
  const [r, g, b] = colourOf(background) ?? [255, 255, 255];
  try {
    const upright = (await opened(bytes, format)).autoOrient();
    const used = part === null ? upright : upright.extract(part);
    const layers = hasAlpha ? used.ensureAlpha() : used.flatten({ background: { r, g, b } });
    const { data, info } = await layers
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, pixels: hasAlpha ? premultiply(data) : data };
  } catch (error) {
    throw badImage(error);
  }
}

async function opened(bytes: Uint8Array, format: ImageFormat): Promise<Sharp> {
  if (format === 'BMP') {
    const { width, height } = bmpHeader(bytes);
    if (width * height > maxImagePixels) throw tooLarge();
    const { channels, pixels } = decodeBmp(bytes);
    return sharp(pixels, { raw: { width, height, channels } });
  }
  return sharp((await isDeepColour(bytes, format)) ? await inEightBits(bytes) : bytes, limits);
}

/** True for colours of more than 8 bits. Throws BadImageError for a TIFF of numbers that have no range, such as floats. */
async function isDeepColour(bytes: Uint8Array, format: ImageFormat): Promise<boolean> {
  if (format === 'PNG') return bytes[24] === 16 && (bytes[25]! & 2) !== 0;
  if (format !== 'TIFF' && format !== 'AVIF' && format !== 'HEIC') return false;
  const { depth, space } = await sharp(bytes, limits).metadata();
  if (depth !== 'uchar' && depth !== 'ushort') {
    throw new BadImageError(`a TIFF of numbers (${depth}) that are no levels; save it with 8 or 16 bits`);
  }
  return depth === 'ushort' && (space === 'rgb16' || space === 'srgb');
}

/** The same image as PNG in 8 bits, upright, with its profile. sharp would convert 16 bits with a profile to Display P3, not to sRGB. */
async function inEightBits(bytes: Uint8Array): Promise<Uint8Array> {
  return sharp(bytes, { ...limits, ignoreIcc: true })
    .autoOrient()
    .toColourspace('srgb')
    .keepIccProfile()
    .png({ compressionLevel: 0 })
    .toBuffer();
}

function checkedFormat(bytes: Uint8Array): ImageFormat {
  if (bytes.length === 0) throw new BadImageError('empty file');
  const format = formatOf(bytes);
  if (format === null) throw new BadImageError(`none of ${formatNames} inside`);
  if (format === 'HEIC' && !readsHeic) {
    throw new BadImageError('a HEIC image, which this program does not read; convert it to JPEG');
  }
  return format;
}

function tooLarge(): BadImageError {
  return new BadImageError(`more than ${maxImagePixels / 1e6} megapixels`);
}

function badImage(error: unknown): Error {
  if (error instanceof BadImageError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('pixel limit')) return tooLarge();
  return new BadImageError(
    message
      .trim()
      .split('\n')[0]!
      .replace(/^Input buffer has corrupt header: /, ''),
  );
}
