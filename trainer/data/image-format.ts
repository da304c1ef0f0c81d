// The formats of image files. The signature at a file's start decides, not its name, because libvips would also open SVG and PDF.
import sharp from 'sharp';
import type { ImageFormat } from '../../runtime-web/format/image-signature.ts';

/** Facts of an image file that are known before decoding. */
export interface ImageFacts {
  readonly format: ImageFormat;
  /** Upright, in pixels. */
  readonly width: number;
  readonly height: number;
  /** 1 if stored as grey. */
  readonly channels: 1 | 3;
  readonly hasAlpha: boolean;
  /** Frames of an animation, or pages; only the first is used. */
  readonly frames: number;
}

/** True if this sharp decodes HEIC; the one that npm installs does not, because of the patents on HEVC. */
export const readsHeic = sharp.format.heif.input.fileSuffix?.includes('.heic') ?? false;

/** The formats that are read, for messages: `PNG, JPEG, … or AVIF`. */
export const formatNames = `PNG, JPEG, WebP, GIF, BMP, TIFF${readsHeic ? ', AVIF or HEIC' : ' or AVIF'}`;

const endings = /\.(png|jpe?g|jpe|jfif|webp|gif|bmp|dib|tiff?|avif)$/i;
const heicEndings = /\.(heic|heif|hif)$/i;

/** True if a file name has the extension of a format that is read. */
export function isImageName(name: string): boolean {
  return endings.test(name) || (readsHeic && heicEndings.test(name));
}

/** A file name without the extension of an image format. */
export function withoutImageEnding(name: string): string {
  return name.replace(endings, '').replace(heicEndings, '');
}
