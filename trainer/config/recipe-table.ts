// Every value of the recipe `modern` that can be tuned, each with its reason, which the run prints. `recipes.ts` chooses among them.
import { manyImages } from '../../runtime-web/format/training/image-counts.ts';
import type { TrainConfig } from './fields.ts';

/** A row of a table. The first row whose bounds hold is taken. */
export interface Row {
  /** Largest mean side of the images, in pixels. */
  readonly sideUpTo: number;
  /** Largest number of images; default: any. */
  readonly imagesUpTo?: number;
  readonly values: Partial<TrainConfig>;
  readonly reason: string;
}

/** R1's and R2's weight γ at 64x64; elsewhere it is in proportion to the pixels, as StyleGAN2-ADA's published code has it. */
const gammaAt64 = 0.5;

/** R3GAN's loss with Adam without momentum, as its published code has it; both penalties every fourth step. */
const pairs = { objective: 'relativistic', r1: gammaAt64, r2: gammaAt64, r1Every: 4, beta1: 0 } as const;

/** The built-in faces at the size of the first command. What is not chosen here has its default. */
export const firstCommand = {
  sideUpTo: 32,
  method: {
    values: { ...pairs, learningRate: 2e-3 },
    reason:
      "R3GAN's loss, pairs of a real and a generated image with R1 and R2: on these faces its distance was 0.72 of the non-saturating loss's in equal time",
  },
  length: { values: { steps: 1400 }, reason: 'about a minute on two processor cores' },
} as const satisfies {
  readonly sideUpTo: number;
  readonly method: Pick<Row, 'values' | 'reason'>;
  readonly length: Pick<Row, 'values' | 'reason'>;
};

/** The tables of the recipe `modern`. */
export const tables = {
  /** The objective, its penalties, the optimiser and its schedule; what they imply (`implied-settings.ts`) comes with them. */
  method: [
    {
      sideUpTo: 48,
      values: { learningRate: 1e-3 },
      reason:
        'the non-saturating loss with batch norm: on photographs of 32x32 it was ahead of pairs with R1 and R2 in equal time',
    },
    {
      sideUpTo: Infinity,
      values: { ...pairs, learningRate: 1e-3 },
      reason:
        "R3GAN's loss, pairs of a real and a generated image with R1 and R2: on faces of 64x64 its distance was 0.4 of the non-saturating loss's in equal time",
    },
  ],
  average: [
    {
      sideUpTo: Infinity,
      values: { averageHalfLife: 10_000, averageRampUp: 0.05 },
      reason: 'averaged weights that follow within 5% of the images shown, up to 10,000',
    },
  ],
  augmentation: [
    {
      sideUpTo: Infinity,
      imagesUpTo: manyImages - 1,
      values: { augment: 'color,translation,cutout' },
      reason: 'fewer than 2,000 images, which the discriminator would learn by heart',
    },
    { sideUpTo: Infinity, values: {}, reason: '' },
  ],
  /** The width without `--minutes`. */
  width: [
    { sideUpTo: 64, values: { baseWidth: 32 }, reason: 'fine enough at this size, and quick' },
    {
      sideUpTo: 128,
      values: { baseWidth: 24 },
      reason: 'larger images have more layers, each twice as wide as the next',
    },
    {
      sideUpTo: Infinity,
      values: { baseWidth: 16 },
      reason: 'larger images have more layers, each twice as wide as the next',
    },
  ],
  batch: [
    { sideUpTo: 128, values: { batch: 64 }, reason: 'the batch of all measured runs' },
    { sideUpTo: Infinity, values: { batch: 32 }, reason: 'memory for images of this size' },
  ],
} as const satisfies Readonly<Record<string, readonly Row[]>>;

/** The time of training, on two processor cores. */
export const cost = {
  /** Real images per second at 64x64 and width 32 (docs/notes/results.md: 62 at width 64, and 1094 at 32x32). */
  imagesPerSecondAt64: 300,
  /** Widths to choose from. */
  widths: [16, 24, 32, 48, 64, 96, 128],
  /** Images that a width must see in the minutes to be chosen. */
  enoughImages: 100_000,
  /** Length of a run without one. */
  images: 200_000,
} as const;

/** Runs of a recipe that show fewer images are warned of. */
export const fewImagesShown = 30_000;
