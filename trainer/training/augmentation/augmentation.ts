// Random changes of real and generated images alike before D, which delay its overfitting of a small data set: DiffAugment or ADA. G's
// gradient passes through them. All random numbers are inputs of the step.
import * as tf from '@tensorflow/tfjs-core';
import type { ImageShape } from '../../../runtime-web/format/image-shape.ts';
import type { Random } from '../../../runtime-web/format/random.ts';
import { adaptive, parseAugment } from '../../config/augmentations.ts';
import type { NamedHostTensors, NamedTensors } from '../../engine/engine.ts';
import { sizeOf, type TensorSpec } from '../../graph/trace/graph.ts';
import { colourMapOf, drawTransforms, movementOf } from './ada-transforms.ts';
import { colourInputs, mapColours, writeColourMap } from './colour-map.ts';
import { diffAugment, diffAugmentInputs, drawDiffAugment } from './diff-augment.ts';
import { resample, resamplingInputs, writeMovement } from './resampling.ts';

/** The random tensors of an augmentation. */
export interface Augmentation {
  /** The tensors of one pass of D, by name; none without augmentation. */
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** Draws them. Each change of each image happens with `probability`. */
  draw(random: Random, probability: number): NamedHostTensors;
}

/** The augmentation of `--augment` (null: none) for batches of images of this shape. */
export function augmentationOf(text: string | null, batch: number, shape: ImageShape): Augmentation {
  const chosen = text === null ? [] : parseAugment(text);
  if (chosen === adaptive) return ada(batch, shape);
  const inputs = diffAugmentInputs(chosen, { batch, ...shape });
  return { inputs, draw: (random, probability) => drawDiffAugment(inputs, random, probability) };
}

function ada(batch: number, shape: ImageShape): Augmentation {
  const inputs = { ...resamplingInputs(batch, shape), ...colourInputs(batch, shape.channels) };
  return {
    inputs,
    draw(random, probability) {
      const drawn = mapEntries(inputs, (spec) => ({ ...spec, data: new Float32Array(sizeOf(spec.shape)) }));
      const data = mapEntries(drawn, (tensor) => tensor.data);
      for (let index = 0; index < batch; index++) {
        const transforms = drawTransforms(random, probability, shape);
        writeMovement(data, index, shape, movementOf(transforms));
        writeColourMap(data, index, colourMapOf(transforms));
      }
      return drawn;
    },
  };
}

/** Changes images [b, h, w, c] in [-1, 1] by the tensors of one pass; returns them unchanged without any. */
export function augment(images: tf.Tensor, given: NamedTensors): tf.Tensor {
  if (given['isMoved'] === undefined) return diffAugment(images, given);
  const planes = tf.transpose(images, [0, 3, 1, 2]); // [b, c, h, w]
  return tf.transpose(mapColours(resample(planes, given), given), [0, 2, 3, 1]);
}

function mapEntries<K extends string, T, U>(
  record: Readonly<Record<K, T>>,
  map: (value: T) => U,
): Readonly<Record<K, U>> {
  const entries = (Object.entries(record) as [K, T][]).map(([key, value]) => [key, map(value)] as const);
  return Object.fromEntries(entries) as Record<K, U>;
}
