// What the discriminator says of pictures of a page: cut and brought to the model's size, and judged a few at a time. A chunk
// of its own, loaded when a page asks for the first time.
import { floatsOf, type PictureSource } from '../pictures.ts';
import type { Surroundings } from './call-context.ts';

/** What is to be judged. */
export interface DiscriminateRequest {
  /** Of any size: cut to their middle and brought to the model's; or floats [size, size, channels] in [-1, 1]. */
  readonly images: readonly PictureSource[];
  readonly signal?: AbortSignal | undefined;
}

/** What the discriminator says of one image. */
export interface Opinion {
  /** That the image is real, from 0 to 1. */
  readonly probability: number;
  /** The same as the network gives it: log(p / (1 - p)), positive for real. */
  readonly logit: number;
}

/** Images that are judged at once: few enough that stopping is soon. */
const pieceSize = 16;

/** One opinion for each image. Throws TypeError for what is no list of pictures, RangeError for floats that are no image. */
export async function discriminate(
  { images }: DiscriminateRequest,
  { model: { imageSize, channels }, signal, ask }: Surroundings,
): Promise<Opinion[]> {
  if (!Array.isArray(images)) throw new TypeError('discriminate: expected a list of images');
  const floats = await Promise.all(
    (images as readonly PictureSource[]).map((image) => floatsOf(image, imageSize, channels)),
  );
  const opinions: Opinion[] = [];
  for (let first = 0; first < floats.length; first += pieceSize) {
    signal.throwIfAborted();
    const piece = floats.slice(first, first + pieceSize);
    const together = new Float32Array(piece.length * imageSize * imageSize * channels);
    piece.forEach((image, i) => together.set(image, i * image.length));
    const request = { images: together, count: piece.length };
    for (const logit of await ask('discriminator', 'discriminate', request)) {
      opinions.push({ probability: 1 / (1 + Math.exp(-logit)), logit });
    }
  }
  return opinions;
}
