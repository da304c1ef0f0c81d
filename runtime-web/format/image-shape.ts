// The shape of images, as the trainer, the packages and the page mean it.

/** Channels of an image: 1 grey, 3 colour, 4 colour and alpha. */
export type Channels = 1 | 3 | 4;

/** Size in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Size and channels. In memory an image is [height, width, channels]. */
export interface ImageShape extends ImageSize {
  readonly channels: Channels;
}

/** The size of a square. */
export function square(side: number): ImageSize {
  return { width: side, height: side };
}

/** Number of values of an image. */
export function lengthOf({ width, height, channels }: ImageSize & { readonly channels: number }): number {
  return width * height * channels;
}

/** A size as people write it: `64x96`. */
export function sizeText({ width, height }: ImageSize): string {
  return `${width}x${height}`;
}

/** A size in the shortest form, as configurations have it: a number for squares, else a text. */
export function shortSize(size: ImageSize): number | string {
  return size.width === size.height ? size.width : sizeText(size);
}
