// Converts a page's images to a model's floats (the middle in the model's shape, at its size) and back.
import type { ImageShape, ImageSize } from './format/image-shape.ts';
import { straightByte } from './format/straight-byte.ts';

/** An image in a page: anything that a canvas can draw (image, canvas, video, ImageData, file), or the model's own floats. */
export type PictureSource = ImageBitmapSource | Float32Array;
/** A mask in a page: an image that is white where something is missing, or a number for each of the model's pixels. */
export type MaskSource = ImageBitmapSource | ArrayLike<number | boolean>;

/** The luminance of a pixel. */
export const luma = ([red, green, blue]: ArrayLike<number> & Iterable<number>): number =>
  0.299 * red! + 0.587 * green! + 0.114 * blue!;

/**
 * Floats [height, width, channels] in [-1, 1]; transparent areas become white, or stay in a model with alpha. Throws RangeError or
 * TypeError for invalid sources.
 */
export async function floatsOf(
  source: PictureSource,
  { width, height, channels }: ImageShape,
): Promise<Float32Array<ArrayBuffer>> {
  if (source instanceof Float32Array) {
    const length = width * height * channels;
    if (source.length !== length) {
      throw new RangeError(
        `image: got ${source.length} numbers, expected ${length} (${width}x${height}x${channels})`,
      );
    }
    const bad = source.findIndex((value) => !(Math.abs(value) <= 1.001));
    if (bad >= 0) throw new RangeError(`image[${bad}]: got ${source[bad]}, expected a number from -1 to 1`);
    return Float32Array.from(source);
  }
  const hasAlpha = channels === 4;
  const { data } = await pixelsOf(source, { width, height }, hasAlpha ? null : 'white', 'image');
  return Float32Array.from({ length: width * height * channels }, (_, i) => {
    const at = Math.floor(i / channels) * 4;
    const value = channels === 1 ? luma(data.slice(at, at + 3)) : data[at + (i % channels)]!;
    return (hasAlpha && i % 4 < 3 ? (value * data[at + 3]!) / 255 : value) / 127.5 - 1;
  });
}

/** A mask [height, width], 1 where something is missing; partly missing pixels count as missing. */
export async function maskOf(
  source: MaskSource,
  { width, height }: ImageSize,
): Promise<Float32Array<ArrayBuffer>> {
  if (Array.isArray(source) || ArrayBuffer.isView(source)) {
    const list = source as ArrayLike<number | boolean>;
    if (list.length !== width * height) {
      throw new RangeError(
        `mask: got ${list.length} numbers, expected ${width * height} (${width}x${height})`,
      );
    }
    return Float32Array.from({ length: list.length }, (_, i) => Number(Number(list[i]) !== 0));
  }
  const { data } = await pixelsOf(source as ImageBitmapSource, { width, height }, 'black', 'mask');
  return Float32Array.from({ length: width * height }, (_, i) =>
    Number(luma(data.slice(4 * i, 4 * i + 3)) >= 16),
  );
}

/** The middle of an image in the size's shape, resized, on a background colour (null: transparent). Throws TypeError for a source that a canvas cannot draw. */
async function pixelsOf(
  source: ImageBitmapSource,
  { width, height }: ImageSize,
  ground: string | null,
  name: string,
): Promise<ImageData> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch (error) {
    throw new TypeError(`${name}: cannot be read as a picture (${String(error)})`, { cause: error });
  }
  const context = contextOf(width, height);
  const scale = Math.min(bitmap.width / width, bitmap.height / height);
  const [wide, tall] = [Math.round(width * scale), Math.round(height * scale)];
  const [left, top] = [Math.floor((bitmap.width - wide) / 2), Math.floor((bitmap.height - tall) / 2)];
  if (ground !== null) {
    context.fillStyle = ground;
    context.fillRect(0, 0, width, height);
  }
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, left, top, wide, tall, 0, 0, width, height);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/** A context of a new canvas. Workers have no document to make one; browsers before 2023 may have no OffscreenCanvas. */
function contextOf(
  width: number,
  height: number,
): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D {
  const settings: CanvasRenderingContext2DSettings = { willReadFrequently: true };
  if (typeof document === 'undefined') return new OffscreenCanvas(width, height).getContext('2d', settings)!;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas.getContext('2d', settings)!;
}

/** Floats [height, width, channels] in [-1, 1] as ImageData, rounded as in the trainer's grids. */
export function toImageData(floats: Float32Array, { width, height, channels }: ImageShape): ImageData {
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const alpha = channels === 4 ? floats[4 * i + 3]! : 1;
    for (let c = 0; c < 3; c++) {
      pixels[4 * i + c] = straightByte(floats[i * channels + (channels === 1 ? 0 : c)]!, alpha);
    }
    pixels[4 * i + 3] = Math.round((alpha + 1) * 127.5);
  }
  return new ImageData(pixels, width, height);
}
