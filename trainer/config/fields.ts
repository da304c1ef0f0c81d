// The configuration of a run: one row per key, with its rule, default, help and group. `TrainConfig`, the defaults, the validator,
// the command line and the report are all derived from this table, so a new key is one new row.
import { latentDistributions } from '../../runtime-web/format/random.ts';
import { engineNames } from '../engine/engine.ts';
import { colourFormat, colourOf } from '../data/colour.ts';
import { imageSizeRule } from './image-size.ts';
import { holdOutFormat, isHoldOut } from '../data/hold-out.ts';
import { fitNames, focusFormat, isFocus } from '../data/framing.ts';
import { resampleNames } from '../data/resample.ts';
import { objectiveNames } from '../objectives/table.ts';
import { adaptive, augmentNames } from '../../runtime-web/format/training/augmentation/names.ts';
import { networkNames, networks } from './networks.ts';
import {
  checkedText,
  oneOf,
  orNone,
  orWord,
  realNumber,
  someText,
  specialNumber,
  wholeNumber,
  yesOrNo,
  type Rule,
} from './rules.ts';

/** Headings of `--help` and of the report. */
type Group = 'Data' | 'Length of the run' | 'Networks' | 'Objective and optimiser' | 'Engine' | 'Reports';

/** One key of the configuration. */
export interface ConfigField<T = unknown> {
  readonly rule: Rule<T>;
  readonly initial: T;
  readonly about: string;
  readonly group: Group;
  /** True if a resumed run may change it, because it affects neither the networks, the data nor the state of training. */
  readonly mayChange: boolean;
}

/** Makes the rows of one group. */
const rowsOf =
  (group: Group) =>
  <T>(rule: Rule<T>, initial: NoInfer<T>, about: string, options?: { mayChange: true }): ConfigField<T> => ({
    rule,
    initial,
    about,
    group,
    mayChange: options?.mayChange ?? false,
  });

const data = rowsOf('Data');
const length = rowsOf('Length of the run');
const network = rowsOf('Networks');
const optimiser = rowsOf('Objective and optimiser');
const engine = rowsOf('Engine');
const report = rowsOf('Reports');
const mayChange = { mayChange: true } as const;

const isSquare = (value: number): boolean => Number.isInteger(Math.sqrt(value));
const list = (expects: string): Rule<string> => ({ ...someText, expects, placeholder: '<list>' });
const large = 1_000_000_000;
const burnInRule: Rule<number> = {
  ...realNumber(0, large * 1000, { above: true }),
  expects: 'a share of the run above 0, at most 1, or a number of images above 1',
};

/** Every key, in the order of `config.json` and of `--help`. Sizes are in pixels, rates per update, intervals in steps. */
export const configFields = {
  data: data(
    { ...someText, placeholder: '<path|avatars>' },
    'avatars',
    "training images: 'avatars' (faces drawn by this program), a folder of images, a zip of one, IDX, CIFAR, STL-10 or CelebA",
    // Only to another place of the same images: run/same-data.ts compares them.
    mayChange,
  ),
  classes: data(
    orNone(list('class names separated by commas')),
    null,
    'train on these classes only; names separated by commas',
  ),
  classNames: data(
    orNone(list('names separated by commas')),
    null,
    'names of the classes, in the order of their labels, with --condition label (IDX labels are plain numbers)',
    mayChange,
  ),
  labels: data(
    orNone(someText),
    null,
    "labels of the images: a CSV with a header, whose first column is the file, or stylegan2-ada's dataset.json; by default the " +
      'dataset.json among the images',
    // Only to another place of the same labels.
    mayChange,
  ),
  labelColumn: data(
    orNone(list('column names separated by commas')),
    null,
    'columns of the labels that --condition uses; by default all of its kind. With --condition label one, whose values are the classes',
  ),
  imageSize: data(
    imageSizeRule,
    32,
    'size of the training images in pixels: 64 for squares, 64x96 for width x height; images are brought to it by --fit',
  ),
  channels: data(
    oneOf(1, 3, 4),
    3,
    '1 for grey images, 3 for colour, 4 for colour with transparency (alpha)',
  ),
  fit: data(
    oneOf(...fitNames),
    'crop',
    'bring images to the shape of --image-size: crop them, pad them with bars of --background, or stretch them',
  ),
  focus: data(
    checkedText('<place>', focusFormat, isFocus),
    'centre',
    "place to crop around: centre, attention or entropy (sharp's strategies, for each image), or fractions x,y such as 0.5,0.25",
  ),
  resample: data(
    oneOf(...resampleNames),
    'bicubic',
    "filter that resizes images, as Pillow's; nearest keeps pixel art sharp",
  ),
  background: data(
    checkedText('<colour>', colourFormat, (text) => colourOf(text) !== null),
    'white',
    'colour behind transparent pixels and of the bars of --fit pad, such as #ff8000; with --channels 4 both stay transparent',
  ),
  holdOut: data(
    orNone(checkedText('<share>', holdOutFormat, isHoldOut)),
    null,
    'set images aside before training, for audit: a share such as 5%, or their number',
  ),
  flip: data(yesOrNo, false, 'mirror half of the images at random', mayChange),

  // Exactly one of the three is set.
  steps: length(
    orNone(wholeNumber(1, large)),
    1500,
    'length of the run in generator updates; exactly one of --steps, --images and --minutes is used',
    mayChange,
  ),
  images: length(
    orNone(wholeNumber(1, large * 1000)),
    null,
    'length of the run in real images shown; exactly one of --steps, --images and --minutes is used',
    mayChange,
  ),
  minutes: length(
    orNone(realNumber(0, 1_000_000, { above: true })),
    null,
    'length of the run in minutes; exactly one of --steps, --images and --minutes is used',
    mayChange,
  ),

  from: network(
    orNone({ ...someText, placeholder: '<run>', expects: "a run's folder or a checkpoint" }),
    null,
    "start from the weights of a trained run (its folder, or a checkpoint of it) instead of random ones; the run's networks and " +
      'optimiser are then the defaults',
  ),
  fromHash: network(
    orNone(checkedText('<sha256>', 'the sha256 of a checkpoint', (text) => /^[0-9a-f]{64}$/.test(text))),
    null,
    'sha256 that the checkpoint of --from must have; saved with the run, so that its config.json repeats it from the same weights',
  ),
  fromMoments: network(
    yesOrNo,
    false,
    "also take Adam's moments from --from, to go on with the same images rather than to learn others",
  ),
  network: network(
    oneOf(...networkNames),
    'dcgan',
    `architecture: ${networkNames.map((name) => networks[name].about).join(', or ')}`,
  ),
  baseWidth: network(
    wholeNumber(1, 512),
    32,
    'channels of the layer next to the image; the width doubles each time the resolution halves',
  ),
  mappingLayers: network(
    wholeNumber(0, 16),
    8,
    'stylegan, stylegan2: dense layers of the mapping network, from z to w',
  ),
  // Karras 2018, section 3.1.
  mixing: network(
    realNumber(0, 1),
    0.9,
    'stylegan, stylegan2: fraction of generated images that mix the styles of two latents',
  ),
  // Karras 2018a (Progressive Growing of GANs).
  growFrom: network(
    orNone(wholeNumber(4, 512)),
    null,
    'stylegan: shorter side of the images at which progressive growing starts; none trains at full size from the start',
  ),
  growImages: network(
    wholeNumber(1, large),
    20_000,
    'stylegan: real images shown while a resolution fades in, and as many again before the next one',
  ),
  // Huang 2024: two.
  blocks: network(wholeNumber(1, 8), 1, 'modern: residual blocks of each network at each size'),
  kernel: network(oneOf(4, 5), 4, 'side of the convolution kernels'),
  latent: network(wholeNumber(1, 4096), 64, 'size of the latent vector z'),
  latentDistribution: network(
    oneOf(...latentDistributions),
    'normal',
    'distribution of z: uniform in [-1, 1], or standard normal',
  ),
  upsampling: network(
    oneOf('transposed', 'nearest'),
    'transposed',
    "upsampling in the generator: 'transposed' convolutions, or 'nearest' neighbour followed by a convolution",
  ),
  head: network(
    oneOf('convolutional', 'dense'),
    'dense',
    'first layer of the generator and last of the discriminator: convolutional or dense',
  ),
  // Zhang 2018.
  attention: network(
    orNone(wholeNumber(8, 64)),
    null,
    'dcgan: shorter side of the layer of each network that self-attention follows, such as 32 (SAGAN)',
  ),
  // Miyato 2018.
  spectralNorm: network(
    oneOf('none', 'discriminator', 'both'),
    'none',
    'dcgan: divide weights by their largest singular value (spectral norm), in the discriminator or in both networks',
  ),
  dropout: network(realNumber(0, 0.9), 0, 'dropout rate in the discriminator'),
  discriminatorBatch: network(
    oneOf('separate', 'joined'),
    'separate',
    'whether the discriminator sees real and generated images in separate batches or joined in one',
  ),
  discriminatorNorm: network(
    oneOf('batch', 'layer', 'none'),
    'batch',
    'normalisation in the discriminator: batch norm, layer norm or none',
  ),
  condition: network(
    oneOf('none', 'label', 'attributes', 'numbers', 'info'),
    'none',
    "condition the generator on class labels ('label'), on yes-or-no attributes or on numbers of the data (--labels), or on codes " +
      "whose meaning it learns itself ('info', InfoGAN)",
  ),
  labelDiscriminator: network(
    oneOf('maps', 'projection'),
    'maps',
    'how the discriminator receives labels, attributes or numbers: as maps beside the image, or by projection (Miyato 2018)',
  ),
  codes: network(
    orNone(list('a list such as categorical:10,continuous:2')),
    null,
    "InfoGAN's codes, e.g. categorical:10,continuous:2 for one choice of 10 and 2 numbers",
  ),

  objective: optimiser(oneOf(...objectiveNames), 'non-saturating', `GAN loss: ${objectiveNames.join(', ')}`),
  criticSteps: optimiser(wholeNumber(1, 100), 1, 'discriminator updates per generator update (n_critic)'),
  // Arjovsky 2017.
  clip: optimiser(
    realNumber(0, 1000),
    0,
    'wgan: clip the discriminator weights to plus and minus this; 0 disables clipping',
    mayChange,
  ),
  penaltyWeight: optimiser(
    realNumber(0, 100_000, { above: true }),
    10,
    'wgan-gp: weight of the gradient penalty (lambda)',
    mayChange,
  ),
  // Mescheder 2018.
  r1: optimiser(
    realNumber(0, 100_000),
    0,
    'weight of the R1 penalty on the discriminator gradient at real images (gamma); 0 disables it',
    mayChange,
  ),
  r2: optimiser(
    realNumber(0, 100_000),
    0,
    'weight of the R2 penalty on the discriminator gradient at generated images; 0 disables it',
    mayChange,
  ),
  // Karras 2019, section 3.1.
  r1Every: optimiser(
    wholeNumber(1, 1000),
    1,
    'apply the R1 and R2 penalties only in every n-th step, with n times their weight (lazy regularisation)',
    mayChange,
  ),
  // Karras 2019, section 3.2.
  pathLength: optimiser(
    realNumber(0, 100_000),
    0,
    'stylegan2: weight of the path length penalty on the generator; 0 disables it',
    mayChange,
  ),
  pathLengthEvery: optimiser(
    wholeNumber(1, 1000),
    1,
    'stylegan2: apply the path length penalty only in every n-th step, with n times its weight',
    mayChange,
  ),
  // Huang 2024 (R3GAN), published code: 0.1.
  penaltyEnd: optimiser(
    realNumber(0, 100_000),
    1,
    'R1 and R2 change to this multiple of their weights by the end of --burn-in, as half a cosine; 1 keeps them',
    mayChange,
  ),
  // Metz 2017.
  unroll: optimiser(
    wholeNumber(0, 20),
    0,
    'number of discriminator updates that the generator looks ahead (unrolled GAN)',
  ),
  // Zhao 2020 (DiffAugment), Karras 2020 (ADA).
  augment: optimiser(
    orNone(list(`${adaptive}, or some of ${augmentNames.join(', ')}, separated by commas`)),
    null,
    `differentiable augmentation of real and generated images, for small data sets: ${adaptive}, whose probability follows the ` +
      `discriminator's overfitting, or DiffAugment's ${augmentNames.join(',')}`,
    mayChange,
  ),
  augmentProbability: optimiser(
    orNone(realNumber(0, 1)),
    null,
    'fixed probability of each change of --augment; none: always, or with ada as it moves',
    mayChange,
  ),
  // Karras 2020, section 3.1.
  adaTarget: optimiser(
    realNumber(0, 1),
    0.6,
    'ada: mean sign of the discriminator output for real images (r_t) above which augmentation becomes more probable',
    mayChange,
  ),
  adaImages: optimiser(
    wholeNumber(1, large),
    500_000,
    'ada: real images shown while the probability moves from 0 to 1',
    mayChange,
  ),
  // Salimans 2016, section 3.4.
  labelSmoothing: optimiser(
    realNumber(0, 0.5),
    0,
    'one-sided label smoothing: the target for real images is 1 minus this',
    mayChange,
  ),
  // Mo 2020 (FreezeD).
  freezeD: optimiser(
    wholeNumber(0, 16),
    0,
    'with --from: number of discriminator layers, from the image on, that keep their weights (FreezeD); for few images',
    mayChange,
  ),
  batch: optimiser(wholeNumber(2, 4096), 64, 'batch size'),
  accumulate: optimiser(
    wholeNumber(1, 2048),
    1,
    'parts of each batch that are computed one after the other, so that memory holds one part only (gradient accumulation)',
    mayChange,
  ),
  // 5 times the paper's rate: networks this small generate better faces after 700 steps at this rate than after 1500 at the paper's.
  learningRate: optimiser(realNumber(0, 10, { above: true }), 1e-3, 'learning rate of Adam', mayChange),
  discriminatorLearningRate: optimiser(
    orNone(realNumber(0, 10, { above: true })),
    null,
    'learning rate of the discriminator, if it differs',
    mayChange,
  ),
  schedule: optimiser(
    oneOf('constant', 'linear', 'cosine'),
    'constant',
    'change of the learning rates: constant, or falling to --learning-rate-end over --burn-in, linearly or as half a cosine; with ' +
      '--minutes the share of the time that has passed counts',
    mayChange,
  ),
  learningRateEnd: optimiser(
    realNumber(0, 10),
    0,
    'learning rate to which --schedule linear or cosine falls; that of the discriminator falls by the same factor',
    mayChange,
  ),
  burnIn: optimiser(
    burnInRule,
    1,
    'part of the run over which --schedule, --beta2-end and --penalty-end change their values: a share up to 1, or images above 1',
    mayChange,
  ),
  warmup: optimiser(
    wholeNumber(0, large),
    0,
    'steps over which the learning rates rise linearly from zero at the start; 0 starts with the full rates',
    mayChange,
  ),
  beta1: optimiser(realNumber(0, 0.9999), 0.5, "Adam's beta 1"),
  beta2: optimiser(realNumber(0, 0.999999), 0.999, "Adam's beta 2"),
  // Huang 2024 (R3GAN), published code: from 0.9 to 0.99.
  beta2End: optimiser(
    orNone(realNumber(0, 0.999999)),
    null,
    "Adam's beta 2 at the end of --burn-in, to which it changes as half a cosine; none keeps --beta2",
  ),
  // Exactly one of the two is set.
  averageDecay: optimiser(
    orNone(realNumber(0, 0.99999)),
    0.99,
    'decay per update of the averaged generator weights (EMA) that generate the samples; 0 disables averaging',
  ),
  averageHalfLife: optimiser(
    orNone(realNumber(0, large * 1000, { above: true })),
    null,
    'half-life of the averaged generator weights (EMA) in real images shown, instead of --average-decay',
  ),
  // Karras 2020 (StyleGAN2-ADA), published code: 0.05.
  averageRampUp: optimiser(
    realNumber(0, 1000),
    0.05,
    'the half-life is at most this fraction of the images shown so far; 0 starts with the whole --average-half-life',
    mayChange,
  ),
  seed: optimiser(
    wholeNumber(0, Number.MAX_SAFE_INTEGER),
    1,
    'random seed; the same seed repeats a run bit for bit',
  ),

  engine: engine(
    oneOf('auto', ...engineNames),
    'auto',
    `engine that runs the training step: auto, or one of ${engineNames.join(', ')}`,
    mayChange,
  ),
  threads: engine(
    orNone(wholeNumber(1, 256)),
    null,
    'processor threads; by default the engine chooses',
    mayChange,
  ),
  tf32: engine(
    yesOrNo,
    false,
    'tensorflow-cuda: allow TensorFloat-32, which is faster and less exact',
    mayChange,
  ),

  reportEvery: report(wholeNumber(1, large), 25, 'steps between two lines of statistics', mayChange),
  sampleEvery: report(wholeNumber(1, large), 100, 'steps between two sample grids', mayChange),
  checkpointEvery: report(wholeNumber(1, large), 250, 'steps between two checkpoints', mayChange),
  onCollapse: report(
    oneOf('warn', 'stop', 'rollback'),
    'warn',
    "what to do when training collapses: 'warn', 'stop', or 'rollback' to an earlier checkpoint with new random latents",
    mayChange,
  ),
  keepCheckpoints: report(wholeNumber(1, 1_000_000), 3, 'number of newest checkpoints to keep', mayChange),
  sampleCount: report(
    specialNumber('a square number', 1, 1024, isSquare),
    64,
    'images in a sample grid',
    mayChange,
  ),
  evaluateEvery: report(
    orNone(orWord('auto', wholeNumber(1, large))),
    'auto',
    'steps between two evaluations against the real images (Fréchet distance, KID, precision, recall); auto evaluates ' +
      'runs of more than five minutes, in at most 3% of their time; none disables evaluations',
    mayChange,
  ),
  evaluateCount: report(
    wholeNumber(2, 1_000_000),
    2000,
    'number of real and of generated images in such an evaluation; auto may take fewer',
    mayChange,
  ),
  evaluateNetwork: report(
    orNone(someText),
    null,
    'ONNX feature network of such an evaluation; by default the embedded one',
    mayChange,
  ),
  patience: report(
    orNone(wholeNumber(1, 1_000_000)),
    null,
    'end the run after so many evaluations in a row without a lower Fréchet distance; none trains to the planned end',
    mayChange,
  ),
  tensorboard: report(
    yesOrNo,
    false,
    'also write event files of TensorBoard, into the folder tensorboard of the run: figures, sample grids and configuration',
    mayChange,
  ),
  export: report(
    oneOf('best', 'last'),
    'best',
    'the checkpoint that becomes the model: the one with the lowest Fréchet distance, where there are evaluations, or the last one',
    mayChange,
  ),
};

/** A key of the configuration. */
export type ConfigKey = keyof typeof configFields;

/** Everything that determines a training run. */
export type TrainConfig = {
  readonly [K in ConfigKey]: (typeof configFields)[K] extends ConfigField<infer T> ? T : never;
};

/** Every key, in the table's order. */
export const configKeys = Object.keys(configFields) as readonly ConfigKey[];

/** The row of a key. */
export function fieldOf(key: ConfigKey): ConfigField {
  return configFields[key] as ConfigField;
}

/** The configuration of a run without flags, which takes minutes on two processor cores. */
export const defaultConfig = Object.freeze(
  Object.fromEntries(configKeys.map((key) => [key, configFields[key].initial])),
) as TrainConfig;

/** The keys for the length of a run: exactly one of them is not null. */
export const totals = ['steps', 'images', 'minutes'] as const satisfies readonly ConfigKey[];

/** The keys for the averaged weights: one of them at most is not null. */
export const averages = ['averageDecay', 'averageHalfLife'] as const satisfies readonly ConfigKey[];

/** Groups of keys of which a layer sets one at most; that one replaces the others of the layers below. */
export const exclusive: readonly { readonly keys: readonly ConfigKey[]; readonly reason: string }[] = [
  { keys: totals, reason: 'a run has one length' },
  { keys: averages, reason: 'both average the same weights' },
];

/** The flag of a key: `imageSize` → `--image-size`. */
export function flagOf(key: ConfigKey): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
