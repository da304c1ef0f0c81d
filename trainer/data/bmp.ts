// Decodes BMP, which libvips does not read: 1, 4, 8, 16, 24 and 32 bits per pixel, palettes, bit fields and run lengths (RLE4, RLE8),
// from the headers of OS/2 and of Windows 3 to 5.
import { BadImageError } from './source.ts';

/** The facts of a header. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** 4 if the file has an alpha mask. */
  readonly channels: 3 | 4;
}

/** Everything that the pixels' decoding needs. */
interface Layout extends BmpHeader {
  readonly isTopDown: boolean;
  readonly bits: number;
  /** 0: rows of whole pixels, 1: RLE8, 2: RLE4. */
  readonly runs: 0 | 1 | 2;
  /** Red, green, blue and alpha; 0 for none. */
  readonly masks: readonly [number, number, number, number];
  readonly paletteAt: number;
  readonly paletteStride: 3 | 4;
  readonly paletteSize: number;
  readonly pixelsAt: number;
}

/** Compressions of the header. */
const [rgb, rle8, rle4, bitFields, alphaBitFields] = [0, 1, 2, 3, 6];
const fileHeaderBytes = 14;

/** Reads little-endian numbers. */
function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads a BMP's header. Throws BadImageError for a truncated one, or one with an unknown compression. */
export function bmpHeader(bytes: Uint8Array): BmpHeader {
  return layoutOf(bytes);
}

/** Decodes a BMP to [height, width, channels] uint8. Throws BadImageError if it is truncated or damaged. */
export function decodeBmp(bytes: Uint8Array): BmpHeader & { readonly pixels: Uint8Array } {
  const layout = layoutOf(bytes);
  const pixels = layout.runs === 0 ? wholePixels(bytes, layout) : runLengths(bytes, layout);
  return { ...layout, pixels };
}

function layoutOf(bytes: Uint8Array): Layout {
  const view = viewOf(bytes);
  const headerBytes = bytes.length < 26 ? Infinity : view.getUint32(fileHeaderBytes, true);
  if (bytes.length < fileHeaderBytes + headerBytes) throw new BadImageError('a BMP that ends too early');
  const isOld = headerBytes === 12;
  if (!isOld && headerBytes < 40) throw new BadImageError('a BMP with an unknown header');
  const width = isOld ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = isOld ? view.getUint16(20, true) : view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(isOld ? 24 : 28, true);
  const compression = isOld ? rgb : view.getUint32(30, true);
  if (width < 1 || height < 1 || ![1, 4, 8, 16, 24, 32].includes(bits)) {
    throw new BadImageError(`a damaged BMP (${width}x${signedHeight}, ${bits} bits per pixel)`);
  }
  const runs = compression === rle8 && bits === 8 ? 1 : compression === rle4 && bits === 4 ? 2 : 0;
  const hasFields = compression === bitFields || compression === alphaBitFields;
  if (runs === 0 && compression !== rgb && !(hasFields && (bits === 16 || bits === 32))) {
    throw new BadImageError(`a BMP of compression ${compression}, which this program does not read`);
  }
  // The masks are part of longer headers, and follow one of 40 bytes.
  const masksAfter = hasFields && headerBytes === 40 ? (compression === alphaBitFields ? 16 : 12) : 0;
  const hasAlpha = hasFields && (headerBytes >= 56 || compression === alphaBitFields);
  if (bytes.length < 54 + (hasAlpha ? 16 : hasFields ? 12 : 0) && hasFields) {
    throw new BadImageError('a BMP that ends too early');
  }
  const mask = (i: number): number => view.getUint32(54 + 4 * i, true);
  const masks: Layout['masks'] = hasFields
    ? [mask(0), mask(1), mask(2), hasAlpha ? mask(3) : 0]
    : bits === 16
      ? [0x7c00, 0x3e0, 0x1f, 0]
      : [0xff0000, 0xff00, 0xff, 0];
  const named = isOld ? 0 : view.getUint32(46, true);
  return {
    width,
    height,
    channels: masks[3] === 0 ? 3 : 4,
    isTopDown: signedHeight < 0,
    bits,
    runs,
    masks,
    paletteAt: fileHeaderBytes + headerBytes + masksAfter,
    paletteStride: isOld ? 3 : 4,
    paletteSize: bits > 8 ? 0 : named === 0 ? 2 ** bits : Math.min(named, 2 ** bits),
    pixelsAt: view.getUint32(10, true),
  };
}

/** The palette as [256, 3]; black where it is shorter. */
function paletteOf(bytes: Uint8Array, { paletteAt, paletteStride, paletteSize }: Layout): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  for (let i = 0; i < paletteSize; i++) {
    const at = paletteAt + i * paletteStride;
    for (let c = 0; c < 3; c++) palette[3 * i + c] = bytes[at + 2 - c] ?? 0;
  }
  return palette;
}

function wholePixels(bytes: Uint8Array, layout: Layout): Uint8Array {
  const { width, height, channels, isTopDown, bits, pixelsAt } = layout;
  // Rows are padded to 4 bytes.
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (pixelsAt + stride * (height - 1) + Math.ceil((width * bits) / 8) > bytes.length) {
    throw new BadImageError('a BMP that ends too early');
  }
  const view = viewOf(bytes);
  const palette = paletteOf(bytes, layout);
  const levels = layout.masks.slice(0, channels).map(levelOf);
  const pixels = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const row = pixelsAt + stride * (isTopDown ? y : height - 1 - y);
    for (let x = 0, to = y * width * channels; x < width; x++, to += channels) {
      if (bits === 24) {
        for (let c = 0; c < 3; c++) pixels[to + c] = bytes[row + 3 * x + 2 - c]!;
      } else if (bits <= 8) {
        const inByte = 8 - bits - ((x * bits) % 8);
        const index = (bytes[row + ((x * bits) >> 3)]! >> inByte) & (2 ** bits - 1);
        for (let c = 0; c < 3; c++) pixels[to + c] = palette[3 * index + c]!;
      } else {
        const value = bits === 16 ? view.getUint16(row + 2 * x, true) : view.getUint32(row + 4 * x, true);
        for (let c = 0; c < channels; c++) pixels[to + c] = levels[c]!(value);
      }
    }
  }
  return pixels;
}

/** Cuts a bit field out of a pixel and scales it to 0 to 255. */
function levelOf(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const max = mask >>> shift;
  return (value) => Math.round((((value & mask) >>> shift) * 255) / max);
}

/** Decodes RLE8 and RLE4. Pixels that the runs leave out have the palette's first colour. */
function runLengths(bytes: Uint8Array, layout: Layout): Uint8Array {
  const { width, height, isTopDown, runs, pixelsAt } = layout;
  const indices = new Uint8Array(width * height);
  let [at, x, y] = [pixelsAt, 0, 0];
  const put = (index: number): void => {
    if (x < width && y < height) indices[(isTopDown ? y : height - 1 - y) * width + x] = index;
    x += 1;
  };
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw new BadImageError('a BMP that ends too early');
    return byte;
  };
  const half = (byte: number, i: number): number => (runs === 1 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15);
  while (y < height) {
    const [count, value] = [next(), next()];
    if (count > 0) {
      for (let i = 0; i < count; i++) put(half(value, i));
    } else if (value === 0) {
      [x, y] = [0, y + 1];
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      x += next();
      y += next();
    } else {
      let byte = 0;
      for (let i = 0; i < value; i++) {
        if (runs === 1 || i % 2 === 0) byte = next();
        put(half(byte, i));
      }
      // Literal pixels are padded to 2 bytes.
      at += (runs === 1 ? value : (value + 1) >> 1) % 2;
    }
  }
  const palette = paletteOf(bytes, layout);
  const pixels = new Uint8Array(indices.length * 3);
  indices.forEach((index, i) => pixels.set(palette.subarray(3 * index, 3 * index + 3), 3 * i));
  return pixels;
}
