// Decodes PNG, JPEG, WebP and GIF with sharp. The file's signature decides, not its name, because libvips would also open SVG and
// PDF.
import sharp from 'sharp';
import { isMarked } from '../pictures/mark.ts';
import { toGrey } from './grey.ts';
import { squareResampler, type SquareFit } from './resample.ts';
import { BadImageError } from './source.ts';

/** Reasons that are our own, not texts of libvips. */
const ownReasons = /^(more than|empty file|neither)/;

// Every image is decoded once, so libvips' cache would only take memory.
sharp.cache(false);

/** Maximum number of pixels; larger images are rejected before decoding. */
export const maxImagePixels = 100_000_000;

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
  /** [height, width, 3] */
  readonly pixels: Uint8Array;
}

/** True if a file name has the extension of a supported image format. */
export function isImageName(name: string): boolean {
  return /\.(png|jpe?g|webp|gif)$/i.test(name);
}

/** Colour behind transparent pixels, unless another is given. */
const white = '#ffffff';

/**
 * Decodes an image file to [size, size, channels] uint8: the first frame, upright by its EXIF orientation, transparency
 * on `ground` (white), made square as `fit` says (cropped to the middle), resized. Throws BadImageError with the reason.
 */
export async function decodeImage(
  bytes: Uint8Array,
  size: number,
  channels: 1 | 3,
  { fit = 'crop', ground = white }: { readonly fit?: SquareFit; readonly ground?: string } = {},
): Promise<Uint8Array> {
  const { width, height, pixels } = await decoded(bytes, ground);
  // Our own resampler equals Pillow's. That of libvips crops after resizing, which shifts images by up to half a pixel, and
  // averages whole blocks first, which aliases.
  const square = squareResampler(width, height, 3, size, fit)(pixels);
  return channels === 1 ? toGrey(square) : square;
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

/** Reads the upright size of an image file, and its channels: 1 if stored as grey. Throws BadImageError with the reason. */
export async function inspectImage(
  bytes: Uint8Array,
): Promise<{ width: number; height: number; channels: 1 | 3 }> {
  checkSignature(bytes);
  try {
    const { autoOrient, space } = await sharp(bytes, { limitInputPixels: maxImagePixels }).metadata();
    const channels = space === 'b-w' || space === 'grey16' ? 1 : 3;
    return { width: autoOrient.width, height: autoOrient.height, channels };
  } catch (error) {
    throw badImage(error);
  }
}

async function decoded(bytes: Uint8Array, ground = white): Promise<WholeImage> {
  checkSignature(bytes);
  try {
    const shallow = isDeepColourPng(bytes) ? await inEightBits(bytes) : bytes;
    const { data, info } = await sharp(shallow, limits)
      .autoOrient()
      .flatten({ background: ground })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, pixels: data };
  } catch (error) {
    throw badImage(error);
  }
}

/** True for a colour PNG of 16 bits per channel; the other formats have 8. */
function isDeepColourPng(bytes: Uint8Array): boolean {
  return bytes[0] === 0x89 && bytes[24] === 16 && (bytes[25]! & 2) !== 0;
}

/** The same PNG in 8 bits, upright, with its profile. sharp would convert 16 bits with a profile to Display P3, not to sRGB. */
async function inEightBits(bytes: Uint8Array): Promise<Uint8Array> {
  return sharp(bytes, { ...limits, ignoreIcc: true })
    .autoOrient()
    .toColourspace('srgb')
    .keepIccProfile()
    .png({ compressionLevel: 0 })
    .toBuffer();
}

function checkSignature(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new BadImageError('empty file');
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  const known =
    start.startsWith('\x89PNG\r\n') ||
    start.startsWith('\xff\xd8\xff') ||
    start.startsWith('GIF8') ||
    (start.startsWith('RIFF') && start.endsWith('WEBP'));
  if (!known) throw new BadImageError('neither PNG, JPEG, WebP nor GIF inside');
}

function badImage(error: unknown): Error {
  if (error instanceof BadImageError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('pixel limit')) {
    return new BadImageError(`more than ${maxImagePixels / 1e6} megapixels`);
  }
  return new BadImageError(
    message
      .trim()
      .split('\n')[0]!
      .replace(/^Input buffer has corrupt header: /, ''),
  );
}
