// The discriminate() call, page side: resizes images to the model's size and gets the discriminator's predictions in batches.
import { floatsOf, type PictureSource } from '../pictures.ts';
import type { CallContext } from './call-context.ts';

/** The images to classify as real or fake. */
export interface DiscriminateRequest {
  /** Images of any size, cropped to the middle in the model's shape and resized; or floats [height, width, channels] in [-1, 1]. */
  readonly images: readonly PictureSource[];
  readonly signal?: AbortSignal | undefined;
}

/** The discriminator's prediction for one image. */
export interface Opinion {
  /**
   * The predicted probability that the image is real, from 0 to 1, in a set of as many real as generated images. It means little for a
   * model without `calibration` in `model.json`.
   */
  readonly probability: number;
  /** The logit log(p / (1 - p)): positive for real. */
  readonly logit: number;
}

/** Images a batch; small, so that an abort takes effect soon. */
const batchSize = 16;

/** One prediction for each image. Throws TypeError for anything but a list of images, RangeError for floats of a wrong size or range. */
export const discriminate =
  ({ model: { width, height, channels }, signal, ask }: CallContext) =>
  async ({ images }: DiscriminateRequest): Promise<Opinion[]> => {
    if (!Array.isArray(images)) throw new TypeError('discriminate: expected a list of images');
    const floats = await Promise.all(
      (images as readonly PictureSource[]).map((image) => floatsOf(image, { width, height, channels })),
    );
    const opinions: Opinion[] = [];
    for (let first = 0; first < floats.length; first += batchSize) {
      signal.throwIfAborted();
      const batch = floats.slice(first, first + batchSize);
      const together = new Float32Array(batch.length * width * height * channels);
      batch.forEach((image, i) => together.set(image, i * image.length));
      const request = { images: together, count: batch.length };
      for (const logit of await ask('discriminator', 'discriminate', request)) {
        opinions.push({ probability: 1 / (1 + Math.exp(-logit)), logit });
      }
    }
    return opinions;
  };
