// The configuration of a run: one flat record, validated once, frozen, saved with the run, and enough to repeat it.
import type { LatentDistribution } from '../../runtime-web/format/random.ts';
import type { ConfigKey } from './fields.ts';
import { configFields, configKeys, flagOf, totals } from './fields.ts';
import type { EngineName } from '../engine/engine.ts';
import { checkOwnFlags, checkWhole } from './contradictions.ts';
import { UserError } from '../errors.ts';
import { impliedSettings } from './implied-settings.ts';
import type { ObjectiveName } from '../objectives/table.ts';
import { didYouMean } from '../suggest.ts';

/** Everything that decides a training run. Lengths in pixels, rates per update, intervals in steps. */
export interface TrainConfig {
  /** `avatars`, or a path: a folder, zip, IDX, CIFAR-10, CelebA or LSUN. */
  readonly data: string;
  /** Names of the classes whose images are taken, with commas between; null takes all. */
  readonly classes: string | null;
  /** What the classes are called in a conditional model, with commas between; null calls them as the data do. */
  readonly classNames: string | null;
  /** Power of two, 16 to 256. */
  readonly imageSize: number;
  readonly channels: 1 | 3;
  /** Mirror half of the images at random. */
  readonly flip: boolean;
  /** DCGAN's (Radford 2016), or StyleGAN's (Karras 2018). */
  readonly network: 'dcgan' | 'stylegan';
  /** Channels of the layer next to the images; each layer further in has twice as many. 1 to 512. */
  readonly baseWidth: number;
  readonly kernel: 4 | 5;
  /** Size of z, 1 to 4096. */
  readonly latent: number;
  readonly latentDistribution: LatentDistribution;
  /** The generator's way up: fractionally-strided convolution (the paper's), or nearest-neighbour and convolution. */
  readonly upsampling: 'transposed' | 'nearest';
  /** First layer of G and last of D: convolutions from and to 1x1, or dense layers (projection and logit). */
  readonly head: 'convolutional' | 'dense';
  /** With stylegan: dense layers from z to w, 0 to 16. */
  readonly mappingLayers: number;
  /** With stylegan: share of images whose styles come from two latents, 0 to 1 (Karras 2018, section 3.1). */
  readonly mixing: number;
  /** With stylegan: size of the first images, a power of two (Karras 2018a); null begins at the full size. */
  readonly growFrom: number | null;
  /** Real images shown while a new size is faded in, and again before the next one. */
  readonly growImages: number;
  /** Probability of dropping a channel's activation in D, 0 to 0.9. */
  readonly dropout: number;
  /** Whether D sees real and fake images in batches of their own (default) or in one. */
  readonly discriminatorBatch: 'separate' | 'joined';
  /** What follows the convolutions of D but the first. */
  readonly discriminatorNorm: 'batch' | 'layer' | 'none';
  /** What the generator is given beside z: nothing, the class, or codes that it learns to mean something (InfoGAN). */
  readonly condition: 'none' | 'label' | 'info';
  /** How D sees labels: as maps beside the image, or by projection (Miyato and Koyama 2018). */
  readonly labelDiscriminator: 'maps' | 'projection';
  /** InfoGAN's codes, `categorical:10,continuous:2`; null where there are none. */
  readonly codes: string | null;
  readonly objective: ObjectiveName;
  /** Updates of D for each one of G (n_critic), 1 to 100. */
  readonly criticSteps: number;
  /** D's weights are kept in [-clip, clip] (Arjovsky 2017); 0 leaves them. */
  readonly clip: number;
  /** Weight λ of wgan-gp's gradient penalty. */
  readonly penaltyWeight: number;
  /** Weight γ of the penalty on D's gradient at real images (Mescheder 2018); 0 is none. */
  readonly r1: number;
  /** That penalty comes with every so many steps, as many times as strong (Karras 2019, section 4.1); 1 to 1000. */
  readonly r1Every: number;
  /** Updates of D that G looks ahead (Metz 2017); 0 to 20. */
  readonly unroll: number;
  /** What is done at random to all images before D sees them (Zhao 2020): names with commas between; null is nothing. */
  readonly augment: string | null;
  /** One-sided label smoothing: real labels are 1 minus this, 0 to 0.5 (Salimans 2016, section 3.4). */
  readonly labelSmoothing: number;
  readonly batch: number;
  readonly learningRate: number;
  /** D's own; null takes the same. */
  readonly discriminatorLearningRate: number | null;
  readonly beta1: number;
  readonly beta2: number;
  /** Decay of the averaged generator weights per update, 0 to 0.99999; 0 keeps no average. */
  readonly averageDecay: number;
  /** Totals of the run; exactly one is set. */
  readonly steps: number | null;
  readonly images: number | null;
  readonly minutes: number | null;
  readonly seed: number;
  readonly engine: 'auto' | EngineName;
  /** CPU threads; null takes the engine's default. */
  readonly threads: number | null;
  /** Let matrix products on a GPU round to TensorFloat-32: faster, and less exact than the other engines. */
  readonly tf32: boolean;
  readonly reportEvery: number;
  readonly sampleEvery: number;
  readonly checkpointEvery: number;
  /** What to do when the run looks lost: say so, stop, or go back to a checkpoint from before with fresh noise. */
  readonly onCollapse: 'warn' | 'stop' | 'rollback';
  /** Newest checkpoints kept. */
  readonly keepCheckpoints: number;
  /** Images in a sample grid: a square number. */
  readonly sampleCount: number;
  /** Steps between two measurements of the distance from the real images; null for none. */
  readonly evaluateEvery: number | null;
  /** Images of each side that are compared then. */
  readonly evaluateCount: number;
  /** The network whose features are compared, an ONNX file; null takes the one that comes along. */
  readonly evaluateNetwork: string | null;
}

/** Some keys of a configuration and where they come from, as messages name it: a file, `preset paper-64`, `flags`. */
export interface ConfigLayer {
  readonly source: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The source of values that came as flags: messages then say `--image-size` instead of `imageSize`. */
export const fromFlags = 'flags';

/**
 * Lays the layers over each other, later ones first in say, and validates the whole. A total in one layer
 * (`steps`, `images` or `minutes`) replaces the total of the layers below. A layer that names an objective brings that
 * objective's own settings with it, where it does not say otherwise. The result is complete and frozen.
 * Throws UserError for an unknown key (with the nearest one), a value out of range, a missing key, a contradiction.
 */
export function resolveConfig(layers: readonly ConfigLayer[]): TrainConfig {
  const merged: Record<string, unknown> = {};
  for (const { source, values: said } of layers) {
    checkLayer(source, said);
    const values = { ...impliedSettings(said), ...said };
    const own = totals.filter((key) => values[key] != null);
    if (own.length > 1) {
      const names = own.map((key) => nameIn(source, key)).join(' and ');
      throw new UserError(`${names} contradict each other: a run has one length; give one of them`);
    }
    if (own.length === 1) for (const key of totals) merged[key] = null;
    for (const [key, value] of Object.entries(values)) {
      if (value === null && totals.some((total) => total === key) && own.length === 0) continue;
      merged[key] = value;
    }
  }
  const missing = configKeys.filter((key) => merged[key] === undefined);
  if (missing.length > 0) {
    throw new UserError(
      `the configuration lacks ${missing.map((key) => `${key} (${flagOf(key)})`).join(', ')}`,
    );
  }
  const config = Object.fromEntries(configKeys.map((key) => [key, merged[key]])) as unknown as TrainConfig;
  for (const { source, values } of layers)
    if (source === fromFlags) checkOwnFlags(config, Object.keys(values));
  checkWhole(config);
  return Object.freeze(config);
}

/** Throws UserError for the first key or value of one layer that cannot be. */
function checkLayer(source: string, values: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(values)) {
    const field = Object.hasOwn(configFields, key) ? configFields[key as ConfigKey] : null;
    if (field === null) {
      throw new UserError(`${source}: unknown key '${key}'${didYouMean(key, configKeys)}`);
    }
    if (!field.rule.accepts(value)) {
      throw new UserError(
        `${nameIn(source, key as ConfigKey)}: got ${JSON.stringify(value)}, expected ${field.rule.expects}`,
      );
    }
  }
}

function nameIn(source: string, key: ConfigKey): string {
  return source === fromFlags ? flagOf(key) : `${source}: ${key}`;
}
