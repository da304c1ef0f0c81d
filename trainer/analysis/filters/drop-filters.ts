// Measures the effect of switching filters off: the attribute classifier's predictions for new samples with and without the
// filters, compared with the same samples without as many random filters.
import type { Random } from '../../../runtime-web/format/random.ts';
import type { AttributeClassifier } from '../attributes/attribute-classifier.ts';
import { effectOf, isOn } from '../attributes/attribute-effect.ts';
import type { GeneratorProbe } from './generator-probe.ts';

/**
 * Number of samples with each attribute (for a continuous one: above its middle), and the fraction of other predictions that
 * changed.
 */
export interface Counts {
  /** Number of samples with each attribute, in the classifier's order. */
  readonly attributes: readonly number[];
  /** Fraction of the other attributes' predictions that changed. */
  readonly othersMoved: number;
}

/** The effect of one number of filters. */
export interface Dropping {
  readonly dropped: number;
  /** Without the filters that draw the attribute. */
  readonly without: Counts;
  /** Without random filters, averaged over {@link randomDraws}. */
  readonly control: Counts;
}

/** Settings of {@link dropFilters}. */
export interface DropOptions {
  readonly probe: GeneratorProbe;
  readonly classifier: AttributeClassifier;
  /** Index of the attribute that the filters draw. */
  readonly attribute: number;
  /** Latents [count · latent] of new samples. */
  readonly z: Float32Array;
  readonly latent: number;
  /** Filters in the order of dropping. */
  readonly filters: readonly number[];
  /** Numbers of filters to drop, one measurement for each. */
  readonly steps: readonly number[];
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Result of {@link dropFilters}. */
export interface DropOutcome {
  readonly before: Counts;
  /** One for each of the steps. */
  readonly droppings: readonly Dropping[];
  /** For each sample, true if it had the attribute before. */
  readonly has: readonly boolean[];
  /** Images [count, size, size, channels]: unchanged, without the last step's filters, and without as many random filters. */
  readonly pictures: {
    readonly before: Float32Array;
    readonly without: Float32Array;
    readonly control: Float32Array;
  };
}

/** Number of random sets of filters in the control. */
export const randomDraws = 3;

/**
 * Drops filters and measures. Throws UserError if the generator's outputs are not finite, the signal's reason when
 * aborted.
 */
export async function dropFilters(options: DropOptions): Promise<DropOutcome> {
  const { probe, classifier, attribute, z, latent, filters, steps, random, signal, onProgress } = options;
  const { attributes, predict } = classifier;
  const count = z.length / latent;
  const width = probe.layer.filters;
  const before = (await probe.draw(z, { signal })).images;
  const predictions = await predict(before, count);
  const countsOf = (found: Float32Array): Counts => ({
    attributes: attributes.map((_, a) => countOn(found, classifier, count, a)),
    othersMoved: effectOf(predictions, found, attributes, attribute).othersMoved,
  });
  const total = steps.length * (1 + randomDraws);
  let done = 0;
  const without = async (dropped: readonly number[]) => {
    const mask = new Float32Array(width).fill(1);
    for (const filter of dropped) mask[filter] = 0;
    const { images } = await probe.draw(z, { mask, signal });
    const counts = countsOf(await predict(images, count));
    onProgress?.(++done, total);
    return { images, counts };
  };
  const droppings: Dropping[] = [];
  let [last, lastControl] = [before, before];
  for (const dropped of steps) {
    const own = await without(filters.slice(0, dropped));
    const controls: Counts[] = [];
    for (let draw = 0; draw < randomDraws; draw++) {
      const order = random.shuffle(Array.from({ length: width }, (_, filter) => filter));
      const control = await without(order.slice(0, dropped));
      controls.push(control.counts);
      lastControl = control.images;
    }
    droppings.push({ dropped, without: own.counts, control: meanOf(controls) });
    last = own.images;
  }
  return {
    before: countsOf(predictions),
    droppings,
    has: Array.from({ length: count }, (_, i) => isOn(predictions, attributes, i, attribute)),
    pictures: { before, without: last, control: lastControl },
  };
}

function countOn(
  predictions: Float32Array,
  { attributes }: AttributeClassifier,
  count: number,
  a: number,
): number {
  let on = 0;
  for (let i = 0; i < count; i++) if (isOn(predictions, attributes, i, a)) on += 1;
  return on;
}

function meanOf(counts: readonly Counts[]): Counts {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    attributes: counts[0]!.attributes.map((_, a) => mean(counts.map(({ attributes }) => attributes[a]!))),
    othersMoved: mean(counts.map(({ othersMoved }) => othersMoved)),
  };
}

/** The numbers of filters to drop on the way to `max`: 1, 2, 4, …, `max`. */
export function doublings(max: number): readonly number[] {
  const steps: number[] = [];
  for (let step = 1; step < max; step *= 2) steps.push(step);
  return [...steps, max];
}
