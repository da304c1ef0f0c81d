// Image files by the signature at their start. Trainer and page share it.

/** Formats that are recognised by their signature. */
export type ImageFormat = 'PNG' | 'JPEG' | 'WebP' | 'GIF' | 'BMP' | 'TIFF' | 'AVIF' | 'HEIC';

/** Maximum number of pixels; larger images are rejected before decoding. */
export const maxImagePixels = 100_000_000;

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
