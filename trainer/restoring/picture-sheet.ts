// Groups of images side by side as one PNG, with a gap between groups; single images as PNG; animations as WebP.
import sharp from 'sharp';

/** Gap between groups in pixels, before enlargement. */
const gap = 4;

/** Images [side · side · channels] in [-1, 1] that belong together, from left to right. */
export type PictureGroup = readonly Float32Array[];

/** A PNG of groups of equal length in `columns` columns on white, enlarged by a whole factor `scale`. */
export async function pictureSheet(
  groups: readonly PictureGroup[],
  { side, channels }: { readonly side: number; readonly channels: 1 | 3 },
  columns: number,
  scale: number,
): Promise<Buffer> {
  const length = groups[0]!.length;
  const across = Math.min(columns, groups.length);
  const width = across * (length * side + gap) - gap;
  const height = Math.ceil(groups.length / across) * (side + gap) - gap;
  const pixels = new Uint8Array(width * height * 3).fill(255);
  groups.forEach((group, g) => {
    const top = Math.floor(g / across) * (side + gap);
    group.forEach((picture, i) => {
      const left = (g % across) * (length * side + gap) + i * side;
      for (let p = 0; p < side * side; p++) {
        const at = ((top + Math.floor(p / side)) * width + left + (p % side)) * 3;
        for (let c = 0; c < 3; c++)
          pixels[at + c] = byteOf(picture[p * channels + (channels === 1 ? 0 : c)]!);
      }
    });
  });
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize(width * scale, height * scale, { kernel: 'nearest' })
    .png()
    .toBuffer();
}

/** A PNG of one image. */
export function picturePng(
  picture: Float32Array,
  { side, channels }: { readonly side: number; readonly channels: 1 | 3 },
): Promise<Buffer> {
  const pixels = Uint8Array.from(picture, byteOf);
  return sharp(pixels, { raw: { width: side, height: side, channels } })
    .png()
    .toBuffer();
}

/** A lossless animated WebP of images of one size, looping forever, enlarged by a whole factor `scale`. */
export function animation(
  pictures: readonly Float32Array[],
  { side, channels }: { readonly side: number; readonly channels: 1 | 3 },
  framesPerSecond: number,
  scale: number,
): Promise<Buffer> {
  const length = side * side * channels;
  const pixels = new Uint8Array(pictures.length * length);
  pictures.forEach((picture, i) => pixels.set(Uint8Array.from(picture, byteOf), i * length));
  // sharp takes the frames as the pages of one tall image.
  const raw = { width: side, height: side * pictures.length, channels } as const;
  return sharp(pixels, { raw, limitInputPixels: false })
    .resize(side * scale, side * pictures.length * scale, { kernel: 'nearest' })
    .raw()
    .toBuffer({ resolveWithObject: true })
    .then(({ data, info }) =>
      sharp(data, {
        raw: { width: info.width, height: info.height, channels: info.channels, pageHeight: side * scale },
        limitInputPixels: false,
      })
        .webp({ lossless: true, loop: 0, delay: pictures.map(() => Math.round(1000 / framesPerSecond)) })
        .toBuffer(),
    );
}

const byteOf = (value: number): number => Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)));
