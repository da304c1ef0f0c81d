// The size that an image file states, so that one too large for memory is refused before it is decoded.
import type { ImageFormat } from '../format/image-signature.ts';
import type { ImageSize } from '../format/image-shape.ts';

/** Bytes from the start of a file that the sizes are looked for in. */
export const headBytes = 2 ** 18;

/** The stored size of an image file that starts with `bytes`; null where it is not among them, or the format's sizes are not read here (TIFF). */
export function statedSize(bytes: Uint8Array, format: ImageFormat): ImageSize | null {
  try {
    return readers[format](new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch {
    // A file that ends within its header: decoding it says what is wrong.
    return null;
  }
}

const readers: Readonly<Record<ImageFormat, (view: DataView) => ImageSize | null>> = {
  PNG: (view) => ({ width: view.getUint32(16), height: view.getUint32(20) }),
  GIF: (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  BMP: (view) =>
    view.getUint32(14, true) === 12
      ? { width: view.getUint16(18, true), height: view.getUint16(20, true) }
      : { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) },
  JPEG: jpegSize,
  WebP: webpSize,
  AVIF: largestExtent,
  HEIC: largestExtent,
  TIFF: () => null,
};

/** The frame header (ITU-T T.81, B.2.2), behind segments of other kinds. */
function jpegSize(view: DataView): ImageSize | null {
  for (let at = 2; at < view.byteLength;) {
    const marker = view.getUint8(at + 1);
    if (view.getUint8(at) !== 0xff) return null;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    // A marker may be preceded by fill bytes.
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return null;
}

/** RFC 9649: the three kinds of first chunks. */
function webpSize(view: DataView): ImageSize | null {
  const kind = String.fromCharCode(view.getUint8(15));
  if (kind === 'X') {
    const side = (at: number): number => 1 + (view.getUint32(at, true) & 0xffffff);
    return { width: side(24), height: side(27) };
  }
  if (kind === 'L') {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
  }
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

/** ISO/IEC 23008-12: boxes `ispe` have the sizes of the image, its tiles and its thumbnail. */
function largestExtent(view: DataView): ImageSize | null {
  let largest: ImageSize | null = null;
  for (let at = 4; at + 16 <= view.byteLength; at++) {
    if (view.getUint32(at) !== 0x69737065) continue;
    const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (largest === null || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest;
}
