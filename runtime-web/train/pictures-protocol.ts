// Messages between the page and the worker that reads pictures.
import type { Focus } from '../format/crop-box.ts';
import type { ImageShape } from '../format/image-shape.ts';
import type { LoadProgress } from '../protocol.ts';

/** A picture of the visitor: a file, encoded bytes, or the pixels of a camera or a pad. */
export type GivenPicture = Blob | ImageData;

/** A picture's bytes [height, width, channels], or why it was refused. */
export type ReadPicture = { readonly pixels: Uint8Array<ArrayBuffer> } | { readonly refused: string };

/** Labelled images that were published, at the shape asked for. */
export interface ReadClothes {
  readonly name: string;
  readonly images: Uint8Array<ArrayBuffer>;
  readonly labels: Int32Array<ArrayBuffer>;
  readonly classes: readonly string[];
  readonly warnings: readonly string[];
}

/** The functions of the worker. */
export interface PicturesApi {
  read(request: {
    readonly source: GivenPicture;
    readonly shape: ImageShape;
    readonly focus: Focus;
  }): Promise<ReadPicture>;
  clothes(
    request: { readonly url: string; readonly shape: ImageShape },
    onProgress?: (progress: LoadProgress) => void,
  ): Promise<ReadClothes>;
}
