// Ways to break a training: settings that change at once, or other networks, with which it begins anew.
import type { TrainerSettings } from '../train/index.ts';
import { packageNames } from './packages.ts';
import type { StringName } from './strings.ts';

/** The name of a way. */
export type BreakName = 'rate' | 'discriminator' | 'minimax' | 'latent';

/** One way to break a training. */
export interface Break {
  readonly text: StringName;
  readonly about: StringName;
  /** The settings, from those that the training began with. */
  settings?(before: TrainerSettings): Partial<TrainerSettings>;
  /** The name of the package in the folder of networks. */
  readonly network?: string;
}

/** All ways. */
export const breaks: Readonly<Record<BreakName, Break>> = {
  rate: {
    text: 'breakRate',
    about: 'breakRateAbout',
    settings: ({ learningRate, discriminatorLearningRate: own }) => ({
      learningRate: Math.min(10, 10 * learningRate),
      discriminatorLearningRate: own && Math.min(10, 10 * own),
    }),
  },
  discriminator: {
    text: 'breakD',
    about: 'breakDAbout',
    settings: ({ learningRate }) => ({
      learningRate: learningRate / 10,
      discriminatorLearningRate: 3 * learningRate,
    }),
  },
  minimax: { text: 'breakMinimax', about: 'breakMinimaxAbout', network: packageNames.minimax },
  latent: { text: 'breakLatent', about: 'breakLatentAbout', network: packageNames.latent },
};
