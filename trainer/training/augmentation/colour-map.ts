// Maps of colours, one for each image: they change the lightness along the axis of greys, and turn and stretch the colours around it.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../../engine/engine.ts';
import type { TensorSpec } from '../../graph/trace/graph.ts';

/**
 * A map of colours in [-1, 1]. With m the mean of red, green and blue, m becomes `lightness` m + `offset`; the colour's difference from
 * m turns by `hue` radians around the axis of greys and is multiplied by `saturation`.
 */
export interface ColourMap {
  readonly lightness: number;
  readonly offset: number;
  readonly hue: number;
  readonly saturation: number;
}

/** The tensors that {@link mapColours} takes for images of this number of channels; a fourth (alpha) keeps its values. */
export function colourInputs(
  batch: number,
  channels: number,
): Readonly<Record<'colourMatrix' | 'colourOffset', TensorSpec>> {
  const mapped = Math.min(channels, 3);
  return {
    colourMatrix: { shape: [batch, mapped, mapped], dtype: 'float32' },
    colourOffset: { shape: [batch, mapped, 1], dtype: 'float32' },
  };
}

/** Writes the matrix of image `index`, and its offset, into the data of {@link colourInputs}. */
export function writeColourMap(
  data: Readonly<Record<keyof ReturnType<typeof colourInputs>, Float32Array>>,
  index: number,
  map: ColourMap,
): void {
  const mapped = data.colourMatrix.length / data.colourOffset.length;
  data.colourMatrix.set(mapped === 1 ? [map.lightness] : matrixOf(map), index * mapped * mapped);
  data.colourOffset.fill(map.offset, index * mapped, (index + 1) * mapped);
}

/** The 3 x 3 matrix of a map, without its offset: exactly the identity for the map that changes nothing. */
function matrixOf({ lightness, hue, saturation }: ColourMap): readonly number[] {
  const along = saturation * Math.cos(hue);
  const across = (saturation * Math.sin(hue)) / Math.sqrt(3);
  const shared = (lightness - along) / 3;
  const [next, previous] = [shared - across, shared + across];
  return [
    ...[shared + along, next, previous],
    ...[previous, shared + along, next],
    ...[next, previous, shared + along],
  ];
}

/** Maps the colours of images [b, c, h, w] by the tensors of {@link colourInputs}. */
export function mapColours(images: tf.Tensor, { colourMatrix, colourOffset }: NamedTensors): tf.Tensor {
  const [b, c, h, w] = images.shape as [number, number, number, number];
  const [colours, alpha = null] = c === 4 ? (tf.split(images, [3, 1], 1) as tf.Tensor[]) : [images];
  const mapped = Math.min(c, 3);
  const flat = tf.reshape(colours!, [b, mapped, h * w]);
  const changed = tf.reshape(tf.add(tf.matMul(colourMatrix!, flat), colourOffset!), [b, mapped, h, w]);
  return alpha === null ? changed : tf.concat([changed, alpha], 1);
}
