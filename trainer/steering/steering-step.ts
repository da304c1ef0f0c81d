// One update of latents whose pictures are to get an attribute: gradient ascent through the generator and a classifier, with a
// penalty that holds whatever else the classifier sees (the disentangling term). Written once: recorded by an engine for `dcgan
// steer`, and lowered to a file of its own that pages run.
import * as tf from '@tensorflow/tfjs-core';
import type { LatentDistribution } from '../../runtime-web/format/random.ts';
import { adam } from '../training/adam.ts';
import type { PredictedAttribute } from '../analysis/attributes/attribute-classifier.ts';
import { disturbed, missing } from '../analysis/attributes/attribute-loss.ts';
import type { NamedHostTensors, NamedTensors } from '../engine/engine.ts';
import type { FrozenGenerator } from '../frozen/frozen-networks.ts';
import { parameter } from '../networks/network.ts';
import { atypicality } from '../restoring/restoring-loss.ts';
import type { TensorSpec } from '../graph/trace/graph.ts';
import { valueAndGradients } from '../graph/trace/value-and-gradients.ts';

/** What draws, what sees, and where latents come from. */
export interface SteeringNetworks {
  readonly generator: FrozenGenerator;
  readonly classifier: {
    readonly attributes: readonly PredictedAttribute[];
    readonly parameters: NamedHostTensors;
    /** Images → verdicts [n, attributes]: logits, and values in [-1, 1]. */
    classify(parameters: NamedTensors, images: tf.Tensor): tf.Tensor;
  };
  readonly distribution: LatentDistribution;
}

/** How far beyond its border an attribute is pushed: in logits, and in a continuous one's units. */
const margins = { binary: 2, continuous: 0.3 } as const;
/** How much an unusual latent counts. */
const typicalWeight = 2;

/** The inputs that the next step takes from this one's outputs. */
export const steeringCarried = { z: 'nextZ', first: 'nextFirst', second: 'nextSecond' } as const;

/** The parameters of both networks. */
export function steeringParameters({ generator, classifier }: SteeringNetworks): NamedHostTensors {
  return { ...generator.parameters, ...classifier.parameters };
}

/** The inputs of a step for so many pictures, beside the parameters. */
export function steeringInputs(
  count: number,
  latentDim: number,
  attributes: number,
): Readonly<Record<string, TensorSpec>> {
  const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });
  return {
    z: float(count, latentDim),
    first: float(count, latentDim),
    second: float(count, latentDim),
    update: float(),
    rate: float(),
    push: float(count, attributes),
    start: float(count, attributes),
    hold: float(),
  };
}

/**
 * One update by Adam. Inputs: `z` [n, dim] with Adam's moments `first` and `second`, scalars `update` (1 for the first) and `rate`,
 * `push` [n, attributes], 1 to give an attribute, -1 to take it, 0 to hold it; `start` [n, attributes], the verdicts to hold;
 * `hold`, how much that counts. Outputs: `nextZ`, `nextFirst`, `nextSecond`, and of the latents that came in `images`,
 * `verdicts` [n, attributes] and `loss` [n].
 */
export function steeringStep(
  networks: SteeringNetworks,
  parameters: NamedTensors,
  inputs: NamedTensors,
): NamedTensors {
  const { generator, classifier, distribution } = networks;
  const get = (name: string): tf.Tensor => parameter(inputs, name);
  const [z, push, start, hold] = [get('z'), get('push'), get('start'), get('hold')];
  const isBinary = tf.tensor1d(classifier.attributes.map(({ kind }) => Number(kind === 'binary')));
  const isPushed = tf.abs(push);

  const judged = () => {
    const images = generator.generate(parameters, z);
    const verdicts = classifier.classify(parameters, images);
    const asked = tf.sum(tf.mul(isPushed, missing(isBinary, tf.mul(push, verdicts), margins)), 1);
    const others = tf.sum(tf.mul(tf.sub(1, isPushed), disturbed(isBinary, verdicts, start)), 1);
    const loss = tf.add(asked, tf.mul(hold, others));
    return {
      images,
      verdicts,
      loss: distribution === 'normal' ? tf.add(loss, tf.mul(typicalWeight, atypicality(z))) : loss,
    };
  };
  const { images, verdicts, loss } = judged();
  // Each picture's loss depends on its own latent alone, so that the gradient of their sum is each one's.
  const { gradients } = valueAndGradients(() => tf.sum(judged().loss), [z]);
  const settings = { learningRate: get('rate'), update: get('update'), beta1: 0.9, beta2: 0.999 };
  const slot = { parameter: z, first: get('first'), second: get('second') };
  const next = adam(slot, gradients[0]!, settings);
  return {
    [steeringCarried.z]: distribution === 'uniform' ? tf.clipByValue(next.parameter, -1, 1) : next.parameter,
    [steeringCarried.first]: next.first,
    [steeringCarried.second]: next.second,
    images,
    verdicts,
    loss,
  };
}
