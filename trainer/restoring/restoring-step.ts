// One update of latents that are to draw a given picture: written once, recorded by an engine to restore pictures here, and
// lowered to a file of its own that pages run. Pure: latents, moments and settings come in, the next ones go out.
import * as tf from '@tensorflow/tfjs-core';
import type { LatentDistribution } from '../../runtime-web/format/random.ts';
import { adam } from '../training/adam.ts';
import type { NamedTensors } from '../engine/engine.ts';
import type { FrozenDiscriminator, FrozenGenerator } from '../frozen/frozen-networks.ts';
import { valueAndGradients } from '../graph/trace/value-and-gradients.ts';
import { restoringLoss, type TermTensors } from './restoring-loss.ts';

/** What draws, what judges, and where latents come from. */
export interface RestoringNetworks {
  readonly generator: FrozenGenerator;
  readonly discriminator: FrozenDiscriminator;
  readonly distribution: LatentDistribution;
}

/** What a step takes, all float32. */
export interface StepInputs {
  /** [n, dim], with Adam's moments beside it. */
  readonly z: tf.Tensor;
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
  /** Scalars: 1 for the first update, and its learning rate. */
  readonly update: tf.Tensor;
  readonly rate: tf.Tensor;
  /** [n, h, w, c] in [-1, 1] and [n, h, w, 1]; see LossInputs. */
  readonly target: tf.Tensor;
  readonly weights: tf.Tensor;
  readonly terms: TermTensors;
}

/** What it gives: the next latents and moments, and the loss [n] and pictures [n, h, w, c] of the latents that came in. */
export interface StepOutputs {
  readonly z: tf.Tensor;
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
  readonly loss: tf.Tensor;
  readonly images: tf.Tensor;
}

/** The pictures of latents, and their losses. */
export function judged(
  { generator, discriminator, distribution }: RestoringNetworks,
  parameters: NamedTensors,
  { z, target, weights, terms }: Pick<StepInputs, 'z' | 'target' | 'weights' | 'terms'>,
): Pick<StepOutputs, 'loss' | 'images'> {
  const images = generator.generate(parameters, z);
  const logits = discriminator.layers(parameters, images)['logits']!;
  return { images, loss: restoringLoss({ images, logits, z, target, weights, terms }, distribution) };
}

/**
 * One update by Adam. A uniform latent is cut off at its range (Yeh 2017, section 4); a normal one is held by the loss.
 * `parameters` are those of both networks.
 */
export function restoringStep(
  networks: RestoringNetworks,
  parameters: NamedTensors,
  inputs: StepInputs,
): StepOutputs {
  const { z, first, second, update, rate } = inputs;
  const { loss, images } = judged(networks, parameters, inputs);
  // Each picture's loss depends on its own latent alone, so that the gradient of their sum is each one's.
  const { gradients } = valueAndGradients(() => tf.sum(judged(networks, parameters, inputs).loss), [z]);
  const settings = { learningRate: rate, update, beta1: 0.9, beta2: 0.999 };
  const next = adam({ parameter: z, first, second }, gradients[0]!, settings);
  const held = networks.distribution === 'uniform' ? tf.clipByValue(next.parameter, -1, 1) : next.parameter;
  return { z: held, first: next.first, second: next.second, loss, images };
}
