// One update of latents towards an attribute: gradient descent through generator and classifier, with a penalty on changes of the
// classifier's other predictions. `dcgan steer` compiles it on an engine; export lowers it to a file that pages run.
import * as tf from '@tensorflow/tfjs-core';
import type { LatentDistribution } from '../../runtime-web/format/random.ts';
import { adam } from '../training/adam.ts';
import { preservationLoss, targetLoss } from '../analysis/attributes/attribute-loss.ts';
import type { NamedHostTensors, NamedTensors } from '../engine/engine.ts';
import type { FrozenGenerator } from '../frozen/frozen-networks.ts';
import type { SteeringColumn } from './steering-columns.ts';
import { parameter } from '../networks/network.ts';
import { atypicality } from '../restoring/restoring-loss.ts';
import type { TensorSpec } from '../graph/trace/graph.ts';
import { valueAndGradients } from '../graph/trace/value-and-gradients.ts';

/** The two networks and the distribution of latents. */
export interface SteeringNetworks {
  readonly generator: FrozenGenerator;
  readonly classifier: {
    readonly columns: readonly SteeringColumn[];
    readonly parameters: NamedHostTensors;
    /** Images → predictions [n, columns]: logits of binary attributes and of categories, values in [-1, 1] of continuous ones. */
    classify(parameters: NamedTensors, images: tf.Tensor): tf.Tensor;
  };
  readonly distribution: LatentDistribution;
}

/** Margin by which the classifier must predict the target: a logit, or a value of a continuous attribute. */
const margins = { binary: 2, continuous: 0.3 } as const;
/** Weight of the penalty on atypical latents. */
const typicalWeight = 2;

/** Inputs that each step takes from an output of the step before: input name → output name. */
export const steeringCarried = { z: 'nextZ', first: 'nextFirst', second: 'nextSecond' } as const;

/** The parameters of both networks. */
export function steeringParameters({ generator, classifier }: SteeringNetworks): NamedHostTensors {
  return { ...generator.parameters, ...classifier.parameters };
}

/** The inputs of a step for `count` images, besides the parameters. */
export function steeringInputs(
  count: number,
  latentDim: number,
  columns: number,
): Readonly<Record<string, TensorSpec>> {
  const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });
  return {
    z: float(count, latentDim),
    first: float(count, latentDim),
    second: float(count, latentDim),
    update: float(),
    rate: float(),
    push: float(count, columns),
    start: float(count, columns),
    hold: float(),
  };
}

/**
 * One update by Adam. Inputs: `z` [n, dim] with Adam's moments `first` and `second`, scalars `update` (1 for the first) and `rate`,
 * `push` [n, columns] (1 adds an attribute, -1 removes it, 0 preserves it, unless it is another category of a pushed one), `start`
 * [n, columns] (the predictions to preserve), and the scalar `hold` (the weight of preserving). Outputs: `nextZ`, `nextFirst`,
 * `nextSecond`, and for the input latents `images`, the predictions `verdicts` [n, columns] and `loss` [n]. All float32.
 */
export function steeringStep(
  networks: SteeringNetworks,
  parameters: NamedTensors,
  inputs: NamedTensors,
): NamedTensors {
  const { generator, classifier, distribution } = networks;
  const { columns } = classifier;
  const get = (name: string): tf.Tensor => parameter(inputs, name);
  const [z, push, start, hold] = [get('z'), get('push'), get('start'), get('hold')];
  const isPushed = tf.abs(push);
  const isPreserved = tf.sub(1, tf.minimum(1, tf.matMul(isPushed as tf.Tensor2D, sameAttribute(columns))));

  const evaluate = () => {
    const images = generator.generate(parameters, z);
    const predictions = classifier.classify(parameters, images);
    const target = tf.sum(tf.mul(isPushed, targetLoss(columns, tf.mul(push, predictions), margins)), 1);
    const others = tf.sum(tf.mul(isPreserved, preservationLoss(columns, predictions, start)), 1);
    const loss = tf.add(target, tf.mul(hold, others));
    return {
      images,
      predictions,
      loss: distribution === 'normal' ? tf.add(loss, tf.mul(typicalWeight, atypicality(z))) : loss,
    };
  };
  const { images, predictions, loss } = evaluate();
  // Each image's loss depends on its own latent only, so the gradient of the sum holds each one's gradient.
  const { gradients } = valueAndGradients(() => tf.sum(evaluate().loss), [z]);
  const settings = { learningRate: get('rate'), update: get('update'), beta1: 0.9, beta2: 0.999 };
  const slot = { parameter: z, first: get('first'), second: get('second') };
  const next = adam(slot, gradients[0]!, settings);
  return {
    [steeringCarried.z]: distribution === 'uniform' ? tf.clipByValue(next.parameter, -1, 1) : next.parameter,
    [steeringCarried.first]: next.first,
    [steeringCarried.second]: next.second,
    images,
    verdicts: predictions,
    loss,
  };
}

/** [columns, columns]: 1 where two columns belong to one attribute. */
function sameAttribute(columns: readonly SteeringColumn[]): tf.Tensor2D {
  return tf.tensor2d(columns.map(({ group }) => columns.map((other) => Number(other.group === group))));
}
