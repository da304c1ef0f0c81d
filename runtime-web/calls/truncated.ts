// Images with truncation, as `sample --truncation` draws them. A chunk of its own, fetched with the first such request.
import { checkTruncation, truncate } from '../format/truncate.ts';
import { toImageData } from '../pictures.ts';
import type { Drawn, DrawRequest } from '../protocol.ts';
import type { CallContext } from './call-context.ts';

/** Images a batch; small, so that an abort takes effect soon. */
const batchSize = 8;

/**
 * Truncates the styles of a model that has them and resolves to its images. For any other model it truncates the request's latents,
 * in place, and resolves to null: they are generated as usual. Throws RangeError for an invalid factor, and for masks with styles.
 */
export async function drawTruncated(
  { model, signal, ask }: CallContext,
  { z, condition, count, masks, as }: Omit<DrawRequest, 'id' | 'request'>,
  factor: number,
): Promise<Drawn['data'] | null> {
  checkTruncation(factor);
  const { styles, latent, width, height, channels } = model;
  if (styles === null) {
    truncate(z, factor);
    return null;
  }
  if (masks !== undefined)
    throw new RangeError('masks: a model with styles takes them only without truncation');
  const length = width * height * (as === 'floats' ? channels : 4);
  const data = as === 'floats' ? new Float32Array(count * length) : new Uint8ClampedArray(count * length);
  const columns = (condition?.length ?? 0) / count;
  for (let first = 0; first < count; first += batchSize) {
    signal.throwIfAborted();
    const size = Math.min(batchSize, count - first);
    const rows = <T extends Float32Array>(values: T, width: number) =>
      values.slice(first * width, (first + size) * width);
    const w = await ask('mapping', 'mapStyles', {
      z: rows(z, latent.dim),
      condition: condition && rows(condition, columns),
      count: size,
    });
    truncate(w, factor, styles.mean);
    const { dim, layers } = styles;
    const byLayer = new Float32Array(size * layers.length * dim);
    for (let row = 0; row < size * layers.length; row++) {
      const image = Math.floor(row / layers.length);
      byLayer.set(w.subarray(image * dim, (image + 1) * dim), row * dim);
    }
    const images = await ask('synthesis', 'synthesise', { styles: byLayer, count: size });
    if (as === 'floats') data.set(images, first * length);
    else {
      const area = width * height * channels;
      for (let i = 0; i < size; i++) {
        const { data: pixels } = toImageData(images.subarray(i * area, (i + 1) * area), model);
        data.set(pixels, (first + i) * length);
      }
    }
  }
  return data;
}
