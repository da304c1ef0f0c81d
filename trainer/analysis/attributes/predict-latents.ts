// A classifier's predictions for generated images, which are generated in batches and not kept.
import type { NativeGenerator } from '../../model-package/native-generator.ts';
import type { AttributePredictor } from './attribute-classifier.ts';

const batch = 64;

/**
 * Latents [count, dim] → predictions for their images, [count, attributes]. Throws the signal's reason when aborted.
 */
export async function predictLatents(given: {
  readonly generator: NativeGenerator;
  readonly classifier: AttributePredictor;
  readonly latents: Float32Array;
  readonly dim: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<Float32Array> {
  const { generator, classifier, latents, dim, signal, onProgress } = given;
  const count = latents.length / dim;
  const width = classifier.attributes.length;
  const predictions = new Float32Array(count * width);
  for (let first = 0; first < count; first += batch) {
    signal.throwIfAborted();
    const piece = Math.min(batch, count - first);
    const images = await generator.draw(latents.slice(first * dim, (first + piece) * dim));
    predictions.set(await classifier.predict(images.data as Float32Array, piece), first * width);
    onProgress?.(first + piece, count);
  }
  return predictions;
}
