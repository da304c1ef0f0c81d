// The random tensors of ADA for one pass of D (Karras 2020, appendix B): of the transforms of each image, its movement and its map of
// colours.
import type { ImageShape } from '../../image-shape.ts';
import type { Random } from '../../random.ts';
import { lengthOfShape, type FloatTensor, type Shapes } from '../tensors.ts';
import { colourMapOf, drawTransforms, movementOf } from './ada-transforms.ts';
import { colourInputs, writeColourMap } from './colour-values.ts';
import { resamplingInputs, writeMovement } from './movement-values.ts';

/** The tensors of one pass, by the last part of their names. */
type AdaTensor = keyof ReturnType<typeof resamplingInputs> | keyof ReturnType<typeof colourInputs>;

/** Shapes of the tensors of one pass over images of this shape. */
export function adaInputs(batch: number, shape: ImageShape): Readonly<Record<AdaTensor, readonly number[]>> {
  return { ...resamplingInputs(batch, shape), ...colourInputs(batch, shape.channels) };
}

/**
 * Draws the tensors of one pass, whose names end with `/` and those of {@link adaInputs}. Each transform of each image happens with
 * `probability`.
 */
export function drawAda(
  inputs: Shapes,
  random: Random,
  probability: number,
  shape: ImageShape,
): Record<string, FloatTensor> {
  const drawn: Record<string, FloatTensor> = {};
  const data: Record<string, Float32Array> = {};
  for (const [name, dims] of Object.entries(inputs)) {
    const values = new Float32Array(lengthOfShape(dims));
    drawn[name] = { dtype: 'float32', shape: dims, data: values };
    data[name.slice(name.lastIndexOf('/') + 1)] = values;
  }
  const all = data as Record<AdaTensor, Float32Array>;
  for (let index = 0; index < all.isMoved.length; index++) {
    const transforms = drawTransforms(random, probability, shape);
    writeMovement(all, index, shape, movementOf(transforms));
    writeColourMap(all, index, colourMapOf(transforms));
  }
  return drawn;
}
