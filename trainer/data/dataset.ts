// A dataset for training: images are decoded once into a cache file and read from there by index. A small dataset is kept in
// memory; for a larger one only labels and checksums are, 8 bytes per image.
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lengthOf, shortSize, sizeText, type ImageSize } from '../../runtime-web/format/image-shape.ts';
import { cacheFolder } from '../files/cache-folder.ts';
import { UserError } from '../errors.ts';
import type { BuildCacheOptions, DecodeProgress } from './build-cache.ts';
import { buildCache } from './build-cache.ts';
import type { CacheContent, CacheFacts } from './cache-file.ts';
import { openCache, pixelBytes, readAt, recordBytes, recordsStart } from './cache-file.ts';
import { checksum } from './checksum.ts';
import { datasetNotes, surveyNotes } from './dataset-notes.ts';
import { defaultFraming, isSameFraming } from './framing.ts';
import { partOf, type DataPart } from './hold-out.ts';
import { onlyClasses } from './only-classes.ts';
import { noCondition, useColumns, type LabelUse } from './labels/use-columns.ts';
import { openSource } from './open-source.ts';
import { Permutation } from '../../runtime-web/format/training/permutation.ts';
import type { ImageSource } from './source.ts';
import { held } from '../held.ts';

/** Images of one size, read by index. Close it after use. */
export interface Dataset extends CacheFacts {
  /** Images per class; null without classes. */
  readonly classCounts: readonly number[] | null;
  readonly attributeNames: readonly string[] | null;
  /** Size of the typical image before resizing; null if images have no size of their own, and in a reopened cache. */
  readonly naturalSize: ImageSize | null;
  /** Hash of the data and the decoding settings: 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Hash of the decoded images, their order and their classes: the same for a copy elsewhere. 64 hexadecimal digits. */
  readonly contentHash: string;
  /**
   * Attributes of up to 64 images, evenly spaced over a fixed shuffle, so that combinations are as frequent as in the data; null without
   * attributes, and in a reopened cache.
   */
  readonly examples: readonly (readonly number[])[] | null;
  /** Notes for the user about how the data are read, a sentence each. */
  readonly notes: readonly string[];
  /** The file of decoded images. */
  readonly cachePath: string;
  /**
   * Copies images into `target`, [indices.length, height, width, channels] uint8, and their labels
   * (-1 without classes) into `labels`. Throws RangeError for an index out of range or a target of the wrong length,
   * UserError for a cache that was damaged since it was opened.
   */
  readInto(indices: ArrayLike<number>, target: Uint8Array, labels?: Int32Array): Promise<void>;
  /** Copies attributes into `target`, [indices.length, attributes]. Throws RangeError if the images have none. */
  readAttributes(indices: ArrayLike<number>, target: Float32Array): Promise<void>;
  close(): Promise<void>;
}

/** The data, and how to decode them. */
export interface OpenDatasetOptions extends BuildCacheOptions {
  /** `avatars`, or a path to a folder or file. */
  readonly data: string;
  /** Classes to use; null or absent uses all. */
  readonly classes?: readonly string[] | null | undefined;
  /** Path of the images' labels; null or absent for those among the images (`open-source.ts`). */
  readonly labels?: string | null | undefined;
  /** The labels to use; by default a single column of classes becomes the classes. */
  readonly labelUse?: LabelUse | undefined;
  /** Called with a warning for each of {@link datasetNotes}. A command without one prints them itself. */
  readonly warn?: ((line: string) => void) | undefined;
  /** Folder of the cache files; default {@link cacheFolder}. */
  readonly cacheFolder?: string | undefined;
  /** Images to set aside (`hold-out.ts`); null or absent for none. */
  readonly holdOut?: string | null | undefined;
  /** The part to open where images are set aside; default `training`. */
  readonly part?: DataPart | undefined;
  /** Number of avatars to generate; default 10,000. Other data ignore it. */
  readonly avatarCount?: number | undefined;
  /** Maximum size in bytes of a dataset that is kept in memory; default 256 MiB. */
  readonly memoryBytes?: number | undefined;
}

/** The part of the data that is used, and its labels. */
export type DataChoice = Pick<OpenDatasetOptions, 'classes' | 'labels' | 'labelUse' | 'holdOut' | 'part'>;

/** Default maximum size in bytes of a dataset that is kept in memory. */
export const defaultMemoryBytes = 256 * 2 ** 20;

/** Version of the decoding code: increase it if the same file is decoded to other pixels, so that caches are rebuilt. */
const decoderVersion = 2;

/**
 * Opens images for training: brought to their size by the framing (default: the centre). Decodes them first if they are not
 * in the cache. Throws UserError for unusable data, the signal's reason when aborted.
 */
export async function openDataset(options: OpenDatasetOptions): Promise<Dataset> {
  const { warn = () => undefined } = options;
  await using source = held(await openUsed(options));
  const dataset = await datasetOf(source, options);
  for (const note of datasetNotes(dataset)) warn(`warning: ${dataset.name}: ${note}`);
  return dataset;
}

/** Number of images in the data, by their names and labels alone: none is decoded. Throws UserError as {@link openDataset} does. */
export async function countImages(options: UsedData): Promise<number> {
  await using source = held(await openUsed(options));
  return source.count;
}

type UsedData = DataChoice & Pick<OpenDatasetOptions, 'data' | 'avatarCount' | 'signal'>;

/** The images that are used, with the labels that are. */
async function openUsed(options: UsedData): Promise<ImageSource> {
  const { data, classes = null, avatarCount, labels, labelUse = noCondition, signal } = options;
  const { holdOut = null, part = 'training' } = options;
  const source = await openSource(data, { avatarCount, labels, signal });
  try {
    const labelled = await useColumns(source, labelUse, signal);
    const used = classes === null ? labelled : await onlyClasses(labelled, classes, signal);
    return holdOut === null ? used : partOf(used, holdOut, part);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** {@link openDataset} for an open source, which stays open. */
export async function datasetOf(
  source: ImageSource,
  options: Omit<OpenDatasetOptions, 'data' | 'classes' | 'labels' | 'labelUse' | 'avatarCount' | 'warn'>,
): Promise<Dataset> {
  const { width, height, channels, framing = defaultFraming } = options;
  if ([width, height].some((side) => !Number.isInteger(side) || side < 1 || side > 1024)) {
    throw new RangeError(`size: got ${sizeText(options)}, expected integers in [1, 1024]`);
  }
  const imageSize = shortSize({ width, height });
  if (channels === 3 && source.channels === 1) {
    throw new UserError(`--channels 3: the images of ${source.name} are grey; use --channels 1`);
  }
  // The default framing is left out, so that caches and runs of earlier versions keep their fingerprints.
  const other = isSameFraming(framing, defaultFraming) ? [] : [framing];
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([decoderVersion, source.fingerprint, width, height, channels, ...other]))
    .digest('hex');
  const folder = options.cacheFolder ?? cacheFolder();
  const path = join(folder, `${source.name}-${imageSize}x${channels}-${fingerprint.slice(0, 16)}.images`);
  const memoryBytes = options.memoryBytes ?? defaultMemoryBytes;
  const { naturalSize } = source;
  const complete = async (dataset: Dataset): Promise<Dataset> => ({
    ...dataset,
    naturalSize,
    examples: await examplesOf(dataset),
    notes: [...notesOf(source), ...surveyNotes(dataset)],
  });
  const cached = await openCached(path, fingerprint, memoryBytes);
  if (cached !== null) {
    options.onProgress?.({ done: source.count, total: source.count });
    return complete(cached);
  }
  await buildCache(source, path, options);
  const built = await openCached(path, fingerprint, memoryBytes);
  if (built !== null) return complete(built);
  await rm(path, { force: true });
  throw new UserError(`cache ${path}: cannot be read back just after writing it; is the disk failing?`);
}

/** See {@link Dataset.examples}. */
async function examplesOf({ attributes, count, readAttributes }: Dataset): Promise<Dataset['examples']> {
  if (attributes === null) return null;
  const order = new Permutation(count, exampleKey);
  const rows = Math.min(maxExamples, count);
  const indices = Array.from({ length: rows }, (_, i) => order.at(Math.floor((i * count) / rows)));
  const values = new Float32Array(rows * attributes.length);
  await readAttributes(indices, values);
  return indices.map((_, i) =>
    Array.from(values.subarray(i * attributes.length, (i + 1) * attributes.length)),
  );
}

/** Max number of examples. */
const maxExamples = 64;
/** Seed of the shuffle. */
const exampleKey = [0x6c61_6265, 0x6c73] as const;

/** Opens the cache file of an open dataset in another thread. Throws UserError if the file is missing or damaged. */
export async function reopenDataset(path: string, fingerprint: string): Promise<Dataset> {
  const dataset = await openCached(path, fingerprint, 0);
  if (dataset === null)
    throw new UserError(`cache ${path}: has been removed or damaged; start or resume again`);
  return dataset;
}

/** Opens a cache file; null if it is missing or damage is found. */
async function openCached(path: string, fingerprint: string, memoryBytes: number): Promise<Dataset | null> {
  const content = await openCache(path);
  if (content === null) return null;
  const stride = recordBytes(content.facts);
  const bytes = stride * content.facts.count;
  if (bytes > memoryBytes) return datasetOn(content, path, fingerprint, null);
  // In memory, all records are checked now; otherwise each is checked when it is read.
  const records = await readAt(content.handle, recordsStart, bytes);
  const isWhole = content.checksums.every(
    (sum, i) => checksum(records.subarray(i * stride, (i + 1) * stride)) === sum,
  );
  if (isWhole) return datasetOn(content, path, fingerprint, records);
  await content.handle.close();
  return null;
}

/** @param records all records; null reads them from the file. */
function datasetOn(
  content: CacheContent,
  path: string,
  fingerprint: string,
  records: Uint8Array | null,
): Dataset {
  const { facts, labels, checksums, handle } = content;
  const { count, width, height, channels, attributes } = facts;
  const imageBytes = lengthOf(facts);
  const attributesAt = pixelBytes(facts);
  const stride = recordBytes(facts);

  const record = async (index: number): Promise<Uint8Array> => {
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new RangeError(`image index: got ${index}, expected an integer in [0, ${count})`);
    }
    if (records !== null) return records.subarray(index * stride, (index + 1) * stride);
    const bytes = await readAt(handle, recordsStart + index * stride, stride).catch(() => null);
    if (bytes === null || checksum(bytes) !== checksums[index]) {
      throw new UserError(
        `cache ${path}: image ${index} has been damaged since it was written; delete this file and start or resume again`,
      );
    }
    return bytes;
  };

  return {
    kind: facts.kind,
    name: facts.name,
    count,
    width,
    height,
    channels,
    classNames: facts.classNames,
    classCounts: facts.classNames === null ? null : countsOf(labels, facts.classNames.length),
    attributes,
    attributeNames: attributes?.map(({ name }) => name) ?? null,
    naturalSize: null,
    examples: null,
    fingerprint,
    contentHash: contentHash(content),
    notes: [],
    cachePath: path,
    survey: facts.survey,
    skipped: facts.skipped,
    async readInto(indices, target, labelsTarget) {
      if (target.length !== indices.length * imageBytes) {
        throw new RangeError(
          `target: got ${target.length} bytes, expected ${indices.length * imageBytes} for ${indices.length} images`,
        );
      }
      // All reads start at once, so that they continue in the background while a training step blocks this thread.
      const copied = Array.from(indices, async (index, i) => {
        target.set((await record(index)).subarray(0, imageBytes), i * imageBytes);
        if (labelsTarget !== undefined) labelsTarget[i] = labels[index]!;
      });
      await allOf(copied);
    },
    async readAttributes(indices, target) {
      if (attributes === null) throw new RangeError(`${facts.name} has no attributes`);
      const width = attributes.length;
      if (target.length !== indices.length * width) {
        throw new RangeError(`target: got ${target.length} values, expected ${indices.length * width}`);
      }
      const copied = Array.from(indices, async (index, i) => {
        const bytes = await record(index);
        const view = new DataView(bytes.buffer, bytes.byteOffset + attributesAt);
        for (let a = 0; a < width; a++) target[i * width + a] = view.getFloat32(4 * a, true);
      });
      await allOf(copied);
    },
    close: () => handle.close(),
  };
}

/** See {@link Dataset.contentHash}; from the records' checksums, so that nothing is read. */
function contentHash({ facts, labels, checksums }: CacheContent): string {
  const { count, channels, classNames, attributes } = facts;
  return createHash('sha256')
    .update(JSON.stringify([count, shortSize(facts), channels, classNames, attributes]))
    .update(labels)
    .update(checksums)
    .digest('hex');
}

/** Waits for all, even if one fails, so that no file is closed during a read. Then throws the first failure. */
async function allOf(promises: readonly Promise<void>[]): Promise<void> {
  const failure = (await Promise.allSettled(promises)).find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

function countsOf(labels: Int32Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]! += 1;
  return counts;
}

export type { DecodeProgress };

/** The notes of a source, and its sentence about images in formats that are not read. */
export function notesOf({ notes = [], notRead = null }: ImageSource): readonly string[] {
  return notRead === null ? notes : [...notes, notRead];
}
