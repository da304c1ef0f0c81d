// The inputs of an update as a list of draws. Trainer and page draw the same list from the same stream, in its order, so both see the same
// numbers.
import type { Conditioning } from '../model.ts';
import { conditionColumns } from '../condition.ts';
import type { ImageShape } from '../image-shape.ts';
import type { Random } from '../random.ts';
import type { AugmentationDraws } from './augmentation/draws.ts';
import { drawCodes, oneHot } from './codes.ts';
import { lengthOfShape, type FloatTensor, type Shapes } from './tensors.ts';

/** The kinds of draws; each but `ada` draws its inputs one after the other. */
export type DrawKind =
  /** The batch's images, [b, h, w, c] in [-1, 1]. */
  | { readonly kind: 'images' }
  /** One-hot rows of the batch's labels, or its attributes or numbers as the networks get them, or random codes. */
  | { readonly kind: 'condition' }
  /** Standard normal numbers; with `every`, zeros in all but every n-th step, for which nothing is drawn. */
  | { readonly kind: 'normal'; readonly every?: number }
  /** `least` + (`most` - `least`) u. */
  | { readonly kind: 'uniform'; readonly least: number; readonly most: number }
  /** 0 if u < `rate`, else 1 / (1 - `rate`). */
  | { readonly kind: 'dropout'; readonly rate: number }
  /** [b, styles]: with probability `rate` a row is 0 from a random style on, but never at the first one; elsewhere 1. */
  | { readonly kind: 'mixing'; readonly rate: number }
  /** DiffAugment's tensors, by the last part of their names. Each change of an image happens with `probability`. */
  | { readonly kind: 'diffaugment'; readonly probability: number }
  /** ADA's tensors of one pass, all drawn together; `probability` null: the one that the controller moves. */
  | { readonly kind: 'ada'; readonly probability: number | null }
  /** [resolution, fade-in factor] of a network that grows; the factor rises from 1 / steps to 1 from `firstStep` on. */
  | {
      readonly kind: 'growth';
      readonly resolution: number;
      readonly fade: { readonly firstStep: number; readonly steps: number } | null;
    }
  /** Scalars of the schedule, by name: see `step-scalars.ts`. */
  | { readonly kind: 'scheduled' };

/** One draw: the shapes of its inputs by name, in order. */
export type InputDraw = DrawKind & { readonly inputs: Shapes };

/** A batch of the data. */
export interface RealBatch {
  /** [b, h, w, c] in [-1, 1]. */
  readonly images: Float32Array;
  /** [b]; null without classes. */
  readonly labels: ArrayLike<number> | null;
  /** Attributes or numbers as the networks get them, [b, columns]; null or absent without. */
  readonly condition?: Float32Array | null;
}

/** Everything that the inputs of one run of an update depend on. */
export interface DrawContext {
  readonly random: Random;
  readonly real: RealBatch;
  readonly conditioning: Conditioning;
  /** Shape of the training images. */
  readonly shape: ImageShape;
  /** 1 for the first. */
  readonly stepNumber: number;
  /** The scalars of the schedule by name. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Probability of augmentation, where ADA moves it. */
  readonly probability: number;
  /** Draws the numbers of augmentations; null where {@link hasAugmentation} says that there are none. */
  readonly augmentation: AugmentationDraws | null;
}

/** True if an input is drawn by {@link AugmentationDraws}. */
export function hasAugmentation(draws: readonly InputDraw[]): boolean {
  return draws.some(({ kind }) => kind === 'ada' || kind === 'diffaugment');
}

/** Draws the inputs. Throws RangeError for a batch without the labels or the condition that the networks take. */
export function drawInputs(draws: readonly InputDraw[], context: DrawContext): Record<string, FloatTensor> {
  const inputs: Record<string, FloatTensor> = {};
  for (const draw of draws) {
    if (draw.kind === 'ada') {
      const { random, shape, probability, augmentation } = context;
      Object.assign(
        inputs,
        augmentation!.drawAda(draw.inputs, random, draw.probability ?? probability, shape),
      );
      continue;
    }
    for (const [name, shape] of Object.entries(draw.inputs)) {
      inputs[name] = { dtype: 'float32', shape, data: valuesOf(draw, name, shape, context) };
    }
  }
  return inputs;
}

function valuesOf(
  draw: Exclude<DrawKind, { kind: 'ada' }>,
  name: string,
  shape: readonly number[],
  { random, real, conditioning, stepNumber, scalars, augmentation }: DrawContext,
): Float32Array {
  const filledBy = (value: () => number): Float32Array => {
    const data = new Float32Array(lengthOfShape(shape));
    for (let i = 0; i < data.length; i++) data[i] = value();
    return data;
  };
  switch (draw.kind) {
    case 'images':
      return real.images;
    case 'condition':
      return conditionOf(conditioning, shape[0]!, real, random);
    case 'normal': {
      const isDue = draw.every === undefined || stepNumber % draw.every === 0;
      return isDue ? filledBy(() => random.normal()) : filledBy(() => 0);
    }
    case 'uniform': {
      const { least, most } = draw;
      return filledBy(() => least + (most - least) * random.uniform());
    }
    case 'dropout': {
      const { rate } = draw;
      return filledBy(() => (random.uniform() < rate ? 0 : 1 / (1 - rate)));
    }
    case 'mixing':
      return mixing(shape, draw.rate, random);
    case 'diffaugment':
      return augmentation!.drawDiffAugment(
        name.slice(name.lastIndexOf('/') + 1),
        shape,
        random,
        draw.probability,
      );
    case 'growth': {
      const { resolution, fade } = draw;
      const factor = fade === null ? 1 : (stepNumber - fade.firstStep + 1) / fade.steps;
      return Float32Array.of(resolution, factor);
    }
    case 'scheduled': {
      const value = scalars[name];
      if (value === undefined) throw new RangeError(`${name}: got none, expected a value of the schedule`);
      return Float32Array.of(value);
    }
  }
}

/** Rows [b, columns]. Generated images get the batch's own labels or rows, so only combinations of the data are learned. */
function conditionOf(
  conditioning: Conditioning,
  batch: number,
  { labels, condition = null }: RealBatch,
  random: Random,
): Float32Array {
  if (conditioning?.kind === 'codes') return drawCodes(conditioning.codes, batch, random);
  if (conditioning?.kind === 'classes') {
    if (labels === null) throw new RangeError('labels: got none; a class-conditional generator needs them');
    return oneHot(labels, conditionColumns(conditioning));
  }
  if (condition === null)
    throw new RangeError(`condition: got none; a generator of ${conditioning?.kind} needs it`);
  return condition;
}

/**
 * Mixing regularisation (Karras 2018, section 3.1): with probability `rate` an image takes the second latent's style from a random index
 * on. Returns [count, styles], 1 for styles of the first latent.
 */
function mixing([count = 0, styles = 0]: readonly number[], rate: number, random: Random): Float32Array {
  const data = new Float32Array(count * styles).fill(1);
  for (let i = 0; i < count; i++) {
    const isMixed = random.uniform() < rate;
    const from = 1 + Math.floor(random.uniform() * (styles - 1));
    if (isMixed) data.fill(0, i * styles + from, (i + 1) * styles);
  }
  return data;
}
