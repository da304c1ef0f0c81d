// One update of latents towards images that match given ones, as a pure function. `dcgan restore` compiles it on an engine; export
// lowers it to a file that pages run.
import * as tf from '@tensorflow/tfjs-core';
import type { LatentDistribution } from '../../runtime-web/format/random.ts';
import { adam } from '../training/adam.ts';
import type { NamedTensors } from '../engine/engine.ts';
import type { FrozenDiscriminator, FrozenGenerator } from '../frozen/frozen-networks.ts';
import { valueAndGradients } from '../graph/trace/value-and-gradients.ts';
import { restoringLoss, type TermTensors } from './restoring-loss.ts';

/** The two networks and the distribution of latents. */
export interface RestoringNetworks {
  readonly generator: FrozenGenerator;
  readonly discriminator: FrozenDiscriminator;
  readonly distribution: LatentDistribution;
}

/** Inputs of a step, all float32. */
export interface StepInputs {
  /** Latents [n, dim] and Adam's moments of them. */
  readonly z: tf.Tensor;
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
  /** Scalars: number of the update, from 1, and its learning rate. */
  readonly update: tf.Tensor;
  readonly rate: tf.Tensor;
  /** [n, h, w, c] in [-1, 1] and [n, h, w, 1]; see LossInputs. */
  readonly target: tf.Tensor;
  readonly weights: tf.Tensor;
  readonly terms: TermTensors;
}

/** Outputs of a step: the next latents and moments, and the loss [n] and images [n, h, w, c] of the input latents. */
export interface StepOutputs {
  readonly z: tf.Tensor;
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
  readonly loss: tf.Tensor;
  readonly images: tf.Tensor;
}

/** The images [n, h, w, c] of latents, and the loss [n] of each. */
export function imagesAndLoss(
  { generator, discriminator, distribution }: RestoringNetworks,
  parameters: NamedTensors,
  { z, target, weights, terms }: Pick<StepInputs, 'z' | 'target' | 'weights' | 'terms'>,
): Pick<StepOutputs, 'loss' | 'images'> {
  const images = generator.generate(parameters, z);
  const logits = discriminator.layers(parameters, images)['logits']!;
  return { images, loss: restoringLoss({ images, logits, z, target, weights, terms }, distribution) };
}

/**
 * One update by Adam. Uniform latents are clipped to [-1, 1] (Yeh 2017, section 4); normal ones are kept typical by the loss.
 * `parameters` are those of both networks.
 */
export function restoringStep(
  networks: RestoringNetworks,
  parameters: NamedTensors,
  inputs: StepInputs,
): StepOutputs {
  const { z, first, second, update, rate } = inputs;
  const { loss, images } = imagesAndLoss(networks, parameters, inputs);
  // Each image's loss depends on its own latent only, so the gradient of the sum holds each one's gradient.
  const { gradients } = valueAndGradients(
    () => tf.sum(imagesAndLoss(networks, parameters, inputs).loss),
    [z],
  );
  const settings = { learningRate: rate, update, beta1: 0.9, beta2: 0.999 };
  const next = adam({ parameter: z, first, second }, gradients[0]!, settings);
  const bounded =
    networks.distribution === 'uniform' ? tf.clipByValue(next.parameter, -1, 1) : next.parameter;
  return { z: bounded, first: next.first, second: next.second, loss, images };
}
