// What every image format offers to the rest: what it holds, and its images one by one.
// An image is not decoded until it is asked for at a size, so a source costs little to open
// and whoever reads it decides how many are decoded at once.

/** The formats that are understood. */
export type DataKind = 'avatars' | 'folder' | 'zip' | 'idx' | 'cifar-10' | 'celeba';

/** A labelled property of the images, one float each: 0 or 1, an index into `values`, or a number in `range`. */
export interface AttributeInfo {
  readonly name: string;
  readonly kind: 'binary' | 'categorical' | 'continuous';
  /** The categories' names, in order; null for the other kinds. */
  readonly values: readonly string[] | null;
  /** Smallest and largest value. */
  readonly range: readonly [number, number];
}

/** One image of a source. */
export interface SourceImage {
  /** For messages: a path inside the data, or a number. */
  readonly name: string;
  /** Index into the source's class names; -1 where there are none. */
  readonly label: number;
  /** One value per attribute of the source; null where there are none. */
  readonly attributes: Float32Array | null;
  /**
   * The image, cropped to its central square and resized: [size, size, channels] uint8.
   * Throws BadImageError for an image that cannot be read.
   */
  render(size: number, channels: 1 | 3): Uint8Array | Promise<Uint8Array>;
}

/** An opened set of images in some format. Whoever opened it closes it. */
export interface ImageSource {
  readonly kind: DataKind;
  /** A short name from the file or folder: lower case letters, digits and hyphens. */
  readonly name: string;
  readonly count: number;
  /** 1 when the images are grey, 3 when they have colour. */
  readonly channels: 1 | 3;
  /** The images' own size in pixels, of a typical one where they differ; null where any size can be drawn. */
  readonly naturalSize: { readonly width: number; readonly height: number } | null;
  readonly classNames: readonly string[] | null;
  readonly attributes: readonly AttributeInfo[] | null;
  /** Equal for equal images: a hash of the content, or of the list of files with their sizes and times. */
  readonly fingerprint: string;
  /** All images, in an order that is always the same. Throws the signal's reason when aborted. */
  images(signal?: AbortSignal): AsyncIterable<SourceImage>;
  close(): Promise<void>;
}

/** One image is unreadable; it is skipped and counted. The message is the reason alone. */
export class BadImageError extends Error {
  override readonly name = 'BadImageError';
}
