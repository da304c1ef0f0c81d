// One training step: one update of D, then one of G (Goodfellow 2014, algorithm 1, with Adam as in the DCGAN
// paper's section 4). A pure function of state and inputs; every random number comes in.
import * as tf from '@tensorflow/tfjs-core';
import { adam, type AdamSettings } from './adam.ts';
import type { NamedTensors, StateFunction } from './engine/engine.ts';
import { batchNorm } from './networks/batch-norm.ts';
import type { Normalise } from './networks/network.ts';
import type { Objective } from './objectives/objective.ts';
import { valueAndGradients } from './trace/value-and-gradients.ts';

/** The two networks and what is asked of them. */
export interface StepOptions {
  readonly generate: (parameters: NamedTensors, z: tf.Tensor, normalise: Normalise<tf.Tensor>) => tf.Tensor;
  readonly discriminate: (
    parameters: NamedTensors,
    images: tf.Tensor,
    normalise: Normalise<tf.Tensor>,
    masks: NamedTensors,
  ) => tf.Tensor;
  readonly objective: Objective;
  readonly labelSmoothing: number;
  /** Whether D sees real and fake images in one batch. */
  readonly isJoined: boolean;
  readonly beta1: number;
  readonly beta2: number;
  /** Whether the state holds averaged generator weights. */
  readonly hasAverage: boolean;
}

/** State names of a parameter's Adam moments and of its running average. */
export const slotNames = {
  first: (name: string): string => `moments/first/${name}`,
  second: (name: string): string => `moments/second/${name}`,
  average: (name: string): string => `averaged/${name}`,
};

/** The passes of D that dropout masks are drawn for: `mask/PASS/BLOCK` [b, 1, 1, channels]. */
export const maskedPasses = ['real', 'fake', 'generator'] as const;

/** Normalisation in training: each batch by its own statistics. */
export const byBatch: Normalise<tf.Tensor> = (_, x, scale, offset) => batchNorm(x, scale, offset);

/**
 * The step. Inputs: `real` [b, h, w, c] in [-1, 1], `z` [b, latent], scalars `learningRate`, `update` (1 for the
 * first) and `averageDecay`, and dropout masks. Outputs, all scalars: `dLoss`, `gLoss`, and the mean probabilities
 * that D gives real and fake images, `dReal` and `dFake`.
 */
export function trainingStep(options: StepOptions): StateFunction {
  const { generate, discriminate, objective, labelSmoothing, isJoined, beta1, beta2, hasAverage } = options;
  return (state, inputs) => {
    const real = inputs['real']!;
    const z = inputs['z']!;
    const settings: AdamSettings = {
      learningRate: inputs['learningRate']!,
      update: inputs['update']!,
      beta1,
      beta2,
    };
    const masks = (pass: (typeof maskedPasses)[number]): NamedTensors => below(inputs, `mask/${pass}/`);
    const G = named(state, 'generator/');
    const D = named(state, 'discriminator/');

    // G's forward pass is computed once: its images are constants to D's update, and G's own update takes the
    // loss's gradient at the images through D alone, then pulls it back through G.
    const fake = generate(G, z, byBatch); // [b, h, w, c]

    const logits = (): [tf.Tensor, tf.Tensor] => {
      if (!isJoined) {
        return [discriminate(D, real, byBatch, masks('real')), discriminate(D, fake, byBatch, masks('fake'))];
      }
      const both = mapValues(masks('real'), (mask, name) => tf.concat([mask, masks('fake')[name]!]));
      const [a, b] = tf.split(discriminate(D, tf.concat([real, fake]), byBatch, both), 2);
      return [a!, b!];
    };
    const forD = valueAndGradients(
      () => objective.discriminatorLoss(...logits(), labelSmoothing),
      Object.values(D),
    );
    const nextD = updated(state, D, forD.gradients, settings);

    const judged = below(nextD, 'discriminator/', 'discriminator/');
    const forG = valueAndGradients(
      () => objective.generatorLoss(discriminate(judged, fake, byBatch, masks('generator'))),
      [fake],
    );
    const pulled = valueAndGradients(() => generate(G, z, byBatch), Object.values(G), forG.gradients[0]!);
    const nextG = updated(state, G, pulled.gradients, settings);

    const averages = hasAverage ? averaged(state, nextG, G, inputs['averageDecay']!) : {};
    const [realLogits, fakeLogits] = logits();
    return {
      state: { ...nextD, ...nextG, ...averages },
      outputs: {
        dLoss: forD.value,
        gLoss: forG.value,
        dReal: tf.mean(tf.sigmoid(realLogits)),
        dFake: tf.mean(tf.sigmoid(fakeLogits)),
      },
    };
  };
}

/** Entries whose names start with `prefix`, under their own names. */
export function named(tensors: NamedTensors, prefix: string): NamedTensors {
  return below(tensors, prefix, prefix);
}

/** Entries whose names start with `prefix`, which is replaced by `by` (default: nothing). */
export function below(tensors: NamedTensors, prefix: string, by = ''): NamedTensors {
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [by + name.slice(prefix.length), tensor]),
  );
}

function mapValues(tensors: NamedTensors, map: (tensor: tf.Tensor, name: string) => tf.Tensor): NamedTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, map(tensor, name)]));
}

/** One Adam update of every parameter: the next parameters and moments, by state name. */
export function updated(
  state: NamedTensors,
  parameters: NamedTensors,
  gradients: readonly tf.Tensor[],
  settings: AdamSettings,
): NamedTensors {
  const next: Record<string, tf.Tensor> = {};
  Object.entries(parameters).forEach(([name, parameter], i) => {
    const first = state[slotNames.first(name)]!;
    const second = state[slotNames.second(name)]!;
    const slot = adam({ parameter, first, second }, gradients[i]!, settings);
    next[name] = slot.parameter;
    next[slotNames.first(name)] = slot.first;
    next[slotNames.second(name)] = slot.second;
  });
  return next;
}

/** The exponential moving average of G's weights (Yazıcı 2019): average + (1 - decay) (weight - average). */
function averaged(state: NamedTensors, next: NamedTensors, G: NamedTensors, decay: tf.Tensor): NamedTensors {
  const share = tf.sub(1, decay);
  return Object.fromEntries(
    Object.keys(G).map((name) => {
      const average = state[slotNames.average(name)]!;
      return [slotNames.average(name), tf.add(average, tf.mul(share, tf.sub(next[name]!, average)))];
    }),
  );
}
