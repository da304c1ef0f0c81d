// Recipes: the settings of a new run for which no preset is chosen, by the size and number of its images and the time it has. The tables
// hold every value that can be tuned, each with its reason. `apply-recipe.ts` joins them with the flags, which win.
import { sizeText, type ImageSize } from '../../runtime-web/format/image-shape.ts';
import type { TrainConfig } from './fields.ts';
import { impliedSettings } from './implied-settings.ts';
import { paper, presets } from './presets.ts';

/** The recipes, as `--recipe` takes them. */
export const recipeNames = ['modern', 'paper'] as const;
/** One of {@link recipeNames}. */
export type RecipeName = (typeof recipeNames)[number];

/** All that a recipe depends on. */
export interface RecipeFacts {
  /** The images are the faces that this program draws. */
  readonly isBuiltIn: boolean;
  /** Number of images in the data. */
  readonly images: number;
  /** Size of the training images. */
  readonly size: ImageSize;
  /** `--minutes`; null for another length, or none. */
  readonly minutes: number | null;
}

/** One choice of a recipe. The values of a choice belong together. */
export interface RecipeChoice {
  readonly part: 'first command' | 'method' | 'average' | 'augmentation' | 'width' | 'batch' | 'length';
  readonly values: Partial<TrainConfig>;
  /** A sentence without its full stop, with the numbers that decided. */
  readonly reason: string;
}

/** A row of a table. The first row whose bounds hold is taken. */
interface Row {
  /** Largest mean side of the images, in pixels. */
  readonly sideUpTo: number;
  /** Largest number of images; default: any. */
  readonly imagesUpTo?: number;
  readonly values: Partial<TrainConfig>;
  readonly reason: string;
}

/** R1's and R2's weight γ at 64x64; elsewhere it is in proportion to the pixels, as StyleGAN2-ADA's published code has it. */
const gammaAt64 = 0.5;

const tables = {
  /** The built-in faces at the size of the first command, which has the defaults of all keys. */
  firstCommand: [{ sideUpTo: 32, values: {}, reason: 'faces in a minute on two processor cores' }],
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
      values: {
        objective: 'relativistic',
        r1: gammaAt64,
        r2: gammaAt64,
        r1Every: 4,
        learningRate: 1e-3,
        beta1: 0,
      },
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
      imagesUpTo: 1999,
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
const cost = {
  /** Real images per second at 64x64 and width 32 (docs/notes/results.md: 62 at width 64, and 1094 at 32x32). */
  imagesPerSecondAt64: 300,
  /** Widths to choose from. */
  widths: [16, 24, 32, 48, 64, 96, 128],
  /** Images that a width must see; a wider one that sees fewer gives worse images. */
  enoughImages: 100_000,
  /** Length of a run without one. */
  images: 200_000,
} as const;

/** Smallest number of images that anything can be learned from. */
export const minImages = 12;
/** Runs that see fewer images end in blots. */
export const fewImagesShown = 30_000;

/** Real images per second of DCGAN's networks on `cores` processor cores, by the pixels and the square of the width. */
export function imagesPerSecond({ width, height }: ImageSize, baseWidth: number, cores = 2): number {
  return (cost.imagesPerSecondAt64 * (64 * 64) * 32 ** 2 * cores) / (width * height * baseWidth ** 2 * 2);
}

/** The choices of a recipe, in the order in which they are shown. */
export function recipeChoices(name: RecipeName, facts: RecipeFacts): readonly RecipeChoice[] {
  if (name === 'paper') return paperChoices;
  const { isBuiltIn, size, images } = facts;
  const [firstCommand] = tables.firstCommand;
  if (isBuiltIn && meanSide(size) <= firstCommand.sideUpTo) {
    return [{ part: 'first command', values: firstCommand.values, reason: firstCommand.reason }];
  }
  const choice = (part: 'method' | 'augmentation' | 'average' | 'batch'): RecipeChoice => ({
    part,
    ...rowFor(tables[part], facts),
  });
  const method = choice('method');
  // What the objective and the networks of the row imply belongs to it.
  const whole = { ...method.values, ...impliedSettings(method.values), ...method.values };
  const batch = choice('batch');
  // A batch of nearly all images would hardly differ from the next, and an unreadable one would leave too few.
  const half = Math.floor(images / 2);
  const choices: readonly RecipeChoice[] = [
    { ...method, values: { ...whole, ...weightsOf(whole, size) } },
    choice('augmentation'),
    widthFor(facts),
    half < batch.values.batch!
      ? { part: 'batch', values: { batch: half }, reason: `half of the ${count(images)} images` }
      : batch,
    choice('average'),
    ...lengthFor(facts),
  ];
  return choices.filter(({ values }) => Object.keys(values).length > 0);
}

/** R1's and R2's weights at a size, to two digits; none for a method without. */
function weightsOf({ r1 = 0 }: Partial<TrainConfig>, { width, height }: ImageSize): Partial<TrainConfig> {
  const weight = Number(((r1 * width * height) / (64 * 64)).toPrecision(2));
  return r1 > 0 ? { r1: weight, r2: weight } : {};
}

/** The widest networks that see enough images in the minutes. */
function widthFor(facts: RecipeFacts): RecipeChoice {
  const { minutes, size } = facts;
  if (minutes === null) return { part: 'width', ...rowFor(tables.width, facts) };
  const shown = (width: number): number => imagesPerSecond(size, width) * 60 * minutes;
  const baseWidth = cost.widths.findLast((width) => shown(width) >= cost.enoughImages) ?? cost.widths[0];
  const [about, enough] = [count(round(shown(baseWidth))), count(cost.enoughImages)];
  return {
    part: 'width',
    values: { baseWidth },
    reason:
      shown(baseWidth) < cost.enoughImages
        ? `the narrowest: in ${shownMinutes(minutes)} two processor cores show it about ${about} images of ${sizeText(size)}`
        : `the widest that sees ${enough} images: in ${shownMinutes(minutes)} two processor cores show it about ${about}`,
  };
}

function lengthFor(facts: RecipeFacts): readonly RecipeChoice[] {
  const { minutes, size } = facts;
  if (minutes !== null) return [];
  const { baseWidth } = rowFor(tables.width, facts).values;
  const time = shownMinutes(Math.ceil(cost.images / imagesPerSecond(size, baseWidth!) / 60));
  return [
    {
      part: 'length',
      values: { images: cost.images },
      reason: `no length was given: ${count(cost.images)} images of ${sizeText(size)} take about ${time} on two processor cores; --minutes chooses another`,
    },
  ];
}

/** Radford 2016, section 4, and the network of `paper-64`; the size is the run's own. */
const paperChoices: readonly RecipeChoice[] = [
  {
    part: 'method',
    values: paper,
    reason: 'the loss, optimiser, batch and latents of the DCGAN paper (Radford 2016, section 4)',
  },
  {
    part: 'width',
    values: { baseWidth: 128, kernel: 5, head: 'dense' },
    reason: 'the networks of the DCGAN paper',
  },
  {
    part: 'length',
    values: { images: presets['paper-64']!.values.images! },
    reason: "one pass of LSUN's length, as in the DCGAN paper",
  },
];

function rowFor(rows: readonly Row[], { size, images }: RecipeFacts): Pick<Row, 'values' | 'reason'> {
  const { values, reason } = rows.find(
    ({ sideUpTo, imagesUpTo = Infinity }) => meanSide(size) <= sideUpTo && images <= imagesUpTo,
  )!;
  return { values, reason };
}

/** The side of a square of as many pixels. */
function meanSide({ width, height }: ImageSize): number {
  return Math.sqrt(width * height);
}

/** A number to two digits. */
function round(value: number): number {
  return Number(value.toPrecision(2));
}

function count(value: number): string {
  return value.toLocaleString('en');
}

/** `7 minutes`, `1 minute`. */
export function shownMinutes(minutes: number): string {
  return `${count(minutes)} ${minutes === 1 ? 'minute' : 'minutes'}`;
}
