// Differentiable augmentation (Zhao 2020): colours, a shift and a square of zeros. A shift by whole pixels is two matrix products with
// shifted identities, which have derivatives on every engine.
import type { AugmentName } from '../../config/augmentations.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { ImageSize } from '../../../runtime-web/format/image-shape.ts';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { NamedHostTensors, NamedTensors } from '../../engine/engine.ts';
import { sizeOf, type HostTensor, type TensorSpec } from '../../graph/trace/graph.ts';

/** Number and size of the images to augment. */
export interface AugmentedImages extends ImageSize {
  readonly batch: number;
}

/** The random tensors that {@link diffAugment} takes for one pass, by name. */
export function diffAugmentInputs(
  names: readonly AugmentName[],
  { batch, width, height }: AugmentedImages,
): Readonly<Record<string, TensorSpec>> {
  const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });
  const inputs: Record<string, TensorSpec> = {};
  if (names.includes('color')) {
    inputs['brightness'] = inputs['saturation'] = inputs['contrast'] = float(batch, 1, 1, 1);
  }
  if (names.includes('translation')) {
    inputs['rows'] = float(batch, height, height);
    inputs['columns'] = float(batch, width, width);
  }
  if (names.includes('cutout')) inputs['kept'] = float(batch, height, width, 1);
  return inputs;
}

/**
 * Draws the tensors of {@link diffAugmentInputs}, with the ranges of the paper's code. Each change of an image happens with
 * `probability`: its brightness, saturation and contrast, its shift along each axis, and its cutout.
 */
export function drawDiffAugment(
  specs: Readonly<Record<string, TensorSpec>>,
  random: Random,
  probability: number,
): NamedHostTensors {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, draw(name, spec, random, probability)] as const),
  );
}

function draw(name: string, spec: TensorSpec, random: Random, probability: number): HostTensor {
  const { shape } = spec;
  const [batch = 0, size = 0, across = 0] = shape;
  const data = new Float32Array(sizeOf(shape));
  // No number is drawn for what always happens, so that such runs are as they were before probabilities.
  const isChosen = (): boolean => probability === 1 || random.uniform() < probability;
  if (name === 'rows' || name === 'columns') {
    const limit = Math.floor(size / 8 + 0.5);
    for (let i = 0; i < batch; i++) {
      const drawn = wholeNumber(random, -limit, limit);
      const shift = isChosen() ? drawn : 0;
      // Row y of the result is row y + shift of the image, or zeros. Matrices of columns are multiplied from the right.
      for (let y = 0; y < size; y++) {
        const from = y + shift;
        if (from < 0 || from >= size) continue;
        data[(i * size + (name === 'rows' ? y : from)) * size + (name === 'rows' ? from : y)] = 1;
      }
    }
  } else if (name === 'kept') {
    const [tall, wide] = [Math.floor(size / 2 + 0.5), Math.floor(across / 2 + 0.5)];
    data.fill(1);
    for (let i = 0; i < batch; i++) {
      const [top, left] = [
        wholeNumber(random, 0, size) - tall / 2,
        wholeNumber(random, 0, across) - wide / 2,
      ];
      if (!isChosen()) continue;
      for (let y = Math.max(0, Math.ceil(top)); y < Math.min(size, top + tall); y++) {
        for (let x = Math.max(0, Math.ceil(left)); x < Math.min(across, left + wide); x++) {
          data[(i * size + y) * across + x] = 0;
        }
      }
    }
  } else {
    const [min, max] = { brightness: [-0.5, 0.5], saturation: [0, 2], contrast: [0.5, 1.5] }[name]!;
    for (let i = 0; i < batch; i++) {
      const drawn = min! + (max! - min!) * random.uniform();
      data[i] = isChosen() ? drawn : (min! + max!) / 2;
    }
  }
  return { ...spec, data };
}

/** A random whole number from `min` to `max`, both included. */
function wholeNumber(random: Random, min: number, max: number): number {
  return min + Math.floor(random.uniform() * (max - min + 1));
}

/**
 * Augments images [b, h, w, c] in [-1, 1] by the tensors of one pass; returns them unchanged without any. Colours change, a fourth
 * channel (alpha) does not.
 */
export function diffAugment(images: tf.Tensor, given: NamedTensors): tf.Tensor {
  const { brightness, saturation, contrast, rows, columns, kept } = given;
  const hasColour = [brightness, saturation, contrast].some((factor) => factor !== undefined);
  const [colours, alpha = null] =
    hasColour && images.shape[3] === 4 ? (tf.split(images, [3, 1], 3) as tf.Tensor[]) : [images];
  let x = colours!;
  if (brightness !== undefined) x = tf.add(x, brightness);
  if (saturation !== undefined) x = around(tf.mean(x, 3, true), x, saturation);
  if (contrast !== undefined) x = around(tf.mean(x, [1, 2, 3], true), x, contrast);
  if (alpha !== null) x = tf.concat([x, alpha], 3);
  if (rows !== undefined && columns !== undefined) {
    const [b, h, w, c] = x.shape as [number, number, number, number];
    const down = tf.matMul(rows as tf.Tensor3D, tf.reshape(x, [b, h, w * c]) as tf.Tensor3D); // [b, h, w·c]
    // Columns are shifted as rows are, with each image transposed.
    const transposed = tf.transpose(tf.reshape(down, [b, h, w, c]), [0, 1, 3, 2]); // [b, h, c, w]
    const across = tf.matMul(tf.reshape(transposed, [b, h * c, w]) as tf.Tensor3D, columns as tf.Tensor3D);
    x = tf.transpose(tf.reshape(across, [b, h, c, w]), [0, 1, 3, 2]);
  }
  return kept === undefined ? x : tf.mul(x, kept);
}

function around(mean: tf.Tensor, x: tf.Tensor, factor: tf.Tensor): tf.Tensor {
  return tf.add(mean, tf.mul(tf.sub(x, mean), factor));
}
