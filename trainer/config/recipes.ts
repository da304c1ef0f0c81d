// Recipes: the settings of a new run for which no preset is chosen, by the size and number of its images and the time it has.
// `recipe-table.ts` has their values and reasons, and `apply-recipe.ts` joins them with the flags, which win.
import { sizeText, type ImageSize } from '../../runtime-web/format/image-shape.ts';
import type { TrainConfig } from './fields.ts';
import { impliedSettings } from './implied-settings.ts';
import { paper, presets } from './presets.ts';
import { cost, firstCommand, tables, type Row } from './recipe-table.ts';

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
  readonly part: 'method' | 'average' | 'augmentation' | 'width' | 'batch' | 'length';
  readonly values: Partial<TrainConfig>;
  /** A sentence without its full stop, with the numbers that decided. */
  readonly reason: string;
}

/** Real images per second of DCGAN's networks on `cores` processor cores, by the pixels and the square of the width. */
export function imagesPerSecond({ width, height }: ImageSize, baseWidth: number, cores = 2): number {
  return (cost.imagesPerSecondAt64 * (64 * 64) * 32 ** 2 * cores) / (width * height * baseWidth ** 2 * 2);
}

/** The choices of a recipe, in the order in which they are shown. */
export function recipeChoices(name: RecipeName, facts: RecipeFacts): readonly RecipeChoice[] {
  if (name === 'paper') return paperChoices;
  const { isBuiltIn, size, images } = facts;
  if (isBuiltIn && meanSide(size) <= firstCommand.sideUpTo) {
    return [methodAt(size, firstCommand.method), { part: 'length', ...firstCommand.length }];
  }
  const choice = (part: 'augmentation' | 'average' | 'batch'): RecipeChoice => ({
    part,
    ...rowFor(tables[part], facts),
  });
  const batch = choice('batch');
  // A batch of nearly all images would hardly differ from the next, and an unreadable one would leave too few.
  const half = Math.floor(images / 2);
  const choices: readonly RecipeChoice[] = [
    methodAt(size, rowFor(tables.method, facts)),
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

/** A method with the settings that its objective and networks imply, and with its weights at a size. */
function methodAt(size: ImageSize, { values, reason }: Pick<Row, 'values' | 'reason'>): RecipeChoice {
  // In the order of the row.
  const whole = { ...values, ...impliedSettings(values), ...values };
  return { part: 'method', values: { ...whole, ...weightsOf(whole, size) }, reason };
}

/** R1's and R2's weights at a size, to three digits; none for a method without. */
function weightsOf({ r1 = 0 }: Partial<TrainConfig>, { width, height }: ImageSize): Partial<TrainConfig> {
  const weight = Number(((r1 * width * height) / (64 * 64)).toPrecision(3));
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
