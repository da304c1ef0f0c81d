// What some choices bring with them: a method's own settings, from the paper that it comes from. They count as said with the
// choice, so whatever is said beside it or after it wins.
import type { TrainConfig } from './fields.ts';

/** Arjovsky 2017, algorithm 1. RMSProp is Adam without its mean of gradients; the decay is PyTorch's default. */
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

/** Chen 2016, appendix C.1: a choice of ten and two numbers. */
const info: Partial<TrainConfig> = { codes: 'categorical:10,continuous:2' };
/** The same, of D and Q, and of G. At equal rates choices come to mean little. */
const infoRates: Partial<TrainConfig> = { learningRate: 1e-3, discriminatorLearningRate: 2e-4 };

/** Karras 2018, appendix C: Adam, whose rates equalised weights stand. */
const stylegan: Partial<TrainConfig> = {
  latentDistribution: 'normal',
  learningRate: 1e-3,
  beta1: 0,
  beta2: 0.99,
  growFrom: 8,
  discriminatorNorm: 'none',
};
/** The same, R1's γ; the rate is that of StyleGAN2-ADA's published code (Karras 2020) for images below 1024x1024. */
const styleganR1: Partial<TrainConfig> = { r1: 10, r1Every: 4, learningRate: 2.5e-3 };

/** The settings that go with what `values` choose. */
export function impliedSettings(values: Readonly<Record<string, unknown>>): Partial<TrainConfig> {
  const { r1: penalty, objective, condition, network } = values;
  const isWasserstein = objective === 'wgan' || objective === 'wgan-gp';
  const isStylegan = network === 'stylegan';
  return {
    ...(typeof penalty === 'number' && penalty > 0 && r1),
    ...(objective === 'wgan' && wgan),
    ...(objective === 'wgan-gp' && wganGp),
    ...(condition === 'info' && info),
    ...(condition === 'info' && !isWasserstein && !isStylegan && infoRates),
    ...(isStylegan && stylegan),
    ...(isStylegan && !isWasserstein && styleganR1),
  };
}
