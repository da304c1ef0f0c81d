// Visualises what D's filters respond to (Radford 2016, section 6.2 and figure 5): image regions with the strongest responses and
// their guided gradients, for the filters of one layer that respond most strongly, beside an untrained D of the same architecture.
import { imageShape } from '../../config/image-size.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine } from '../../engine/engine.ts';
import { planTraining } from '../../training/plan.ts';
import { areaUnderCurve, ranksOf } from '../attributes/area-under-curve.ts';
import { largest } from './channel-drawings.ts';
import { openLayerProbe, type LayerProbe, type Response, type Responses } from './guided-backprop.ts';
import { cropped, pictureAt, stretched, type Picture } from '../../pictures/sheet.ts';
import { readImages } from '../../data/read-images.ts';
import { spanThrough, type Span } from '../../networks/receptive-field.ts';
import { insideOf } from '../../training/architectures/table.ts';
import { type TrainedRun } from '../../run/trained-run.ts';
import { freezeDiscriminator } from '../../training/architectures/freeze-discriminator.ts';

/** Settings of {@link compareFeatures}. */
export interface FeatureOptions {
  readonly engine: Engine;
  readonly run: TrainedRun;
  readonly dataset: Dataset;
  /** The layer's name, such as `discriminator/block4`. */
  readonly layer: string;
  /** Indices of the images to search. */
  readonly images: readonly number[];
  /** Number of filters, those with the strongest responses first. */
  readonly filters: number;
  /** Number of image regions per filter. */
  readonly strongest: number;
  /** Seed of the untrained D's weights. */
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (job: string, done: number, total: number) => void;
}

/** One filter, and the images with its strongest responses. */
export interface Feature {
  readonly filter: number;
  readonly responses: readonly Response[];
  /** The unit's receptive field in each image; white outside the image. */
  readonly seen: readonly Picture[];
  /** The guided gradient of that region, scaled. */
  readonly guided: readonly Picture[];
  /** The binary attribute that its responses predict best; null for data without any. */
  readonly bestAttribute: AttributeMatch | null;
}

/** An attribute, and how well a filter's strongest response in an image predicts it. */
export interface AttributeMatch {
  readonly attribute: string;
  /** Area under the ROC curve over all images; below 0.5 the filter responds where the attribute is absent. */
  readonly area: number;
  /** Number of images with the attribute among those with the filter's strongest responses. */
  readonly among: number;
  /** Fraction of all images with the attribute. */
  readonly share: number;
}

/** One discriminator's layer. */
export interface LayerFeatures {
  readonly features: readonly Feature[];
  /** Mean over the layer's filters of the best |area - 1/2| + 1/2; null without attributes. */
  readonly meanArea: number | null;
}

/** Gradients are scaled by this quantile of their magnitudes, because a few pixels have far larger ones than all others. */
const scaleQuantile = 0.99;

/** Features of the trained and of the untrained discriminator. */
export interface FeatureComparison {
  readonly trained: LayerFeatures;
  readonly random: LayerFeatures;
  /** Side of a unit's receptive field in pixels. */
  readonly receptiveField: number;
  /** Number of filters of the layer. */
  readonly width: number;
}

/** Compares both discriminators on the same images. Throws UserError if D's outputs are not finite, the signal's reason when aborted. */
export async function compareFeatures(options: FeatureOptions): Promise<FeatureComparison> {
  const { engine, run, dataset, layer, images, seed, signal, onProgress } = options;
  const attributes = await binaryAttributes(dataset, images);
  const state = planTraining(run.config).initialState(new Random(seed));
  const untrained = { config: run.config, checkpoint: { ...run.checkpoint, state } };
  let probe: LayerProbe | null = null;
  const found: LayerFeatures[] = [];
  try {
    for (const [job, source] of [
      ['searching responses of D', run],
      ['searching responses of random weights', untrained],
    ] as const) {
      signal.throwIfAborted();
      const frozen = await freezeDiscriminator(engine, source, dataset);
      await engine.writeState(frozen.parameters);
      probe ??= await openLayerProbe(engine, frozen, dataset, layer);
      const responses = await probe.search(images, options.strongest, {
        signal,
        onProgress: (done, total) => onProgress?.(job, done, total),
      });
      found.push(await featuresOf(probe, responses, attributes, options));
    }
    const [trained, random] = found as [LayerFeatures, LayerFeatures];
    return { trained, random, receptiveField: spanAt(options, 'width', 0).size, width: probe!.shape[2] };
  } finally {
    await probe?.dispose();
  }
}

/** The pixels of one side that a unit sees. */
function spanAt({ run: { config }, layer }: FeatureOptions, side: 'width' | 'height', place: number): Span {
  const windows = insideOf(config).windowsTo(config, layer);
  return windows === null ? { first: 0, size: imageShape(config)[side] } : spanThrough(windows, place);
}

async function featuresOf(
  probe: LayerProbe,
  { strongest, perImage }: Responses,
  attributes: readonly BinaryAttribute[],
  options: FeatureOptions,
): Promise<LayerFeatures> {
  const { dataset, images, filters: wanted, signal } = options;
  const width = probe.shape[2];
  const strength = strongest.map((list) => list.reduce((sum, { value }) => sum + value, 0) / list.length);
  const chosen = largest(strength, wanted);

  const positions = new Map(images.map((image, i) => [image, i]));
  const matches = Array.from({ length: width }, (_, filter) => {
    const largestResponses = Float32Array.from(images, (__, i) => perImage[i * width + filter]!);
    return bestMatch(
      largestResponses,
      attributes,
      strongest[filter]!.map(({ image }) => positions.get(image)!),
    );
  });
  const features: Feature[] = [];
  for (const filter of chosen) {
    signal.throwIfAborted();
    const responses = strongest[filter]!;
    const whole = await readImages(
      dataset,
      responses.map(({ image }) => image),
    );
    const gradients = await probe.guide(filter, responses);
    const part = (pictures: Float32Array, i: number): Picture => {
      const { row, column } = responses[i]!;
      const picture = pictureAt(pictures, i, dataset);
      return cropped(picture, spanAt(options, 'height', row), spanAt(options, 'width', column));
    };
    features.push({
      filter,
      responses,
      seen: responses.map((_, i) => part(whole, i)),
      guided: responses.map((_, i) => stretched(part(gradients, i), scaleQuantile)),
      bestAttribute: matches[filter]!,
    });
  }
  const areas = matches.flatMap((match) => (match === null ? [] : [distance(match.area) + 0.5]));
  return {
    features,
    meanArea: areas.length === 0 ? null : areas.reduce((sum, area) => sum + area, 0) / areas.length,
  };
}

interface BinaryAttribute {
  readonly name: string;
  readonly isOn: readonly boolean[];
}

/** The attributes that some of the images have and others lack. */
async function binaryAttributes(
  dataset: Dataset,
  images: readonly number[],
): Promise<readonly BinaryAttribute[]> {
  const all = dataset.attributes;
  if (all === null) return [];
  const values = new Float32Array(images.length * all.length);
  await dataset.readAttributes(images, values);
  return all.flatMap(({ name, kind }, a) => {
    const isOn = images.map((_, i) => values[i * all.length + a]! > 0);
    return kind === 'binary' && isOn.includes(true) && isOn.includes(false) ? [{ name, isOn }] : [];
  });
}

const distance = (area: number): number => Math.abs(area - 0.5);

/** The attribute that responses predict best; `strongest` are the indices of the strongest responses. */
function bestMatch(
  largestResponses: Float32Array,
  attributes: readonly BinaryAttribute[],
  strongest: readonly number[],
): AttributeMatch | null {
  const ranks = attributes.length === 0 ? new Float64Array() : ranksOf(largestResponses);
  return attributes.reduce<AttributeMatch | null>((best, { name, isOn }) => {
    const area = areaUnderCurve(ranks, isOn);
    if (best !== null && distance(area) <= distance(best.area)) return best;
    const among = strongest.filter((place) => isOn[place]).length;
    return { attribute: name, area, among, share: isOn.filter(Boolean).length / isOn.length };
  }, null);
}
