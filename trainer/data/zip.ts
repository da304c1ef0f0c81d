// Reads images from a zip without unpacking it.
import { extname } from 'node:path';
import type { Entry } from 'yauzl';
import { UserError } from '../errors.ts';
import type { EncodedImage } from './encoded-images.ts';
import { sourceImage, typicalImage } from './encoded-images.ts';
import { fingerprintOfContent } from './fingerprint.ts';
import { noImages } from './folder.ts';
import { folderLayout, isHidden, labelsName } from './folder-layout.ts';
import { maxImageBytes } from './image-file.ts';
import { isImageName } from './image-format.ts';
import { maxLabelBytes } from './labels/label-file.ts';
import { slug } from './source-name.ts';
import type { ImageSource } from './source.ts';
import { BadImageError } from './source.ts';
import { formatsNotRead } from './unread-formats.ts';
import {
  BadEntryError,
  checkSize,
  eachEntry,
  nameOf,
  openArchive,
  readEntry,
  type ZipArchive,
} from './zip-archive.ts';

/**
 * Opens a zip of images. `inside` is a folder of the archive to use, '' for all.
 * Throws UserError for an archive that is truncated, not a zip, unsafe, encrypted, or without images.
 */
export async function openZip(path: string, inside: string, signal?: AbortSignal): Promise<ImageSource> {
  const where = `data ${path}`;
  const archive = await openArchive(path, where);
  const { zip } = archive;
  try {
    const { entries, others, labels } = await listEntries(archive, inside, signal);
    if (entries.size === 0) throw new UserError(noImages(where + (inside && `/${inside}`), others));
    const layout = folderLayout([...entries.keys()]);
    const file = (index: number): EncodedImage => {
      const name = layout.paths[index]!;
      return {
        name,
        label: layout.labels?.[index] ?? -1,
        attributes: null,
        read: () => readImage(archive, entries.get(name)!),
      };
    };
    const count = layout.paths.length;
    return {
      kind: 'zip',
      name: slug(path.replace(/^.*[\\/]/, '').replace(/\.zip$/i, '') + (inside && `-${inside}`)),
      count,
      ...(await typicalImage(count, file, signal)),
      classNames: layout.classNames,
      attributes: null,
      notRead: formatsNotRead(entries.size, others),
      fingerprint: `${await fingerprintOfContent([path], signal)}${inside}`,
      readLabels: async () => labels && readEntry(archive, labels),
      async *images(signal) {
        for (let i = 0; i < count; i++) {
          signal?.throwIfAborted();
          yield sourceImage(file(i));
        }
      },
      close: async () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/**
 * Lists and checks the images below `inside`, by name relative to it, and counts the other files by extension. `labels` is the
 * dataset.json of the fewest folders.
 */
async function listEntries(
  archive: ZipArchive,
  inside: string,
  signal?: AbortSignal,
): Promise<{ entries: Map<string, Entry>; others: Map<string, number>; labels: Entry | null }> {
  const { where } = archive;
  const wanted = inside.normalize('NFC').replace(/\/+$/, '');
  const depth = wanted === '' ? 0 : wanted.split('/').length;
  const entries = new Map<string, Entry>();
  const others = new Map<string, number>();
  let labels: { readonly entry: Entry; readonly depth: number } | null = null;
  const see = (entry: Entry): void => {
    const name = nameOf(entry);
    const parts = name.split('/');
    if (name.endsWith('/') || parts.slice(0, depth).join('/').normalize('NFC') !== wanted || isHidden(name))
      return;
    if (!isImageName(name)) {
      if (parts.at(-1) === labelsName && parts.length < (labels?.depth ?? Infinity)) {
        checkSize(entry, where, maxLabelBytes);
        labels = { entry, depth: parts.length };
      }
      const ending = extname(name).toLowerCase();
      others.set(ending, (others.get(ending) ?? 0) + 1);
      return;
    }
    if (entry.isEncrypted()) {
      throw new UserError(`${where}: '${name}' is encrypted; unpack the archive and give the folder`);
    }
    checkSize(entry, where, maxImageBytes);
    entries.set(parts.slice(depth).join('/'), entry);
  };
  await eachEntry(archive, see, signal);
  return { entries, others, labels: (labels as { readonly entry: Entry } | null)?.entry ?? null };
}

async function readImage(archive: ZipArchive, entry: Entry): Promise<Uint8Array> {
  if (entry.uncompressedSize === 0) throw new BadImageError('empty file');
  return readEntry(archive, entry).catch((error: unknown) => {
    throw error instanceof BadEntryError ? new BadImageError(error.message) : error;
  });
}
