// Named configurations. `default` is complete; the others hold only the keys that differ from it.
import type { ConfigLayer } from './config.ts';
import type { TrainConfig } from './fields.ts';
import { resolveConfig } from './config.ts';
import { defaultConfig } from './fields.ts';
import { UserError, didYouMean } from '../errors.ts';

/** A preset: its line in `--help` and the keys it sets over `default`. */
export interface Preset {
  readonly about: string;
  readonly values: Partial<TrainConfig>;
  /** Set if the preset is made for one data set; `--data` is then required. */
  readonly needsData?: true;
}

/** Radford 2016, section 4: the settings that all presets after the paper share. */
export const paper: Partial<TrainConfig> = {
  batch: 128,
  learningRate: 2e-4,
  beta1: 0.5,
  beta2: 0.999,
  latent: 100,
  latentDistribution: 'uniform',
  averageDecay: 0.999,
};

const long: Partial<TrainConfig> = { reportEvery: 50, sampleEvery: 500, checkpointEvery: 1000 };

/** Every preset by name. */
export const presets: Readonly<Record<string, Preset>> = {
  default: { about: 'faces of 32x32 in minutes on two processor cores', values: {} },
  'paper-64': {
    about:
      "the network of the DCGAN paper to the letter: 64x64, width 128, kernel 5, one pass of LSUN's length",
    values: {
      ...paper,
      ...long,
      imageSize: 64,
      channels: 3,
      baseWidth: 128,
      kernel: 5,
      head: 'dense',
      images: 3_033_042,
    },
  },
  'dcgan-64': {
    about: "the network of PyTorch's dcgan example: 64x64, width 64, kernel 4, normal latent",
    values: {
      ...paper,
      ...long,
      imageSize: 64,
      channels: 3,
      baseWidth: 64,
      kernel: 4,
      head: 'convolutional',
      latentDistribution: 'normal',
      batch: 64,
      images: 1_000_000,
    },
  },
  'avatars-64': {
    about: 'faces of 64x64 with the non-saturating loss, width 64; hours without a GPU',
    values: {
      ...long,
      learningRate: 2e-4,
      imageSize: 64,
      baseWidth: 64,
      latent: 100,
      averageDecay: 0.999,
      steps: 20_000,
    },
  },
  'fashion-mnist-32': {
    about: 'clothes, grey, 32x32: recognisable within ten minutes on two cores; give --data',
    values: { ...paper, channels: 1, baseWidth: 32, kernel: 5, batch: 64, averageDecay: 0.99, steps: 3000 },
    needsData: true,
  },
  'cifar10-32': {
    about: 'the ten classes of CIFAR-10, 32x32, width 64; give --data',
    values: {
      ...paper,
      ...long,
      flip: true,
      baseWidth: 64,
      kernel: 4,
      batch: 64,
      averageDecay: 0.999,
      steps: 50_000,
    },
    needsData: true,
  },
};

/** The preset called `name`. Throws UserError with the nearest name if it does not exist. */
export function findPreset(name: string): Preset {
  const names = Object.keys(presets);
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset === undefined) {
    throw new UserError(
      `unknown preset '${name}'${didYouMean(name, names)} (there are: ${names.join(', ')})`,
    );
  }
  return preset;
}

/** {@link resolveConfig} over the default preset, which supplies the keys that are newer than a saved configuration. */
export function resolveOverDefault(layers: readonly ConfigLayer[]): TrainConfig {
  return resolveConfig([{ source: 'preset default', values: { ...defaultConfig } }, ...layers]);
}
