// The interface of all image formats. A source decodes an image only on demand, at a given size, so it opens quickly and its
// reader decides how many images are decoded at once.

import type { ImageShape } from '../../runtime-web/format/image-shape.ts';
import type { Framing } from './framing.ts';
import type { ImageFacts } from './image-format.ts';

/** The supported formats. */
export type DataKind = 'avatars' | 'folder' | 'zip' | 'idx' | 'cifar-10' | 'cifar-100' | 'stl-10' | 'celeba';

/** A labelled property of the images, one float per image: 0 or 1, an index into `values`, or a number in `range`. */
export interface AttributeInfo {
  readonly name: string;
  readonly kind: 'binary' | 'categorical' | 'continuous';
  /** The categories' names, in order; null for the other kinds. */
  readonly values: readonly string[] | null;
  /** Smallest and largest value. */
  readonly range: readonly [number, number];
  /** Number of images without a value, which is NaN; absent for none. Datasets have no such attributes (`labels/use-columns.ts`). */
  readonly blanks?: number;
}

/** The form in which a source's images are wanted. */
export interface Rendering extends ImageShape {
  readonly framing: Framing;
}

/** One image of a source. */
export interface SourceImage {
  /** A path inside the data, or a number; used in messages. */
  readonly name: string;
  /** Index into the source's class names; -1 without classes. */
  readonly label: number;
  /** One value per attribute of the source; null without attributes. */
  readonly attributes: Float32Array | null;
  /** Decodes the image to [height, width, channels] uint8; 4 channels are {@link premultiply premultiplied}. Throws BadImageError for an unreadable image. */
  render(how: Rendering): Uint8Array | Promise<Uint8Array>;
  /** The facts of the image's file, once it has been rendered; absent for images that are no files. */
  readonly facts?: () => ImageFacts | null;
}

/** Open images of one format. Close it after use. */
export interface ImageSource {
  readonly kind: DataKind;
  /** Short name of the file or folder: lower case letters, digits and hyphens. */
  readonly name: string;
  readonly count: number;
  /** 1 for grey images, 3 for colour. */
  readonly channels: 1 | 3;
  /** Size of the images in pixels, of a typical one if they differ; null if unknown, or if any size can be rendered. */
  readonly naturalSize: { readonly width: number; readonly height: number } | null;
  readonly classNames: readonly string[] | null;
  readonly attributes: readonly AttributeInfo[] | null;
  /** The attribute whose values are the classes, where several could be; absent without one. */
  readonly classColumn?: string | undefined;
  /** A sentence about images in formats that are not read; null or absent without any. */
  readonly notRead?: string | null;
  /** Hash of the content, or of the files' names, sizes and times. */
  readonly fingerprint: string;
  /** Notes for the user about how these data are read, a sentence each. */
  readonly notes?: readonly string[] | undefined;
  /** Reads the `dataset.json` among the images; null without one. Absent for data that are no image files. */
  readonly readLabels?: (() => Promise<Uint8Array | null>) | undefined;
  /** All images, always in the same order. Throws the signal's reason when aborted. */
  images(signal?: AbortSignal): AsyncIterable<SourceImage>;
  close(): Promise<void>;
}

/** An unreadable image, which is skipped and counted. The message is the reason only. */
export class BadImageError extends Error {
  override readonly name = 'BadImageError';
}
