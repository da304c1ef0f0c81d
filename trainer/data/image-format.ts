// The formats of image files. The signature at a file's start decides, not its name, because libvips would also open SVG and PDF.
import sharp from 'sharp';

/** Formats that are recognised by their signature. HEIC is read only where this sharp can. */
export type ImageFormat = 'PNG' | 'JPEG' | 'WebP' | 'GIF' | 'BMP' | 'TIFF' | 'AVIF' | 'HEIC';

/** Facts of an image file that are known before decoding. */
export interface ImageFacts {
  readonly format: ImageFormat;
  /** Upright, in pixels. */
  readonly width: number;
  readonly height: number;
  /** 1 if stored as grey. */
  readonly channels: 1 | 3;
  readonly hasAlpha: boolean;
  /** Frames of an animation, or pages; only the first is used. */
  readonly frames: number;
}

/** True if this sharp decodes HEIC; the one that npm installs does not, because of the patents on HEVC. */
export const readsHeic = sharp.format.heif.input.fileSuffix?.includes('.heic') ?? false;

/** The formats that are read, for messages: `PNG, JPEG, … or AVIF`. */
export const formatNames = `PNG, JPEG, WebP, GIF, BMP, TIFF${readsHeic ? ', AVIF or HEIC' : ' or AVIF'}`;

const endings = /\.(png|jpe?g|jpe|jfif|webp|gif|bmp|dib|tiff?|avif)$/i;
const heicEndings = /\.(heic|heif|hif)$/i;

/** True if a file name has the extension of a format that is read. */
export function isImageName(name: string): boolean {
  return endings.test(name) || (readsHeic && heicEndings.test(name));
}

/** A file name without the extension of an image format. */
export function withoutImageEnding(name: string): string {
  return name.replace(endings, '').replace(heicEndings, '');
}

/** The format of a file that starts with `bytes` (32 are enough); null for any other. */
export function formatOf(bytes: Uint8Array): ImageFormat | null {
  const start = String.fromCharCode(...bytes.subarray(0, 32));
  if (start.startsWith('\x89PNG\r\n')) return 'PNG';
  if (start.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (start.startsWith('GIF8')) return 'GIF';
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'WebP';
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return 'TIFF';
  // Two letters alone are too short a signature; the length of the header follows at byte 14.
  if (start.startsWith('BM') && bytes.length >= 18 && bytes[14]! >= 12 && bytes[15] === 0) return 'BMP';
  if (start.slice(4, 8) !== 'ftyp') return null;
  // ISO/IEC 23008-12: the major brand, a version, and compatible brands of four letters each.
  const brands = start.slice(8, 12) + start.slice(16, 32);
  if (/avi[fs]/.test(brands)) return 'AVIF';
  return /hei[cxms]|hev[cxms]|mif1|msf1/.test(brands) ? 'HEIC' : null;
}
