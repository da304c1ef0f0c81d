// The gradients of G's loss at points, by the file of a package for points.
import type { FloatTensor } from '../format/training/tensors.ts';
import type { TrainingLoop } from './loop.ts';

/**
 * The gradients of G's loss at points [n, 2], each of its own part, as if G had made them: in batches with the next real points, the last one
 * filled up with the first points. Changes nothing.
 */
export async function slopesAt(loop: TrainingLoop, points: Float32Array): Promise<Float32Array<ArrayBuffer>> {
  const { batch } = loop.opened.trainable;
  const { scalars, settings, nextBatch } = loop.progress;
  const { criticRate, criticUpdate } = scalars(settings.criticSteps - 1);
  const tensor = (data: Float32Array, ...shape: number[]): FloatTensor => ({ dtype: 'float32', shape, data });
  const shared = {
    real: tensor(nextBatch.images, batch, 2),
    criticRate: tensor(Float32Array.of(criticRate)),
    criticUpdate: tensor(Float32Array.of(criticUpdate)),
  };
  const slopes = new Float32Array(points.length);
  for (let first = 0; first < points.length; first += 2 * batch) {
    const part = Float32Array.from({ length: 2 * batch }, (_, i) => points[(first + i) % points.length]!);
    const { slopes: found } = await loop.run('field', { ...shared, points: tensor(part, batch, 2) });
    slopes.set(found!.data.subarray(0, points.length - first), first);
  }
  return slopes;
}
