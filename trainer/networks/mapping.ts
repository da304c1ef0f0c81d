// StyleGAN's mapping network (Karras 2018, "A Style-Based Generator Architecture", section 2 and appendix C): z, normalised to a
// mean square of 1, goes through dense layers to the style w.
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../engine/engine.ts';
import { leak } from './discriminator.ts';
import { equalised, plain, type Equalised } from './equalised.ts';
import { parameter } from './network.ts';

/** Options that determine a mapping network's shape; see TrainConfig. */
export interface MappingOptions {
  /** Size of z joined with its condition, and of w. */
  readonly latent: number;
  readonly mappingLayers: number;
}

/** Learning rate relative to the other layers' (appendix C). */
const rate = 0.01;

const names = ({ mappingLayers }: MappingOptions): string[] =>
  Array.from({ length: mappingLayers }, (_, i) => `generator/mapping/dense${i + 1}`);

/** Shapes and initial distributions of the parameters. */
export function mappingParameters(options: MappingOptions): Record<string, Equalised> {
  const { latent } = options;
  return Object.fromEntries(
    names(options).flatMap((name) => [
      [`${name}/kernel`, equalised([latent, latent], latent, { rate })],
      [`${name}/bias`, plain([latent], { factor: rate })],
    ]),
  );
}

/** z [b, latent], joined with its condition → w [b, latent]. Takes prepared parameters (`equalised.ts`). */
export function mapLatents(options: MappingOptions, parameters: NamedTensors, z: tf.Tensor): tf.Tensor {
  let x = tf.mul(z, tf.rsqrt(tf.add(tf.mean(tf.square(z), 1, true), 1e-8)));
  for (const name of names(options)) {
    const product = tf.matMul(x as tf.Tensor2D, parameter(parameters, `${name}/kernel`) as tf.Tensor2D);
    x = tf.leakyRelu(tf.add(product, parameter(parameters, `${name}/bias`)), leak);
  }
  return x;
}
