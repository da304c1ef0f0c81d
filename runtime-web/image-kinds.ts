// The forms in which a page can receive images.

/** The form of an image: {@link ImageData} (default), ImageBitmap, or floats [size, size, channels] in [-1, 1]. */
export type ImageKind = 'image' | 'bitmap' | 'floats';

/** Images by kind. */
export interface ImagesByKind {
  readonly image: ImageData;
  readonly bitmap: ImageBitmap;
  readonly floats: Float32Array<ArrayBuffer>;
}
