// What pictures lose when filters are switched off: new samples with and without them, judged by the attribute classifier,
// beside the same samples without as many filters chosen at random.
import type { Random } from '../../../runtime-web/format/random.ts';
import type { AttributeClassifier } from '../attributes/attribute-classifier.ts';
import { effectOf, isOn } from '../directions/directions.ts';
import type { GeneratorProbe } from './generator-probe.ts';

/** How many samples show each attribute (a continuous one: lie above its middle), and how many verdicts changed. */
export interface Counts {
  /** In the classifier's order. */
  readonly attributes: readonly number[];
  /** Share of the verdicts on attributes other than the dropped one that are not as they were. */
  readonly othersMoved: number;
}

/** One number of filters that were switched off. */
export interface Dropping {
  readonly dropped: number;
  /** Without the filters that draw it. */
  readonly without: Counts;
  /** Without random ones, on average over {@link randomDraws}. */
  readonly control: Counts;
}

/** What is dropped, and from what. */
export interface DropOptions {
  readonly probe: GeneratorProbe;
  readonly classifier: AttributeClassifier;
  /** Index of the attribute that the filters draw. */
  readonly attribute: number;
  /** Latents [count · latent] of new samples. */
  readonly z: Float32Array;
  readonly latent: number;
  /** Filters in the order in which they are dropped. */
  readonly filters: readonly number[];
  /** How many of them are dropped at a time; at most all. */
  readonly steps: readonly number[];
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** What dropping did. */
export interface DropOutcome {
  readonly before: Counts;
  /** One for each of the steps. */
  readonly droppings: readonly Dropping[];
  /** Whether each of the samples has the attribute before. */
  readonly has: readonly boolean[];
  /** Pictures [count, size, size, channels]: as they are, and without the last step's filters, chosen and random. */
  readonly pictures: {
    readonly before: Float32Array;
    readonly without: Float32Array;
    readonly control: Float32Array;
  };
}

/** Choices of random filters that a control is the mean of. */
export const randomDraws = 3;

/** Drops them. Throws UserError where the generator gives no numbers, the signal's reason when aborted. */
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

/** 1, 2, 4, … and `most`, as steps towards dropping `most` filters. */
export function doublings(most: number): readonly number[] {
  const steps: number[] = [];
  for (let step = 1; step < most; step *= 2) steps.push(step);
  return [...steps, most];
}
