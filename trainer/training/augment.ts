// Differentiable augmentation (Zhao 2020): what D sees of real and of fake images alike is changed at random, so that a small
// data set lasts longer, and G is pulled back through the change. Random numbers come in as tensors; a shift by whole pixels
// is two matrix products with shifted identities, so that every derivative is there on every engine.
import type { AugmentName } from '../config/augmentations.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../runtime-web/format/random.ts';
import type { NamedHostTensors, NamedTensors } from '../engine/engine.ts';
import type { HostTensor, TensorSpec } from '../graph/trace/graph.ts';

/** Images that are changed: their number and side. */
export interface AugmentedImages {
  readonly batch: number;
  readonly imageSize: number;
}

/** The random tensors of one pass, by name: what {@link augment} takes. */
export function augmentInputs(
  names: readonly AugmentName[],
  { batch, imageSize }: AugmentedImages,
): Readonly<Record<string, TensorSpec>> {
  const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });
  const inputs: Record<string, TensorSpec> = {};
  if (names.includes('color')) {
    inputs['brightness'] = inputs['saturation'] = inputs['contrast'] = float(batch, 1, 1, 1);
  }
  if (names.includes('translation')) {
    inputs['rows'] = inputs['columns'] = float(batch, imageSize, imageSize);
  }
  if (names.includes('cutout')) inputs['kept'] = float(batch, imageSize, imageSize, 1);
  return inputs;
}

/** Draws the tensors of {@link augmentInputs}, as the paper's code does. */
export function drawAugmentation(
  specs: Readonly<Record<string, TensorSpec>>,
  random: Random,
): NamedHostTensors {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, draw(name, spec, random)] as const),
  );
}

function draw(name: string, spec: TensorSpec, random: Random): HostTensor {
  const { shape } = spec;
  const [batch = 0, size = 0] = shape;
  const data = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
  if (name === 'rows' || name === 'columns') {
    const most = Math.floor(size / 8 + 0.5);
    for (let i = 0; i < batch; i++) {
      const shift = whole(random, -most, most);
      // Row y of the result is row y + shift of the image, or nothing; columns are multiplied from the right.
      for (let y = 0; y < size; y++) {
        const from = y + shift;
        if (from < 0 || from >= size) continue;
        data[(i * size + (name === 'rows' ? y : from)) * size + (name === 'rows' ? from : y)] = 1;
      }
    }
  } else if (name === 'kept') {
    const side = Math.floor(size / 2 + 0.5);
    data.fill(1);
    for (let i = 0; i < batch; i++) {
      const [top, left] = [whole(random, 0, size) - side / 2, whole(random, 0, size) - side / 2];
      for (let y = Math.max(0, Math.ceil(top)); y < Math.min(size, top + side); y++) {
        for (let x = Math.max(0, Math.ceil(left)); x < Math.min(size, left + side); x++) {
          data[(i * size + y) * size + x] = 0;
        }
      }
    }
  } else {
    const [least, most] = { brightness: [-0.5, 0.5], saturation: [0, 2], contrast: [0.5, 1.5] }[name]!;
    for (let i = 0; i < batch; i++) data[i] = least! + (most! - least!) * random.uniform();
  }
  return { ...spec, data };
}

/** A whole number from `least` to `most`, both included. */
function whole(random: Random, least: number, most: number): number {
  return least + Math.floor(random.uniform() * (most - least + 1));
}

/** Images [b, h, w, c] in [-1, 1], changed by the tensors of one pass; untouched where there are none. */
export function augment(images: tf.Tensor, given: NamedTensors): tf.Tensor {
  let x = images;
  const { brightness, saturation, contrast, rows, columns, kept } = given;
  if (brightness !== undefined) x = tf.add(x, brightness);
  if (saturation !== undefined) x = around(tf.mean(x, 3, true), x, saturation);
  if (contrast !== undefined) x = around(tf.mean(x, [1, 2, 3], true), x, contrast);
  if (rows !== undefined && columns !== undefined) {
    const [b, h, w, c] = x.shape as [number, number, number, number];
    const down = tf.matMul(rows as tf.Tensor3D, tf.reshape(x, [b, h, w * c]) as tf.Tensor3D); // [b, h, w·c]
    // Columns are shifted as rows are, in each image turned on its side.
    const turned = tf.transpose(tf.reshape(down, [b, h, w, c]), [0, 1, 3, 2]); // [b, h, c, w]
    const across = tf.matMul(tf.reshape(turned, [b, h * c, w]) as tf.Tensor3D, columns as tf.Tensor3D);
    x = tf.transpose(tf.reshape(across, [b, h, c, w]), [0, 1, 3, 2]);
  }
  return kept === undefined ? x : tf.mul(x, kept);
}

function around(mean: tf.Tensor, x: tf.Tensor, factor: tf.Tensor): tf.Tensor {
  return tf.add(mean, tf.mul(tf.sub(x, mean), factor));
}
