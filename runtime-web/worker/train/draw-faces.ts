// The worker that draws the built-in faces, batch by batch, for a training in another worker.
import type { ImageShape } from '../../format/image-shape.ts';
import { avatarImage } from '../../training/avatars.ts';

/** The name of the worker, by which the script knows that it runs there. */
export const drawingName = 'dcgan-faces';

/** Faces to draw. */
export interface FacesWanted extends Pick<ImageShape, 'width' | 'channels'> {
  readonly indices: Int32Array<ArrayBuffer>;
}

/** Drawn faces. */
export interface FacesDrawn {
  readonly indices: Int32Array<ArrayBuffer>;
  /** [n, width, width, channels]; its memory moves to the receiver. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/** Draws faces. */
export function facesDrawn({ indices, ...shape }: FacesWanted): FacesDrawn {
  const length = shape.width ** 2 * shape.channels;
  const pixels = new Uint8Array(indices.length * length);
  indices.forEach((index, i) => pixels.set(avatarImage(index, shape), i * length));
  return { indices, pixels };
}

/** True in the worker that draws. */
export const isDrawing = (): boolean => self.name === drawingName;

/** Answers each {@link FacesWanted} with {@link FacesDrawn}, in turn. */
export function drawFaces(): void {
  self.onmessage = ({ data }: MessageEvent<FacesWanted>): void => {
    const drawn = facesDrawn(data);
    self.postMessage(drawn, { transfer: [drawn.pixels.buffer] });
  };
}
