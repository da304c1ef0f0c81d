// Finds the filters of a generator that draw one attribute (Radford 2016, section 6.3.1). The paper boxed windows by hand in 150
// samples and separated activations inside the boxes from others by logistic regression: filters with positive weight draw windows.
// Here a classifier labels the images, and all images share one box: the region where images with the attribute differ from those
// without. So the attribute must be at about the same place in most images. Each image is one row of the regression: the mean of
// each filter inside the box.
import { lengthOf, type ImageShape, type ImageSize } from '../../../runtime-web/format/image-shape.ts';
import { imageShape } from '../../config/image-size.ts';
import type { TrainConfig } from '../../config/fields.ts';
import { UserError } from '../../errors.ts';
import type { AttributeClassifier } from '../attributes/attribute-classifier.ts';
import { isOn } from '../attributes/attribute-effect.ts';
import type { HiddenLayer } from '../../training/architectures/inside.ts';
import type { GeneratorProbe } from './generator-probe.ts';
import { fitLogistic, scoreOf } from './logistic-regression.ts';

/** Settings of the search. */
export interface DrawingOptions {
  readonly probe: GeneratorProbe;
  readonly config: TrainConfig;
  readonly classifier: AttributeClassifier;
  /** Index of a binary attribute of the classifier. */
  readonly attribute: number;
  /** Latents [count · latent] of the samples. */
  readonly z: Float32Array;
  /** `differ`: the box is the region where images differ. `everywhere`: the box is the whole image. */
  readonly where: 'differ' | 'everywhere';
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Result of {@link findDrawingFilters}. */
export interface DrawingFilters {
  /** Filters with positive weight, largest first; weights are for activations of unit standard deviation. */
  readonly filters: readonly { readonly filter: number; readonly weight: number }[];
  /** Number of samples with the attribute. */
  readonly having: number;
  /** Accuracy of the regression on samples held out from a first fit. */
  readonly accuracy: number;
  readonly box: Box;
}

/** The region where images with the attribute differ from those without. */
export interface Box {
  /** True for each cell of the layer inside the region; [size, size], row-major. */
  readonly isInside: readonly boolean[];
  /** Mean images [height, width, channels] with and without the attribute. */
  readonly meanWith: Float32Array;
  readonly meanWithout: Float32Array;
}

/**
 * A cell is inside if its squared difference of means, divided by the variance, is at least this fraction of the largest one.
 */
const insideShare = 0.25;
/** The regression's C: below scikit-learn's default 1, because there are few samples per filter. */
const C = 0.1;
const minOfEach = 20;
const batch = 256;
/** Every `heldOutEvery`-th sample is held out to measure the regression. */
const heldOutEvery = 4;

/**
 * Finds the filters that draw an attribute. Throws UserError if too few samples have it or too few lack it, the signal's
 * reason when aborted.
 */
export async function findDrawingFilters(options: DrawingOptions): Promise<DrawingFilters> {
  const { probe, config, classifier, attribute, z, where, signal, onProgress } = options;
  const { latent } = config;
  const shape = imageShape(config);
  const count = z.length / latent;
  const { size, filters } = probe.layer;
  const imageLength = lengthOf(shape);
  const has: boolean[] = [];
  const sums = [new Moments(imageLength), new Moments(imageLength)] as const;
  for (let first = 0; first < count; first += batch) {
    const piece = z.subarray(first * latent, (first + batch) * latent);
    const { images } = await probe.draw(piece, { signal });
    const predictions = await classifier.predict(images, piece.length / latent);
    for (let i = 0; i < piece.length / latent; i++) {
      const isThere = isOn(predictions, classifier.attributes, i, attribute);
      has.push(isThere);
      sums[isThere ? 1 : 0].add(images.subarray(i * imageLength, (i + 1) * imageLength));
    }
    onProgress?.(Math.min(count, first + batch), 2 * count);
  }
  const having = has.filter(Boolean).length;
  if (Math.min(having, count - having) < minOfEach) {
    throw new UserError(
      `--drop ${classifier.attributes[attribute]!.name}: ${having} of ${count} pictures have it by the classifier; ` +
        `expected at least ${minOfEach} that have it and as many that have not (more --samples, or another attribute)`,
    );
  }
  const box = boxOf(sums[1], sums[0], { shape, size, where });
  const inside = box.isInside.flatMap((is, cell) => (is ? [cell] : []));
  const features = new Float64Array(count * filters);
  for (let first = 0; first < count; first += batch) {
    const piece = z.subarray(first * latent, (first + batch) * latent);
    const { activations } = await probe.draw(piece, { withActivations: true, signal });
    for (let i = 0; i < piece.length / latent; i++) {
      for (const cell of inside) {
        const at = (i * size[0] * size[1] + cell) * filters;
        for (let f = 0; f < filters; f++) {
          features[(first + i) * filters + f]! += activations[at + f]! / inside.length;
        }
      }
    }
    onProgress?.(count + Math.min(count, first + batch), 2 * count);
  }
  standardise(features, filters);
  const { weights } = fitLogistic({ features, isPositive: has, width: filters }, { C });
  return {
    filters: Array.from(weights, (weight, filter) => ({ filter, weight }))
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight),
    having,
    accuracy: heldOutAccuracy(features, has, filters),
    box,
  };
}

/** Sums of images and of their squares. */
class Moments {
  count = 0;
  readonly sum: Float64Array;
  readonly squares: Float64Array;

  constructor(length: number) {
    this.sum = new Float64Array(length);
    this.squares = new Float64Array(length);
  }

  add(picture: Float32Array): void {
    this.count += 1;
    for (let p = 0; p < picture.length; p++) {
      this.sum[p]! += picture[p]!;
      this.squares[p]! += picture[p]! ** 2;
    }
  }

  mean(p: number): number {
    return this.sum[p]! / this.count;
  }

  variance(p: number): number {
    return Math.max(0, this.squares[p]! / this.count - this.mean(p) ** 2);
  }
}

/** The unit of a layer [rows, columns] above a pixel of the image. */
export function cellOf(
  pixel: number,
  { width, height }: ImageSize,
  [rows, columns]: HiddenLayer['size'],
): number {
  const row = Math.floor((Math.floor(pixel / width) * rows) / height);
  return row * columns + Math.floor(((pixel % width) * columns) / width);
}

function boxOf(
  having: Moments,
  lacking: Moments,
  {
    shape,
    size,
    where,
  }: Pick<DrawingOptions, 'where'> & Pick<HiddenLayer, 'size'> & { readonly shape: ImageShape },
): Box {
  const effects = new Float64Array(size[0] * size[1]);
  for (let p = 0; p < having.sum.length; p++) {
    const cell = cellOf(Math.floor(p / shape.channels), shape, size);
    // 1% of the range, squared, bounds the weight of pixels that never change.
    const variance = (having.variance(p) + lacking.variance(p)) / 2 + 4e-4;
    effects[cell]! += (having.mean(p) - lacking.mean(p)) ** 2 / variance;
  }
  const largest = Math.max(...effects);
  const meansOf = (moments: Moments): Float32Array =>
    Float32Array.from(moments.sum, (_, p) => moments.mean(p));
  return {
    isInside: Array.from(effects, (effect) => where === 'everywhere' || effect >= insideShare * largest),
    meanWith: meansOf(having),
    meanWithout: meansOf(lacking),
  };
}

/**
 * Divides columns by their standard deviation, in place, so that weights are comparable; constant columns stay.
 */
function standardise(features: Float64Array, width: number): void {
  const rows = features.length / width;
  for (let k = 0; k < width; k++) {
    let [sum, squares] = [0, 0];
    for (let at = k; at < features.length; at += width) {
      sum += features[at]!;
      squares += features[at]! ** 2;
    }
    const deviation = Math.sqrt(Math.max(0, squares / rows - (sum / rows) ** 2));
    if (deviation < 1e-9) continue;
    for (let at = k; at < features.length; at += width) features[at]! /= deviation;
  }
}

/** Accuracy on every fourth row of a fit to the others. */
function heldOutAccuracy(features: Float64Array, has: readonly boolean[], width: number): number {
  const isHeldOut = (i: number): boolean => i % heldOutEvery === 0;
  const learned = has.flatMap((_, i) => (isHeldOut(i) ? [] : [i]));
  const row = (i: number): Float64Array => features.subarray(i * width, (i + 1) * width);
  const rows = new Float64Array(learned.length * width);
  learned.forEach((i, k) => rows.set(row(i), k * width));
  const isPositive = learned.map((i) => has[i]!);
  if (!isPositive.includes(true) || !isPositive.includes(false)) return NaN;
  const model = fitLogistic({ features: rows, isPositive, width }, { C });
  const held = has.flatMap((_, i) => (isHeldOut(i) ? [i] : []));
  return held.filter((i) => scoreOf(model, row(i)) > 0 === has[i]).length / held.length;
}
