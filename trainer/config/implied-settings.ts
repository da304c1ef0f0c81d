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

/** Mescheder 2018: no norm in D with R1 or R2. */
const withoutNorm: Partial<TrainConfig> = { discriminatorNorm: 'none' };

/** Miyato 2018: spectral norm instead of another norm in D. It bounds a Wasserstein critic without clipping. */
const spectral: Partial<TrainConfig> = { ...withoutNorm, clip: 0 };

/**
 * Huang 2024 (R3GAN): R1 and R2 of one weight γ, no norm and β1 0. Its γ depends on the images; 0.5 is the first value of its
 * published code for ImageNet at 32x32. Here the penalties are lazy (Karras 2019, section 3.1).
 */
function relativistic({ r1, r2 }: Readonly<Record<string, unknown>>): Partial<TrainConfig> {
  const weight = [r1, r2].find(isAboveZero) ?? 0.5;
  return { ...withoutNorm, r1: weight, r2: weight, r1Every: 4, beta1: 0 };
}

const isAboveZero = (value: unknown): value is number => typeof value === 'number' && value > 0;

/** Chen 2016, appendix C.1: one choice of 10 and 2 numbers. */
const info: Partial<TrainConfig> = { codes: 'categorical:10,continuous:2' };
/** Chen 2016, appendix C.1: learning rates of G, and of D with Q. With equal rates the categorical codes change the images little. */
const infoRates: Partial<TrainConfig> = { learningRate: 1e-3, discriminatorLearningRate: 2e-4 };

/** Returns the settings that `values` imply. */
export function impliedSettings(values: Readonly<Record<string, unknown>>): Partial<TrainConfig> {
  const { r1, r2, condition, from, spectralNorm, learningRateEnd } = values;
  const network = networkNames.find((name) => name === values['network']);
  const family = network && networks[network];
  const objective =
    values['objective'] ?? (family && 'objective' in family.implied && family.implied.objective);
  const isWasserstein = objective === 'wgan' || objective === 'wgan-gp';
  const hasOwnRate = family !== undefined && 'learningRate' in family.implied;
  const implied: Partial<TrainConfig> = {
    ...((isAboveZero(r1) || isAboveZero(r2)) && withoutNorm),
    ...(objective === 'wgan' && wgan),
    ...(objective === 'wgan-gp' && wganGp),
    ...((spectralNorm === 'discriminator' || spectralNorm === 'both') && spectral),
    ...(condition === 'info' && info),
    ...(condition === 'info' && !isWasserstein && !hasOwnRate && infoRates),
    ...family?.implied,
    ...(!isWasserstein && family?.impliedRegularisation),
    ...(objective === 'relativistic' && relativistic(values)),
    // Huang 2024 (R3GAN), published code.
    ...(isAboveZero(learningRateEnd) && { schedule: 'cosine' }),
    // Another start: its hash is not that of a layer below, and networks that are trained need not grow.
    ...(from !== undefined && { fromHash: null }),
    ...(from != null && { growFrom: null }),
  };
  // Implied penalties that the layer switches off are not lazy either.
  const weights = { ...implied, ...values };
  const isPenalised = isAboveZero(weights.r1) || isAboveZero(weights.r2);
  return implied.r1Every === undefined || isPenalised ? implied : { ...implied, r1Every: 1 };
}
