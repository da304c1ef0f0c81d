// Brings a picture to the size of training images, a band of rows at a time, so that memory never holds its pixels as a whole. Up to 4
// megapixels it is the trainer's bicubic filter; larger ones are first averaged in blocks, as Pillow does with `reducing_gap`.
import { toGrey } from '../format/grey.ts';
import type { ImageShape, ImageSize } from '../format/image-shape.ts';
import { bicubic, tapsOf, type Taps } from '../format/resample-taps.ts';

/** Pixels that are resampled without averaging before. */
const enoughPixels = 2 ** 20;
/** After averaging, at least that many pixels are left for each of the result, across and down: Pillow's advice. */
const minGap = 3;
/** Pixels of a band. */
const bandPixels = 2 ** 18;

/** Reads rows of the part of a picture that is resized: straight RGBA [count, width, 4]. */
export type ReadRows = (top: number, count: number) => Uint8ClampedArray<ArrayBuffer>;

/**
 * Resizes a picture whose rows `read` gives to [height, width, channels] uint8: with 4 channels premultiplied, else on white. Pixels are
 * those of the trainer, but for a rounding where the result is more than twice as wide, in proportion, as the picture.
 */
export function resizedPicture(picture: ImageSize, to: ImageShape, read: ReadRows): Uint8Array<ArrayBuffer> {
  const values = to.channels === 4 ? 4 : 3;
  const block = blockOf(picture, to);
  const [wide, tall] = [Math.ceil(picture.width / block), Math.ceil(picture.height / block)];
  const across = tapsOf(bicubic, wide, to.width, picture.width / block);
  const down = tapsOf(bicubic, tall, to.height, picture.height / block);
  const stride = to.width * values;
  const rows = new Uint8ClampedArray(tall * stride);
  const line = new Float32Array(wide * values);
  const band = Math.max(1, Math.floor(bandPixels / picture.width / block)) * block;
  for (let top = 0; top < picture.height; top += band) {
    const count = Math.min(band, picture.height - top);
    const pixels = read(top, count);
    for (let y = 0; y < count; y += block) {
      average(pixels, picture.width, { from: y, count: Math.min(block, count - y) }, block, values, line);
      const at = ((top + y) / block) * stride;
      for (let c = 0; c < values; c++) filter(line, c, values, across, rows, at + c, values);
    }
  }
  const out = new Uint8ClampedArray(to.height * stride);
  for (let i = 0; i < stride; i++) filter(rows, i, stride, down, out, i, stride);
  const bytes = new Uint8Array(out.buffer);
  return to.channels === 1 ? toGrey(bytes) : bytes;
}

/** The side of the blocks that are averaged. */
function blockOf({ width, height }: ImageSize, to: ImageSize): number {
  const enough = Math.floor(Math.sqrt((width * height) / enoughPixels));
  return Math.max(1, Math.min(enough, Math.floor(Math.min(width / to.width, height / to.height) / minGap)));
}

/** Averages blocks of straight RGBA to a line of colours on white, or (4 values) premultiplied with their alpha. */
function average(
  pixels: ArrayLike<number>,
  width: number,
  { from, count }: { readonly from: number; readonly count: number },
  block: number,
  values: 3 | 4,
  line: Float32Array,
): void {
  line.fill(0);
  for (let y = from; y < from + count; y++) {
    for (let x = 0, to = 0; x < width; x += block, to += values) {
      const end = 4 * (y * width + Math.min(width, x + block));
      for (let p = 4 * (y * width + x); p < end; p += 4) {
        const alpha = pixels[p + 3]!;
        if (alpha === 255) {
          line[to]! += pixels[p]!;
          line[to + 1]! += pixels[p + 1]!;
          line[to + 2]! += pixels[p + 2]!;
        } else {
          const ground = values === 4 ? 0 : 255 * (255 - alpha);
          for (let c = 0; c < 3; c++) line[to + c]! += Math.round((pixels[p + c]! * alpha + ground) / 255);
        }
        if (values === 4) line[to + 3]! += alpha;
      }
    }
  }
  if (block === 1 && count === 1) return;
  for (let x = 0, to = 0; x < width; x += block, to += values) {
    const share = 1 / (count * Math.min(block, width - x));
    for (let c = 0; c < values; c++) line[to + c]! *= share;
  }
}

/** Filters one line of values `step` apart into another one; the target rounds half to even and clamps. */
function filter(
  values: Float32Array | Uint8ClampedArray,
  start: number,
  step: number,
  { first, weights, width, to }: Taps,
  out: Uint8ClampedArray,
  outStart: number,
  outStep: number,
): void {
  for (let i = 0; i < to; i++) {
    let sum = 0;
    let at = start + first[i]! * step;
    for (let t = i * width; t < (i + 1) * width; t++, at += step) sum += weights[t]! * values[at]!;
    out[outStart + i * outStep] = sum;
  }
}
