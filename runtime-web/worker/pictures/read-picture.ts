// Decodes a picture as the browser does, upright and in sRGB, and brings it to a training's shape.
import { boxAround, type Box, type Focus } from '../../format/crop-box.ts';
import { formatOf, maxImagePixels, type ImageFormat } from '../../format/image-signature.ts';
import type { ImageShape } from '../../format/image-shape.ts';
import type { GivenPicture, ReadPicture } from '../../train/pictures-protocol.ts';
import { resizedPicture, type ReadRows } from '../../training/picture-resize.ts';
import { headBytes, statedSize } from '../../training/picture-size.ts';

/** Reads a picture, or says why not. */
export async function readPicture(
  source: GivenPicture,
  shape: ImageShape,
  focus: Focus,
): Promise<ReadPicture> {
  if (source instanceof ImageData) {
    const box = boxAround(source, shape, focus);
    return { pixels: resizedPicture(box, shape, rowsOfPixels(source, box)) };
  }
  const file = await examined(source);
  if ('refused' in file) return file;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch {
    const { format } = file;
    if (format === 'HEIC' || format === 'TIFF')
      return { refused: `a ${format} image, which this browser does not read; convert it to JPEG` };
    return { refused: 'damaged or incomplete' };
  }
  try {
    const box = boxAround(bitmap, shape, focus);
    return { pixels: resizedPicture(box, shape, rowsOf(bitmap, box)) };
  } finally {
    bitmap.close();
  }
}

/** Rows of a part of pixels. */
export function rowsOfPixels({ data, width }: ImageData, { left, top: upper, width: wide }: Box): ReadRows {
  return (top, count) => {
    const rows = new Uint8ClampedArray(4 * count * wide);
    for (let y = 0; y < count; y++) {
      const from = 4 * ((upper + top + y) * width + left);
      rows.set(data.subarray(from, from + 4 * wide), 4 * y * wide);
    }
    return rows;
  };
}

/** Rows of a part of a bitmap, by way of a canvas that is no larger than they are. */
export function rowsOf(bitmap: ImageBitmap, { left, top: upper, width }: Box): ReadRows {
  const canvas = new OffscreenCanvas(width, 1);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  return (top, count) => {
    // A canvas that is given a size is empty, and has its settings anew.
    Object.assign(canvas, { width, height: count });
    context.drawImage(bitmap, left, upper + top, width, count, 0, 0, width, count);
    return context.getImageData(0, 0, width, count).data;
  };
}

/** The format of a file, or the reason why it is not worth decoding. */
async function examined(
  file: Blob,
): Promise<{ readonly format: ImageFormat } | { readonly refused: string }> {
  let head: Uint8Array;
  try {
    head = new Uint8Array(await file.slice(0, headBytes).arrayBuffer());
  } catch {
    return { refused: 'cannot be read any more; it was moved or changed after it was chosen' };
  }
  if (head.length === 0) return { refused: 'empty file' };
  const format = formatOf(head);
  if (format === null) return { refused: 'none of PNG, JPEG, WebP, GIF, BMP or AVIF inside' };
  const size = statedSize(head, format);
  if (size !== null && size.width * size.height > maxImagePixels)
    return { refused: `more than ${maxImagePixels / 1e6} megapixels` };
  return { format };
}
