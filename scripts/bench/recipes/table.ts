// The image sets and the recipes of `bench -- recipes`, one row each. A recipe is a set of flags of `train`, or PyTorch's example.
import type { Channels } from '../../../runtime-web/format/image-shape.ts';

/** Flags of `train`, without dashes; `true` for a flag that takes no value. */
export type TrainFlags = Readonly<Record<string, string | true>>;

/** A set of images. */
export interface ImageSetRow {
  readonly about: string;
  /** The flag of the bench that gives its path; null if the bench makes the images. */
  readonly path: 'fashion' | 'cifar' | 'emoji' | null;
  readonly size: number;
  readonly channels: Channels;
  /** Default minutes of training. */
  readonly minutes: number;
  /**
   * The images that distances are measured to, the same for every recipe: those of the set's own test part, other avatars than those
   * trained on, or, for a set that has no other images, the training images.
   */
  readonly reference: 'test part' | 'other avatars' | 'training images';
  /** Decay of the averaged weights of the peer: that of {@link today}. */
  readonly averageDecay: number;
  /** The flags of today's preset. */
  readonly today: TrainFlags;
}

/** Every set by name, in the order of training. */
export const imageSets = {
  avatars: {
    about: '10,000 avatars of 64x64',
    ...{ path: null, size: 64, channels: 3, minutes: 6, reference: 'other avatars' },
    ...{ averageDecay: 0.999, today: { preset: 'avatars-64' } },
  },
  fashion: {
    about: 'Fashion-MNIST, 32x32, grey',
    ...{ path: 'fashion', size: 32, channels: 1, minutes: 6, reference: 'test part' },
    ...{ averageDecay: 0.99, today: { preset: 'fashion-mnist-32' } },
  },
  cifar: {
    about: 'CIFAR-10, 32x32',
    ...{ path: 'cifar', size: 32, channels: 3, minutes: 15, reference: 'test part' },
    ...{ averageDecay: 0.999, today: { preset: 'cifar10-32' } },
  },
  emoji: {
    about: 'emoji of 64x64 with transparency',
    ...{ path: 'emoji', size: 64, channels: 4, minutes: 15, reference: 'training images' },
    ...{ averageDecay: 0.999, today: { preset: 'dcgan-64', channels: '4' } },
  },
  small: {
    about: '500 avatars of 64x64',
    ...{ path: null, size: 64, channels: 3, minutes: 6, reference: 'other avatars' },
    ...{ averageDecay: 0.999, today: { preset: 'avatars-64' } },
  },
} as const satisfies Readonly<Record<string, ImageSetRow>>;

/** A set's name. */
export type SetName = keyof typeof imageSets;

/** All names. */
export const setNames = Object.keys(imageSets) as readonly SetName[];

/** PyTorch's DCGAN example with averaged weights, the peer. */
export interface PeerRecipe {
  readonly kind: 'peer';
  readonly about: string;
  readonly rate: number;
  /** Width, if it is not that of the bench. */
  readonly width?: number;
  /** A recipe whose steps cost the same, so that its measured rate is this one's too. */
  readonly rateOf?: string;
}

/** A run of `train`. */
export interface OwnRecipe {
  readonly kind: 'own';
  readonly about: string;
  /**
   * Base of the flags: today's preset of the set and the width of the bench; or nothing but the shape of the images, so that `train`
   * chooses everything else itself.
   */
  readonly base: 'today' | 'shape';
  readonly flags: TrainFlags;
  /** The sets that it is for; all by default. */
  readonly sets?: readonly SetName[];
  /** A recipe whose steps cost the same, so that its measured rate is this one's too. */
  readonly rateOf?: string;
}

/** One row of the table. */
export type Recipe = PeerRecipe | OwnRecipe;

const peer = (rate: number, width?: number, rateOf?: string): PeerRecipe => ({
  kind: 'peer',
  about: `PyTorch's example with averaged weights, rate ${rate}${width === undefined ? '' : `, width ${width}`}`,
  rate,
  ...(width !== undefined && { width }),
  ...(rateOf !== undefined && { rateOf }),
});
const own = (about: string, flags: TrainFlags, more: Pick<OwnRecipe, 'sets' | 'rateOf'> = {}): OwnRecipe => ({
  ...{ kind: 'own', about, base: 'today', flags },
  ...more,
});
const pairs = (gamma: string, rate: string): TrainFlags => ({
  ...{ objective: 'relativistic', r1: gamma, r2: gamma, 'learning-rate': rate },
});
const modern = (gamma: string): TrainFlags => ({
  ...{ network: 'modern', objective: 'relativistic', r1: gamma, r2: gamma },
});
const samePairs = { rateOf: 'pairs-0.5' } as const;
const few = { sets: ['small', 'emoji'] } as const;

/** Every recipe by name, in the order of the tables. */
export const recipes: Readonly<Record<string, Recipe>> = {
  // Rate 2e-4 is the example's own; the others give it its best one.
  'peer-2e-4': peer(2e-4, undefined, 'peer-1e-3'),
  'peer-5e-4': peer(5e-4, undefined, 'peer-1e-3'),
  'peer-1e-3': peer(1e-3),
  'peer-2e-3': peer(2e-3, undefined, 'peer-1e-3'),
  // Width 64 is the example's own.
  'peer-wide-2e-4': peer(2e-4, 64, 'peer-wide-1e-3'),
  'peer-wide-1e-3': peer(1e-3, 64),
  today: own('the preset', {}),
  'today-1e-3': own('the preset at rate 1e-3', { 'learning-rate': '1e-3' }, { rateOf: 'today' }),
  r1: own('R1 0.5 every 4 steps', { r1: '0.5', 'r1-every': '4' }, { rateOf: 'r1-1e-3' }),
  'r1-1e-3': own('R1 0.5 every 4 steps, rate 1e-3', { r1: '0.5', 'r1-every': '4', 'learning-rate': '1e-3' }),
  spectral: own('hinge, spectral norm in D, rate 1e-3', {
    ...{ objective: 'hinge', 'spectral-norm': 'discriminator', 'learning-rate': '1e-3' },
  }),
  'pairs-2e-4': own('relativistic, R1 and R2 0.5, rate 2e-4', pairs('0.5', '2e-4'), samePairs),
  'pairs-0.02': own('relativistic, R1 and R2 0.02, rate 5e-4', pairs('0.02', '5e-4'), samePairs),
  'pairs-0.1': own('relativistic, R1 and R2 0.1, rate 1e-3', pairs('0.1', '1e-3'), samePairs),
  'pairs-0.125-2e-3': own('relativistic, R1 and R2 0.125, rate 2e-3', pairs('0.125', '2e-3'), samePairs),
  'pairs-0.5': own('relativistic, R1 and R2 0.5, rate 1e-3', pairs('0.5', '1e-3')),
  'pairs-0.5-2e-3': own('relativistic, R1 and R2 0.5, rate 2e-3', pairs('0.5', '2e-3'), samePairs),
  'pairs-2': own('relativistic, R1 and R2 2, rate 1e-3', pairs('2', '1e-3'), samePairs),
  modern: own('modern networks with the settings that they imply', { network: 'modern' }),
  'modern-0.1': own('modern networks, R1 and R2 0.1', modern('0.1'), { rateOf: 'modern' }),
  'modern-2': own('modern networks, R1 and R2 2', modern('2'), { rateOf: 'modern' }),
  stylegan: own('StyleGAN', { network: 'stylegan' }),
  stylegan2: own('StyleGAN2', { network: 'stylegan2' }),
  augment: own(
    'relativistic as pairs-0.5, differentiable augmentation',
    { ...pairs('0.5', '1e-3'), augment: 'color,translation,cutout' },
    few,
  ),
  'augment-2e-3': own(
    'relativistic as pairs-0.5-2e-3, differentiable augmentation',
    { ...pairs('0.5', '2e-3'), augment: 'color,translation,cutout' },
    { ...few, rateOf: 'augment' },
  ),
  // The paper's 500,000 images from 0 to 1 are more than these runs show.
  ada: own(
    'relativistic as pairs-0.5, adaptive augmentation',
    { ...pairs('0.5', '1e-3'), augment: 'ada', 'ada-images': '50000' },
    few,
  ),
  'ada-2e-3': own(
    'relativistic as pairs-0.5-2e-3, adaptive augmentation',
    { ...pairs('0.5', '2e-3'), augment: 'ada', 'ada-images': '50000' },
    { ...few, rateOf: 'ada' },
  ),
  'modern-ada': own(
    'modern networks, adaptive augmentation',
    { network: 'modern', augment: 'ada', 'ada-images': '50000' },
    few,
  ),
  default: { kind: 'own', about: 'what train chooses by itself', base: 'shape', flags: {} },
};

/** The flags of `train` for a recipe on a set, without data, length, seed and engine. */
export function flagsOf({ base, flags }: OwnRecipe, set: ImageSetRow, width: number): TrainFlags {
  const shape = { 'image-size': String(set.size), channels: String(set.channels) };
  return base === 'shape'
    ? { ...shape, ...flags }
    : { ...set.today, ...shape, 'base-width': String(width), ...flags };
}

/**
 * A recipe of the command line, `NAME: FLAGS`, such as `mild: --objective relativistic --r1 0.1`: its flags are added to today's preset,
 * or with `NAME= FLAGS` to nothing but the shape of the images. Null for another form.
 */
export function parseRecipe(text: string): readonly [string, OwnRecipe] | null {
  const [, name, sign, rest] = /^([\w.-]+)([:=])((?:\s+\S+)*)\s*$/.exec(text) ?? [];
  if (name === undefined || rest === undefined) return null;
  const flags: Record<string, string | true> = {};
  let flag: string | null = null;
  for (const word of rest.split(/\s+/).filter((part) => part !== '')) {
    if (word.startsWith('--')) {
      flag = word.slice(2);
      flags[flag] = true;
    } else if (flag === null) return null;
    else {
      flags[flag] = word;
      flag = null;
    }
  }
  return [name, { kind: 'own', about: rest.trim(), base: sign === ':' ? 'today' : 'shape', flags }];
}

/** Flags as words of a command line. */
export function wordsOf(flags: TrainFlags): readonly string[] {
  return Object.entries(flags).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [`--${name}`, value],
  );
}
