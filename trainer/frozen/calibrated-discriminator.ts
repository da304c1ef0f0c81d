// A frozen discriminator with calibrated logits.
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { FrozenDiscriminator } from './frozen-networks.ts';
import type { PlattScaling } from './platt-scaling.ts';

const names = {
  scale: 'discriminator/calibration/scale',
  offset: 'discriminator/calibration/offset',
} as const;

/** The same discriminator, its `logits` [n] replaced by scale · logits + offset; both are float32 parameters of their own. */
export function calibratedDiscriminator(
  { parameters, layers }: FrozenDiscriminator,
  { scale, offset }: PlattScaling,
): FrozenDiscriminator {
  const scalar = (value: number): HostTensor => ({
    shape: [],
    dtype: 'float32',
    data: Float32Array.of(value),
  });
  return {
    parameters: { ...parameters, [names.scale]: scalar(scale), [names.offset]: scalar(offset) },
    layers(given, images, options) {
      const outputs = layers(given, images, options);
      const scaled = tf.mul(outputs['logits']!, given[names.scale]!);
      return { ...outputs, logits: tf.add(scaled, given[names.offset]!) };
    },
  };
}
