// Decodes PNG, JPEG, WebP and GIF with sharp. The file's signature decides, not its name, because libvips would also open SVG and
// PDF.
import sharp from 'sharp';
import { isMarked } from '../pictures/mark.ts';
import { toGrey } from './grey.ts';
import { squareResampler } from './resample.ts';
import { BadImageError } from './source.ts';

// Every image is decoded once, so libvips' cache would only take memory.
sharp.cache(false);

/** Maximum number of pixels; larger images are rejected before decoding. */
export const maxImagePixels = 100_000_000;

/** Maximum size of a file in bytes; larger files are rejected before reading. */
export const maxImageBytes = 256 * 2 ** 20;

/** Throws BadImageError for a grid that this program made, which is never data. */
export function refuseOwnGrid(bytes: Uint8Array): void {
  if (isMarked(bytes)) throw new BadImageError('a grid that this program made');
}

/** True if a file name has the extension of a supported image format. */
export function isImageName(name: string): boolean {
  return /\.(png|jpe?g|webp|gif)$/i.test(name);
}

/**
 * Decodes an image file to [size, size, channels] uint8: the first frame, upright by its EXIF orientation, transparency
 * on white, cropped to the central square, resized. Throws BadImageError with the reason.
 */
export async function decodeImage(bytes: Uint8Array, size: number, channels: 1 | 3): Promise<Uint8Array> {
  checkSignature(bytes);
  try {
    const { data, info } = await sharp(bytes, { failOn: 'error', limitInputPixels: maxImagePixels })
      .autoOrient()
      .resize(size, size, { fit: 'cover', position: 'centre', kernel: 'cubic', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    // libvips shifts enlarged images by up to half a pixel; our own resampler does not.
    const pixels =
      info.width === size && info.height === size
        ? data
        : squareResampler(info.width, info.height, 3, size)(data);
    return channels === 1 ? toGrey(pixels) : pixels;
  } catch (error) {
    throw badImage(error);
  }
}

/**
 * Decodes an image file at its own size to [height, width, 3] uint8: the first frame, upright by its EXIF orientation,
 * transparency on white. Throws BadImageError with the reason.
 */
export async function decodeWhole(
  bytes: Uint8Array,
): Promise<{ width: number; height: number; pixels: Uint8Array }> {
  checkSignature(bytes);
  try {
    const { data, info } = await sharp(bytes, { failOn: 'error', limitInputPixels: maxImagePixels })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, pixels: data };
  } catch (error) {
    // libvips has one error text for all its threads, so the text may belong to another image.
    const bad = badImage(error);
    throw bad.message.startsWith('more than') ? bad : new BadImageError('damaged or incomplete');
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
