// Audits a run: three measures of how much it depends on the images that it was trained on rather than on others of the kind.
import { lengthOf, type ImageShape } from '../../runtime-web/format/image-shape.ts';
import type { Dataset } from '../data/dataset.ts';
import { readImages } from '../data/read-images.ts';
import type { Engine } from '../engine/engine.ts';
import { held } from '../held.ts';
import type { Job } from '../job.ts';
import type { FeatureNetwork } from '../metrics/feature-network.ts';
import { openProducts } from '../metrics/products.ts';
import { toFloats } from '../pictures/pixels.ts';
import type { TrainedRun } from '../run/trained-run.ts';
import { areaWithInterval } from './area-interval.ts';
import type { ChosenImages } from './choose-images.ts';
import { discriminatorMissing, discriminatorScores } from './discriminator-scores.ts';
import { imageRows, type ReadImages } from './image-rows.ts';
import { invertImages, type Inversion } from './invert-images.ts';
import { nearestShare, type NearestShare } from './nearest-share.ts';
import type { HeldOutImages } from './open-held-out.ts';
import { sampleImages } from './sample-images.ts';
import type { AuditFigures } from './verdict.ts';

/** A value of each image on both sides. */
export interface TwoSides<T> {
  readonly training: readonly T[];
  readonly heldOut: readonly T[];
}

/** The measurements of {@link auditRun}. */
export interface AuditResult {
  readonly figures: AuditFigures;
  readonly features: NearestShare;
  readonly pixels: NearestShare;
  /** D's logits; null if not measured. */
  readonly logits: TwoSides<number> | null;
  readonly inversions: TwoSides<Inversion> | null;
  /** The reason why D was not asked; null if it was. */
  readonly withoutDiscriminator: string | null;
  /** Reads images for pictures, each [height, width, channels] in [-1, 1]. */
  readonly picture: {
    readonly sample: (index: number) => Float32Array;
    readonly training: (index: number) => Promise<Float32Array>;
    readonly heldOut: (index: number) => Promise<Float32Array>;
  };
}

/** Options of {@link auditRun}. */
export interface AuditOptions {
  readonly engine: Engine;
  readonly network: FeatureNetwork;
  readonly training: Dataset;
  readonly heldOut: HeldOutImages;
  readonly chosen: ChosenImages;
  readonly samples: number;
  /** Number of images of each side that are inverted; 0 leaves them out. */
  readonly inversions: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: ReturnType<Job['progress']>['show'];
}

/** Pairs in the picture. */
const shownPairs = 12;

/** Measures. Throws UserError for outputs that are not finite, the signal's reason when aborted. */
export async function auditRun(run: TrainedRun, options: AuditOptions): Promise<AuditResult> {
  const { engine, network, training, heldOut, chosen, samples: count, seed, signal, onProgress } = options;
  const { width, height, channels } = training;
  const shape: ImageShape = { width, height, channels };
  const length = lengthOf(shape);
  const samples = await sampleImages(engine, run, {
    ...{ first: seed, count, signal },
    onProgress: (done) => onProgress('generating', done, count),
  });
  const sampleAt = (index: number): Uint8Array => samples.subarray(index * length, (index + 1) * length);

  const readerOf =
    (dataset: Dataset, indices: readonly number[]): ReadImages =>
    async (first, number) => {
      const bytes = new Uint8Array(number * length);
      await dataset.readInto(indices.slice(first, first + number), bytes);
      return bytes;
    };
  const rowsOf = (read: ReadImages, number: number, what: string) =>
    imageRows(read, number, {
      ...{ network, shape, signal },
      onProgress: (done) => onProgress(what, done, number),
    });
  const ofSamples = await rowsOf(
    (first, number) => Promise.resolve(samples.subarray(first * length, (first + number) * length)),
    count,
    'features of samples',
  );
  const ofTraining = await rowsOf(
    readerOf(training, chosen.training),
    chosen.training.length,
    'features of training images',
  );
  const ofHeldOut = await rowsOf(
    readerOf(heldOut.dataset, chosen.heldOut),
    chosen.heldOut.length,
    'features of held-out images',
  );
  await using products = held(await openProducts());
  const [features, pixels] = [
    await nearestShare(products, ofSamples.features, ofTraining.features, ofHeldOut.features, shownPairs),
    await nearestShare(products, ofSamples.pixels, ofTraining.pixels, ofHeldOut.pixels, shownPairs),
  ];

  const withoutDiscriminator = discriminatorMissing(run) ?? heldOut.unlabelled;
  const asked = chosen.training.length + chosen.heldOut.length;
  const logits =
    withoutDiscriminator !== null
      ? null
      : await discriminatorScores(engine, run, {
          training: { dataset: training, indices: chosen.training },
          heldOut: { dataset: heldOut.dataset, indices: chosen.heldOut },
          beside: {
            shape: [besideCount, height, width, channels],
            dtype: 'float32',
            data: toFloats(samples.subarray(0, besideCount * length)),
          },
          signal,
          onProgress: (done) => onProgress("the discriminator's scores", done, asked),
        });

  const inverted = Math.min(options.inversions, chosen.heldOut.length);
  const inversions =
    inverted === 0
      ? null
      : await invertBothSides(engine, run, {
          training: await imagesAt(training, chosen.training.slice(0, inverted)),
          heldOut: await imagesAt(heldOut.dataset, chosen.heldOut.slice(0, inverted)),
          ...{ seed, signal, onProgress },
        });
  const errors = (side: readonly Inversion[]): Float32Array => Float32Array.from(side, ({ error }) => -error);
  return {
    figures: {
      nearerInFeatures: features.share,
      nearerInPixels: pixels.share,
      discriminator: logits === null ? null : areaWithInterval(logits.training, logits.heldOut),
      reconstruction:
        inversions === null
          ? null
          : areaWithInterval(errors(inversions.training), errors(inversions.heldOut)),
    },
    features,
    pixels,
    logits: logits === null ? null : { training: [...logits.training], heldOut: [...logits.heldOut] },
    inversions,
    withoutDiscriminator,
    picture: {
      sample: (index) => toFloats(sampleAt(index)),
      training: (index) => readImages(training, [chosen.training[index]!]),
      heldOut: (index) => readImages(heldOut.dataset, [chosen.heldOut[index]!]),
    },
  };
}

/** Generated images beside each real one that a style-based discriminator scores: its groups have four (Karras 2018a). */
const besideCount = 3;

/** Images by index, each [height, width, channels] in [-1, 1]. */
async function imagesAt(dataset: Dataset, indices: readonly number[]): Promise<Float32Array[]> {
  const images: Float32Array[] = [];
  for (const index of indices) images.push(await readImages(dataset, [index]));
  return images;
}

/** Inverts all images in one search, so that both sides have the same random starts. */
async function invertBothSides(
  engine: Engine,
  run: TrainedRun,
  {
    training,
    heldOut,
    seed,
    signal,
    onProgress,
  }: TwoSides<Float32Array> & Pick<AuditOptions, 'seed' | 'signal' | 'onProgress'>,
): Promise<TwoSides<Inversion>> {
  const found = await invertImages(engine, run, {
    ...{ images: [...training, ...heldOut], seed, signal },
    onProgress: (done, total) => onProgress('inverting images', done, total),
  });
  return { training: found.slice(0, training.length), heldOut: found.slice(training.length) };
}
