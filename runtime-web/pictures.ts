// Converts a page's images to a model's floats (middle square, model's size) and back.
import type { Model } from './format/model.ts';

/** An image in a page: anything that a canvas can draw (image, canvas, video, ImageData, file), or the model's own floats. */
export type PictureSource = ImageBitmapSource | Float32Array;
/** A mask in a page: an image that is white where something is missing, or a number for each of the model's pixels. */
export type MaskSource = ImageBitmapSource | ArrayLike<number | boolean>;

/** The luminance of a pixel. */
export const luma = ([red, green, blue]: ArrayLike<number> & Iterable<number>): number =>
  0.299 * red! + 0.587 * green! + 0.114 * blue!;

/** Floats [side · side · channels] in [-1, 1]; transparent areas become white. Throws RangeError or TypeError for invalid sources. */
export async function floatsOf(
  source: PictureSource,
  side: number,
  channels: number,
): Promise<Float32Array<ArrayBuffer>> {
  if (source instanceof Float32Array) {
    const length = side * side * channels;
    if (source.length !== length) {
      throw new RangeError(
        `image: got ${source.length} numbers, expected ${length} (${side}x${side}x${channels})`,
      );
    }
    const bad = source.findIndex((value) => !(Math.abs(value) <= 1.001));
    if (bad >= 0) throw new RangeError(`image[${bad}]: got ${source[bad]}, expected a number from -1 to 1`);
    return Float32Array.from(source);
  }
  const { data } = await pixelsOf(source, side, 'white', 'image');
  return Float32Array.from({ length: side * side * channels }, (_, i) => {
    const at = Math.floor(i / channels) * 4;
    return (channels === 1 ? luma(data.slice(at, at + 3)) : data[at + (i % 3)]!) / 127.5 - 1;
  });
}

/** A mask [side · side], 1 where something is missing; partly missing pixels count as missing. */
export async function maskOf(source: MaskSource, side: number): Promise<Float32Array<ArrayBuffer>> {
  if (Array.isArray(source) || ArrayBuffer.isView(source)) {
    const list = source as ArrayLike<number | boolean>;
    if (list.length !== side * side) {
      throw new RangeError(`mask: got ${list.length} numbers, expected ${side * side} (${side}x${side})`);
    }
    return Float32Array.from({ length: list.length }, (_, i) => Number(Number(list[i]) !== 0));
  }
  const { data } = await pixelsOf(source as ImageBitmapSource, side, 'black', 'mask');
  return Float32Array.from({ length: side * side }, (_, i) =>
    Number(luma(data.slice(4 * i, 4 * i + 3)) >= 16),
  );
}

/** The middle square of an image, resized, on a background colour. Throws TypeError for a source that a canvas cannot draw. */
async function pixelsOf(
  source: ImageBitmapSource,
  side: number,
  ground: string,
  name: string,
): Promise<ImageData> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch (error) {
    throw new TypeError(`${name}: cannot be read as a picture (${String(error)})`, { cause: error });
  }
  const context = contextOf(side);
  const square = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [Math.floor((bitmap.width - square) / 2), Math.floor((bitmap.height - square) / 2)];
  context.fillStyle = ground;
  context.fillRect(0, 0, side, side);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, left, top, square, square, 0, 0, side, side);
  bitmap.close();
  return context.getImageData(0, 0, side, side);
}

/** A context of a square canvas. Workers have no document to make one; browsers before 2023 may have no OffscreenCanvas. */
function contextOf(side: number): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D {
  const settings: CanvasRenderingContext2DSettings = { willReadFrequently: true };
  if (typeof document === 'undefined') return new OffscreenCanvas(side, side).getContext('2d', settings)!;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  return canvas.getContext('2d', settings)!;
}

/** Floats [size · size · channels] in [-1, 1] as ImageData, rounded as in the trainer's grids. */
export function toImageData(floats: Float32Array, { imageSize, channels }: Model): ImageData {
  const pixels = new Uint8ClampedArray(imageSize * imageSize * 4);
  for (let i = 0; i < imageSize * imageSize; i++) {
    for (let c = 0; c < 3; c++) {
      pixels[4 * i + c] = Math.round((floats[i * channels + (channels === 1 ? 0 : c)]! + 1) * 127.5);
    }
    pixels[4 * i + 3] = 255;
  }
  return new ImageData(pixels, imageSize, imageSize);
}
