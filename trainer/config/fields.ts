// Every key of the configuration, once: its rule, its group and its line in `--help`. The validator, the
// command line and the report all read this table, so a new key is added here and in the type, nowhere else.
import type { TrainConfig } from './config.ts';
import type { Rule } from './rules.ts';
import { oneOf, orNone, realNumber, someText, specialNumber, wholeNumber, yesOrNo } from './rules.ts';
import { augmentNames } from '../training/augment.ts';
import { engineNames } from '../engine/engine.ts';
import { objectiveNames } from '../objectives/table.ts';

/** A key of the configuration. */
export type ConfigKey = keyof TrainConfig;

/** What is known of one key. */
export interface ConfigField {
  readonly rule: Rule;
  /** The heading it stands under in `--help` and in the report. */
  readonly group:
    'Data' | 'Length of the run' | 'Networks' | 'Objective and optimiser' | 'Engine' | 'Reports';
  readonly about: string;
  /** Whether a resumed run may have another value: what changes neither the networks, the data nor the mathematics. */
  readonly mayChange: boolean;
}

const isPowerOfTwo = (value: number): boolean => (value & (value - 1)) === 0;
const isSquare = (value: number): boolean => Number.isInteger(Math.sqrt(value));

function field(group: ConfigField['group'], about: string, rule: Rule, mayChange = false): ConfigField {
  return { group, about, rule, mayChange };
}

const far = 1_000_000_000;

/** Every key with its field, in the order in which they are shown. */
export const configFields: Readonly<Record<ConfigKey, ConfigField>> = {
  data: field(
    'Data',
    "'avatars' (faces drawn by this program), or a folder of images, a zip of one, IDX, CIFAR-10, CelebA or LSUN",
    { ...someText, placeholder: '<path|avatars>' },
  ),
  classes: field(
    'Data',
    'only the images of these classes, by name with commas between',
    orNone({ ...someText, expects: 'class names with commas between', placeholder: '<list>' }),
  ),
  classNames: field(
    'Data',
    'with --condition label: what the classes are called, in their order (IDX labels are numbers)',
    orNone({ ...someText, expects: 'names with commas between', placeholder: '<list>' }),
    true,
  ),
  imageSize: field(
    'Data',
    'side of the square images in pixels; others are cropped and resized',
    specialNumber('a power of two', 16, 256, isPowerOfTwo),
  ),
  channels: field('Data', '1 for grey, 3 for colour', oneOf(1, 3)),
  flip: field('Data', 'mirror half of the images at random', yesOrNo),

  steps: field('Length of the run', 'updates of the generator in all', orNone(wholeNumber(1, far)), true),
  images: field('Length of the run', 'or real images shown in all', orNone(wholeNumber(1, far * 1000)), true),
  minutes: field(
    'Length of the run',
    'or minutes of training in all',
    orNone(realNumber(0, 1_000_000, { above: true })),
    true,
  ),

  network: field(
    'Networks',
    "the two networks: 'dcgan', or 'stylegan' (mapping network, styles, noise, growing)",
    oneOf('dcgan', 'stylegan'),
  ),
  baseWidth: field(
    'Networks',
    'channels of the layer next to the images; each layer further in has twice as many',
    wholeNumber(1, 512),
  ),
  mappingLayers: field('Networks', 'with stylegan: dense layers from z to w', wholeNumber(0, 16)),
  mixing: field(
    'Networks',
    'with stylegan: share of images whose styles come from two latents',
    realNumber(0, 1),
  ),
  growFrom: field(
    'Networks',
    'with stylegan: size of the first images, from which the networks grow; none begins at full size',
    orNone(specialNumber('a power of two', 4, 256, (value) => Number.isInteger(Math.log2(value)))),
  ),
  growImages: field(
    'Networks',
    'with stylegan: images shown while a size is faded in, and as many before the next one',
    wholeNumber(1, far),
  ),
  kernel: field('Networks', 'side of the convolution kernels', oneOf(4, 5)),
  latent: field('Networks', 'size of the latent vector z', wholeNumber(1, 4096)),
  latentDistribution: field(
    'Networks',
    'where z comes from: uniform in [-1,1] or normal',
    oneOf('uniform', 'normal'),
  ),
  upsampling: field(
    'Networks',
    "the generator's way up: 'transposed' convolutions, or 'nearest' neighbour and convolution",
    oneOf('transposed', 'nearest'),
  ),
  head: field(
    'Networks',
    "the generator's first and the discriminator's last layer: convolutional or dense",
    oneOf('convolutional', 'dense'),
  ),
  dropout: field('Networks', 'share of activations dropped in the discriminator', realNumber(0, 0.9)),
  discriminatorBatch: field(
    'Networks',
    'whether the discriminator sees real and fake images in separate batches or joined in one',
    oneOf('separate', 'joined'),
  ),

  discriminatorNorm: field(
    'Networks',
    "what follows the discriminator's convolutions: batch norm, layer norm or none",
    oneOf('batch', 'layer', 'none'),
  ),
  condition: field(
    'Networks',
    "what the generator is given beside z: 'label' (the class), or 'info' (codes that it gives a meaning, InfoGAN)",
    oneOf('none', 'label', 'info'),
  ),
  labelDiscriminator: field(
    'Networks',
    'how the discriminator sees labels: maps beside the image, or projection',
    oneOf('maps', 'projection'),
  ),
  codes: field(
    'Networks',
    "InfoGAN's codes: categorical:10,continuous:2 is one of ten choices and two numbers",
    orNone({
      ...someText,
      expects: 'a list such as categorical:10,continuous:2',
      placeholder: '<list>',
    }),
  ),

  objective: field('Objective and optimiser', 'what the two networks play for', oneOf(...objectiveNames)),
  criticSteps: field(
    'Objective and optimiser',
    'updates of the discriminator for each of the generator (n_critic)',
    wholeNumber(1, 100),
  ),
  clip: field(
    'Objective and optimiser',
    "with wgan: the discriminator's weights stay within plus and minus this",
    realNumber(0, 1000),
  ),
  penaltyWeight: field(
    'Objective and optimiser',
    'with wgan-gp: weight of the gradient penalty',
    realNumber(0, 100_000, { above: true }),
  ),
  r1: field(
    'Objective and optimiser',
    "weight of the penalty on the discriminator's gradient at real images; 0 is none",
    realNumber(0, 100_000),
  ),
  r1Every: field(
    'Objective and optimiser',
    'steps between two of those penalties, each as many times as strong',
    wholeNumber(1, 1000),
  ),
  unroll: field(
    'Objective and optimiser',
    'updates of the discriminator that the generator looks ahead (unrolled GAN)',
    wholeNumber(0, 20),
  ),
  augment: field(
    'Objective and optimiser',
    `what is done at random to real and fake images alike, for small data sets: ${augmentNames.join(',')}`,
    orNone({
      ...someText,
      expects: `some of ${augmentNames.join(', ')}, with commas between`,
      placeholder: '<list>',
    }),
  ),
  labelSmoothing: field(
    'Objective and optimiser',
    'real images are labelled 1 minus this for the discriminator',
    realNumber(0, 0.5),
  ),
  batch: field('Objective and optimiser', 'images in one update', wholeNumber(2, 4096)),
  learningRate: field('Objective and optimiser', "Adam's step size", realNumber(0, 10, { above: true })),
  discriminatorLearningRate: field(
    'Objective and optimiser',
    "the discriminator's own step size; without it, the same",
    orNone(realNumber(0, 10, { above: true })),
  ),
  beta1: field('Objective and optimiser', "decay of Adam's mean of gradients", realNumber(0, 0.9999)),
  beta2: field('Objective and optimiser', "decay of Adam's mean of their squares", realNumber(0, 0.999999)),
  averageDecay: field(
    'Objective and optimiser',
    'decay of the averaged generator that draws the samples; 0 keeps no average',
    realNumber(0, 0.99999),
  ),
  seed: field(
    'Objective and optimiser',
    'of all random numbers; a run is repeated bit for bit by its seed',
    wholeNumber(0, Number.MAX_SAFE_INTEGER),
  ),

  engine: field('Engine', `auto, or one of ${engineNames.join(', ')}`, oneOf('auto', ...engineNames), true),
  threads: field(
    'Engine',
    "processor threads; without it, the engine's choice",
    orNone(wholeNumber(1, 256)),
    true,
  ),
  tf32: field(
    'Engine',
    'faster, less exact matrix products on a GPU (TensorFloat-32), with tensorflow-cuda',
    yesOrNo,
    true,
  ),

  reportEvery: field('Reports', 'steps between two lines of statistics', wholeNumber(1, far), true),
  sampleEvery: field('Reports', 'steps between two grids of samples', wholeNumber(1, far), true),
  checkpointEvery: field('Reports', 'steps between two checkpoints', wholeNumber(1, far), true),
  onCollapse: field(
    'Reports',
    "when the run looks lost: 'warn', 'stop', or 'rollback' to a checkpoint from before",
    oneOf('warn', 'stop', 'rollback'),
    true,
  ),
  keepCheckpoints: field('Reports', 'newest checkpoints kept', wholeNumber(1, 1_000_000), true),
  sampleCount: field(
    'Reports',
    'images in a grid',
    specialNumber('a square number', 1, 1024, isSquare),
    true,
  ),
  evaluateEvery: field(
    'Reports',
    'steps between two measurements of the distance from the real images',
    orNone(wholeNumber(1, far)),
    true,
  ),
  evaluateCount: field(
    'Reports',
    'images of each side that are compared then',
    wholeNumber(2, 1_000_000),
    true,
  ),
  evaluateNetwork: field(
    'Reports',
    "an ONNX file whose features are compared; without it, the program's own",
    orNone(someText),
    true,
  ),
};

/** A run has one of these lengths. */
export const totals = ['steps', 'images', 'minutes'] as const;

/** Every key, in the table's order. */
export const configKeys = Object.keys(configFields) as readonly ConfigKey[];

/** The flag of a key: `imageSize` → `--image-size`. */
export function flagOf(key: ConfigKey): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
