// D's verdicts on images, batch by batch.
import { conditionColumns, conditionName } from '../format/condition.ts';
import { lengthOf } from '../format/image-shape.ts';
import { oneHot } from '../format/training/codes.ts';
import type { RealBatch } from '../format/training/draws.ts';
import type { FloatTensor, FloatTensors } from '../format/training/tensors.ts';
import { shapeOfOne, type TrainablePackage } from '../format/training/trainable.ts';

/**
 * D's outputs for images, [n]: for each a probability that it is real, or a score, by the package's `logit`. A batch is judged together, as
 * in training; the last one is filled up with the first images. `run` runs judge.onnx. Throws RangeError for a package without it.
 */
export async function judged(
  { conditioning, trainable, ...shaped }: TrainablePackage,
  { images, labels, condition }: RealBatch,
  run: (inputs: FloatTensors) => Promise<Readonly<Record<string, FloatTensor>>>,
): Promise<Float32Array<ArrayBuffer>> {
  if (trainable.files.judge === undefined)
    throw new RangeError('judge: the package has no judge.onnx; export it again with --trainable');
  const length = lengthOf(shaped);
  const count = images.length / length;
  const { batch, logit } = trainable;
  const columns = conditionColumns(conditioning);
  const rows = labels === null ? condition : oneHot(labels, columns);
  const verdicts = new Float32Array(count);
  /** `batch` rows of a width, from a first one on. */
  const part = (data: Float32Array, wide: number, first: number): Float32Array => {
    const taken = new Float32Array(batch * wide);
    for (let i = 0; i < batch; i++) {
      const row = (first + i) % count;
      taken.set(data.subarray(row * wide, (row + 1) * wide), i * wide);
    }
    return taken;
  };
  for (let first = 0; first < count; first += batch) {
    const shape = [batch, ...shapeOfOne(shaped)];
    const { logits } = await run({
      [shaped.data]: { dtype: 'float32', shape, data: part(images, length, first) },
      ...(conditioning !== null &&
        rows && {
          [conditionName(conditioning)]: {
            ...{ dtype: 'float32', shape: [batch, columns], data: part(rows, columns, first) },
          } as FloatTensor,
        }),
    });
    for (let i = 0; i < Math.min(batch, count - first); i++) {
      const value = logits!.data[i]!;
      verdicts[first + i] = logit === 'probability' ? 1 / (1 + Math.exp(-value)) : value;
    }
  }
  return verdicts;
}
