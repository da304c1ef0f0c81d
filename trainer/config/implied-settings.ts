// Settings that a choice such as `--objective wgan` implies, taken from the method's paper. They belong to the layer that makes the
// choice, so explicit settings in the same layer or a later one override them.
import type { TrainConfig } from './fields.ts';
import { networkNames, networks } from './networks.ts';

/** Arjovsky 2017, algorithm 1. RMSProp is Adam without its first moment; the decay is PyTorch's default. */
const wgan: Partial<TrainConfig> = { criticSteps: 5, clip: 0.01, learningRate: 5e-5, beta1: 0, beta2: 0.99 };

/** Gulrajani 2017, algorithm 1, and section 4 for layer norm. */
const wganGp: Partial<TrainConfig> = {
  criticSteps: 5,
  discriminatorNorm: 'layer',
  learningRate: 1e-4,
  beta1: 0,
  beta2: 0.9,
};

/** Mescheder 2018: no norm in D. */
const r1: Partial<TrainConfig> = { discriminatorNorm: 'none' };

/** Chen 2016, appendix C.1: one choice of 10 and 2 numbers. */
const info: Partial<TrainConfig> = { codes: 'categorical:10,continuous:2' };
/** Chen 2016, appendix C.1: learning rates of G, and of D with Q. With equal rates the categorical codes change the images little. */
const infoRates: Partial<TrainConfig> = { learningRate: 1e-3, discriminatorLearningRate: 2e-4 };

/** Returns the settings that `values` imply. */
export function impliedSettings(values: Readonly<Record<string, unknown>>): Partial<TrainConfig> {
  const { r1: penalty, objective, condition, from } = values;
  const isWasserstein = objective === 'wgan' || objective === 'wgan-gp';
  const network = networkNames.find((name) => name === values['network']);
  const family = network && networks[network];
  const hasOwnRate = family !== undefined && 'learningRate' in family.implied;
  return {
    ...(typeof penalty === 'number' && penalty > 0 && r1),
    ...(objective === 'wgan' && wgan),
    ...(objective === 'wgan-gp' && wganGp),
    ...(condition === 'info' && info),
    ...(condition === 'info' && !isWasserstein && !hasOwnRate && infoRates),
    ...family?.implied,
    ...(!isWasserstein && family?.impliedRegularisation),
    // Another start: its hash is not that of a layer below, and networks that are trained need not grow.
    ...(from !== undefined && { fromHash: null }),
    ...(from != null && { growFrom: null }),
  };
}
