// The meaning of D's mean outputs with each objective, in words for a curve's heading.
import type { ObjectiveName } from '../objectives/table.ts';

/** The heading of the curve of D's outputs. */
export interface DiscriminatorOutputs {
  readonly title: string;
  readonly about: string;
  /** True if only differences of outputs mean anything, so that a sigmoid of one does not. Default: false. */
  readonly isRelative?: boolean;
  /** The range of the outputs; absent for scores, which have none. */
  readonly range?: readonly [number, number];
}

const probabilities: DiscriminatorOutputs = {
  title: "Discriminator's probabilities",
  about:
    'Mean probability that an image is real. The discriminator stays ahead in a healthy run, so the lines need not meet: ours ended with ' +
    '0.7 to 0.95 for real and 0.05 to 0.3 for generated images. At 1 and 0 for long, the generator learns nothing.',
  range: [0, 1],
};

const critic: DiscriminatorOutputs = {
  title: "Critic's scores",
  about:
    'Mean scores, not probabilities. Their level means nothing. The distance between the lines grows with that between real and generated ' +
    'images (Wasserstein), so it should shrink after the first steps.',
  isRelative: true,
};

/** D's outputs by objective. */
export const discriminatorOutputs: Readonly<Record<ObjectiveName, DiscriminatorOutputs>> = {
  'non-saturating': probabilities,
  minimax: probabilities,
  'least-squares': {
    title: "Discriminator's scores",
    about:
      'Mean scores, not probabilities: the discriminator learns 1 for real and 0 for generated images. It stays ahead in a healthy run.',
  },
  hinge: {
    title: "Discriminator's scores",
    about:
      'Mean scores, not probabilities: the discriminator pushes real images above 1 and generated ones below -1, and gains nothing beyond. ' +
      'In between, the two still compete.',
  },
  relativistic: {
    title: "Discriminator's scores",
    about:
      'Mean scores, not probabilities. Their level means nothing and may wander: the discriminator learns only which of two images is the ' +
      'real one, and takes one that scores d higher for it with a probability of 1 / (1 + exp(-d)). It stays ahead in a healthy run: the ' +
      'line of real images is the upper one.',
    isRelative: true,
  },
  wgan: critic,
  'wgan-gp': critic,
};
