// Detects the format of the data at a path and opens them.
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { openRegular } from '../files/regular-file.ts';
import { openAvatars } from './avatars/avatar-source.ts';
import { noData, noDataError } from './no-data.ts';
import { celebaIn, celebaNote, openCeleba } from './celeba.ts';
import { cifarFilesIn, openCifar } from './cifar.ts';
import { lookAt, reasonOf } from './file-access.ts';
import { openFolder } from './folder.ts';
import { labelsName } from './folder-layout.ts';
import { parseLabels, readLabelBytes } from './labels/label-file.ts';
import { labelledSource } from './labels/labelled-source.ts';
import { noCondition, useColumns } from './labels/use-columns.ts';
import { idxFileIn, isIdxImagesName, openIdx } from './idx.ts';
import { isImageName } from './image-format.ts';
import { isLmdb, lmdbError } from './lsun.ts';
import type { ImageSource } from './source.ts';
import { isStl10Name, openStl10, stl10FileIn } from './stl10.ts';
import { unpackedFolderIn } from './unpacked-folder.ts';
import { openZip } from './zip.ts';
import { held } from '../held.ts';

/** Settings of {@link openSource}. */
export interface OpenSourceOptions {
  /** Number of avatars to generate; default 10,000. Other data ignore it. */
  readonly avatarCount?: number | undefined;
  /**
   * Path of the images' labels; null or absent for the `dataset.json` or CelebA's list that is among the images, false for all images
   * whatever a `dataset.json` says.
   */
  readonly labels?: string | false | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

const expected =
  'expected a folder of images, a zip of one, an IDX file, the binary version of CIFAR-10, CIFAR-100 or STL-10, CelebA, or the word avatars';

/**
 * Opens `avatars`, or the folder or file at a path; `archive.zip/folder` is a folder inside a zip.
 * Throws UserError for missing, unsupported or unreadable data.
 */
export async function openSource(data: string, options: OpenSourceOptions = {}): Promise<ImageSource> {
  const { labels = null, signal } = options;
  const source = await openUnlabelled(data, options);
  if (labels === false) return source;
  try {
    if (labels !== null && !['folder', 'zip'].includes(source.kind)) {
      throw new UserError(
        `labels ${labels}: goes with a folder or zip of images, and ${data} is none; leave it out`,
      );
    }
    const path = labels ?? `${data}/${labelsName}`;
    const bytes = labels === null ? ((await source.readLabels?.()) ?? null) : await readLabelBytes(labels);
    if (bytes === null || (labels === null && !isLabels(bytes))) return source;
    const table = parseLabels(bytes, path);
    if (table !== null) return await labelledSource(source, table, signal);
    if (labels !== null)
      throw new UserError(`labels ${path}: its "labels" are null, so it has none; leave --labels out`);
    return isNumbered(source) ? withoutClasses(source) : source;
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** {@link openSource} without labels of files; CelebA has its list, unless other labels are given. */
async function openUnlabelled(data: string, options: OpenSourceOptions): Promise<ImageSource> {
  const { signal } = options;
  if (data === 'avatars') return openAvatars(options.avatarCount);
  if (data === noData) throw noDataError();
  if (data === '') throw new UserError(`--data: got an empty path, ${expected}`);
  const facts = await lookAt(data);
  if (facts === null) return openInsideZip(data, signal);
  if (await isLmdb(data)) throw lmdbError(data);
  return facts.isDirectory() ? openFolderByContent(data, options) : openFile(data, signal);
}

async function openFolderByContent(
  folder: string,
  { labels = null, signal }: OpenSourceOptions,
): Promise<ImageSource> {
  const celeba = await celebaIn(folder);
  if (celeba !== null) {
    return typeof labels !== 'string'
      ? openCeleba(celeba, signal)
      : openFolder(celeba.images, signal, { everyPart: true });
  }
  const idx = await idxFileIn(folder);
  if (idx !== null) return openIdx(idx, signal);
  const cifar = await cifarFilesIn(folder);
  if (cifar.length > 0) return openCifar(cifar, signal);
  const stl10 = await stl10FileIn(folder);
  if (stl10 !== null) return openStl10(stl10, signal);
  const unpacked = await unpackedFolderIn(folder);
  if (unpacked !== null) return openFolderByContent(unpacked, { labels, signal });
  return withCelebaNote(await openFolder(folder, signal), resolve(folder));
}

async function openFile(path: string, signal?: AbortSignal): Promise<ImageSource> {
  const name = basename(path);
  const start = await firstBytes(path);
  if (start.startsWith('PK') || /\.zip$/i.test(name)) {
    const zip = await openZip(path, '', signal);
    return withCelebaNote(zip, join(path, await firstName(zip)));
  }
  if (isIdxImagesName(name) || start.startsWith('\0\0\b')) return openIdx(path, signal);
  if (isStl10Name(name)) return openStl10(path, signal);
  if (/\.bin$/i.test(name)) return openCifar([path], signal);
  if (isImageName(name)) {
    throw new UserError(`data ${path}: a single image; expected a folder of them`);
  }
  if (/\.(tar|tgz|tar\.\w+)$/i.test(name)) {
    throw new UserError(
      `data ${path}: an archive that is not read in place; unpack it with tar -xf, and give the folder`,
    );
  }
  if (/\.(7z|rar|tfrecord|parquet|h5|npz|npy)$/i.test(name)) {
    throw new UserError(
      `data ${path}: unsupported format; unpack it to a folder of images, or make it a zip`,
    );
  }
  throw new UserError(`data ${path}: unknown format; ${expected}`);
}

/** True for JSON with labels: another file may be called dataset.json too. */
function isLabels(bytes: Uint8Array): boolean {
  return /^\s*\{\s*"labels"\s*:|[,{]\s*"labels"\s*:/.test(
    new TextDecoder().decode(bytes.subarray(0, 2 ** 16)),
  );
}

/** True if the folders are stylegan2-ada's, which number parts of the data, not classes. */
function isNumbered({ classNames }: ImageSource): boolean {
  return classNames?.every((name) => /^\d{5}$/.test(name)) ?? false;
}

function withoutClasses(source: ImageSource): ImageSource {
  return {
    ...source,
    classNames: null,
    fingerprint: `${source.fingerprint}/no classes`,
    async *images(signal) {
      for await (const image of source.images(signal)) yield { ...image, label: -1 };
    },
    close: () => source.close(),
  };
}

async function withCelebaNote(source: ImageSource, path: string): Promise<ImageSource> {
  const note = await celebaNote(path);
  return note === null ? source : { ...source, notes: [...(source.notes ?? []), note] };
}

async function firstName(source: ImageSource): Promise<string> {
  for await (const { name } of source.images()) return name;
  return '';
}

/** Opens a path like `archive.zip/train`, which does not exist on the disk. */
async function openInsideZip(data: string, signal?: AbortSignal): Promise<ImageSource> {
  for (let path = dirname(data); path !== dirname(path); path = dirname(path)) {
    const facts = await lookAt(path);
    if (facts === null) continue;
    if (!facts.isFile() || !/\.zip$/i.test(path)) break;
    const inside = data.slice(path.length).replace(/^[\\/]+|[\\/]+$/g, '');
    return openZip(path, inside.replaceAll('\\', '/'), signal);
  }
  throw new UserError(`data ${data}: no such file or folder; ${expected}`);
}

async function firstBytes(path: string): Promise<string> {
  await using handle = await openRegular(path).catch((error: unknown) => {
    throw new UserError(`data ${path}: cannot be opened (${reasonOf(error)})`);
  });
  const bytes = new Uint8Array(4);
  const { bytesRead } = await handle.read(bytes, 0, 4, 0);
  return String.fromCharCode(...bytes.subarray(0, bytesRead));
}

/** Properties of data that are known before decoding. */
export interface DataDescription extends Pick<
  ImageSource,
  'kind' | 'name' | 'count' | 'channels' | 'naturalSize' | 'classNames' | 'attributes'
> {
  readonly attributeNames: readonly string[] | null;
}

/** Describes data without decoding all of them. Throws UserError like {@link openSource}. */
export async function describeData(data: string, options: OpenSourceOptions = {}): Promise<DataDescription> {
  await using source = held(await openSource(data, options));
  const used = await useColumns(source, noCondition, options.signal);
  const { kind, name, count, channels, naturalSize, classNames, attributes } = used;
  const attributeNames = attributes?.map((attribute) => attribute.name) ?? null;
  return { kind, name, count, channels, naturalSize, classNames, attributes, attributeNames };
}
