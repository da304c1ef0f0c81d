// A set of images to measure: data (a folder, a zip, IDX, …), or the images that a model package generates for seeds 0, 1, 2, …
// Data are in random order, so that a part represents the whole. Generated images are rounded to bytes, as in image files.
import type { Channels, ImageShape, ImageSize } from '../../runtime-web/format/image-shape.ts';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { conditionAmong } from '../../runtime-web/format/condition.ts';
import { openDataset, type DataChoice, type Dataset } from '../data/dataset.ts';
import type { Framing } from '../data/framing.ts';
import { openSource } from '../data/open-source.ts';
import { Permutation } from '../../runtime-web/format/training/permutation.ts';
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';
import { openPackageGenerator } from '../model-package/draw-latents.ts';
import { modelFileName } from '../model-package/package-folder.ts';
import { openPackage, type ModelPackage } from '../model-package/read-package.ts';
import { toBytes } from '../pictures/pixels.ts';
import { held } from '../held.ts';
import { conditionMix, type ConditionMix } from './condition-mix.ts';
import { openNamedImages, type NamedImages } from './named-images.ts';
import { dataLabels, modelLabels, type SetLabels } from './set-labels.ts';

/** Images that are read in batches; close the set after use. */
export interface ImageSet extends ImageShape {
  readonly kind: 'model' | 'data';
  /** Name in results: the data's, or the model's. */
  readonly name: string;
  /** Number of images; Infinity for a model. */
  readonly available: number;
  /** 64 hexadecimal digits; equal for equal images. */
  readonly fingerprint: string;
  /** Bytes [count, height, width, channels], premultiplied with 4 channels, of images `first` and on, in this set's order. */
  read(first: number, count: number): Promise<Uint8Array>;
  readonly labels: SetLabels;
  /** The mix of a conditional model's conditions; null for other sets. */
  readonly mix: ConditionMix | null;
  /** Framing that brought data to the size; absent for a model, and by default. */
  readonly framing?: Framing | undefined;
  /** Opens the images by name, at the size of this set; null for a model, and for data that are no files. */
  readonly openNamed: (() => Promise<NamedImages>) | null;
  close(): Promise<void>;
}

/** Facts about a set before it is opened. */
export interface ImageSetFacts {
  readonly kind: 'model' | 'data';
  readonly path: string;
  /** The part of the data that is used, and its labels; empty for a model. */
  readonly choice: DataChoice;
  readonly channels: Channels;
  /** The model's size, or the square of data's typical shorter side; null if unknown. */
  readonly size: ImageSize | null;
  /** The package of a model; null for data. */
  readonly opened: ModelPackage | null;
}

/**
 * Inspects a path: a package (its folder, its `model.json`, or a run), or data, of which only `choice` is used.
 * Throws UserError if it is neither.
 */
export async function lookAtImages(
  path: string,
  signal: AbortSignal,
  choice: DataChoice = {},
): Promise<ImageSetFacts> {
  if (await isPackage(path)) {
    const opened = await openPackage(path);
    const { channels, width, height } = opened.model;
    return { kind: 'model', path, choice: {}, channels, size: { width, height }, opened };
  }
  await using source = held(await openSource(path, { labels: choice.labels, signal }));
  const { channels, naturalSize } = source;
  const side = naturalSize === null ? null : Math.min(naturalSize.width, naturalSize.height);
  const size = side === null ? null : { width: side, height: side };
  return { kind: 'data', path, choice, channels, size, opened: null };
}

async function isPackage(path: string): Promise<boolean> {
  if (path.endsWith(modelFileName)) return true;
  const inside = [join(path, modelFileName), join(path, 'model', modelFileName)];
  for (const file of inside) if (await stat(file).catch(() => null)) return true;
  return false;
}

/** Settings of {@link openImageSet}. */
export interface OpenImageSetOptions extends ImageShape {
  /** Framing that brings data to the size. */
  readonly framing?: Framing;
  /** Seed of the order of data; the first seed of a model. Default 0. */
  readonly seed?: number;
  /** The data that a model is compared with, whose classes, attributes or numbers its samples take; without it, classes take turns. */
  readonly matched?: Pick<ImageSet, 'labels' | 'available'> | null;
  readonly signal: AbortSignal;
  /** Called with warnings about the data. */
  readonly warn?: (line: string) => void;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** Opens the set. Throws UserError for unusable data. */
export async function openImageSet(facts: ImageSetFacts, options: OpenImageSetOptions): Promise<ImageSet> {
  return facts.opened === null
    ? openData(facts, options)
    : openModel(facts.opened, options.seed ?? 0, options.matched ?? null);
}

async function openData({ path, choice }: ImageSetFacts, options: OpenImageSetOptions): Promise<ImageSet> {
  const { seed = 0, ...rest } = options;
  const set = dataImages(await openDataset({ ...rest, ...choice, data: path }), seed);
  return { ...set, framing: options.framing, openNamed: () => openNamedImages(path, options) };
}

/** The images of a dataset, in the order of a seed; closing it closes the dataset. */
export function dataImages(dataset: Dataset, seed: number): ImageSet {
  const { name, count, width, height, channels, fingerprint } = dataset;
  const order = new Permutation(count, [seed, 0x5eed]);
  return {
    kind: 'data',
    name,
    available: count,
    width,
    height,
    channels,
    fingerprint,
    async read(first, number) {
      const pixels = new Uint8Array(number * width * height * channels);
      await dataset.readInto(
        Array.from({ length: number }, (_, i) => order.at(first + i)),
        pixels,
      );
      return pixels;
    },
    labels: dataLabels(dataset, (i) => order.at(i)),
    mix: null,
    openNamed: null,
    close: () => dataset.close(),
  };
}

async function openModel(
  opened: ModelPackage,
  firstSeed: number,
  matched: Pick<ImageSet, 'labels' | 'available'> | null,
): Promise<ImageSet> {
  const { model } = opened;
  const { width, height, channels, name, files } = model;
  const generator = await openPackageGenerator(opened, 2);
  const mix = await conditionMix(model.conditioning, matched?.labels ?? null, matched?.available ?? 0);
  const fingerprint = createHash('sha256')
    .update(`${files.generator.sha256} from seed ${firstSeed}`)
    .digest('hex');
  return {
    kind: 'model',
    name,
    available: Infinity,
    width,
    height,
    channels,
    fingerprint,
    async read(first, number) {
      const seeds = Array.from({ length: number }, (_, i) => firstSeed + first + i);
      const inputs = seedInputs(model, seeds, mix?.wantedOf(seeds));
      const condition = conditionAmong(inputs)?.data as Float32Array | undefined;
      const { data } = await generator.draw(inputs['z']!.data as Float32Array, condition);
      return toBytes(data as Float32Array);
    },
    labels: modelLabels(model, mix, firstSeed),
    mix,
    openNamed: null,
    close: () => generator.dispose(),
  };
}
