// Reads CelebA: the folder `img_align_celeba` of faces, and `list_attr_celeba.txt` with 40 binary attributes per face.
import { createReadStream } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { UserError } from '../errors.ts';
import type { EncodedImage } from './encoded-images.ts';
import { sourceImage, typicalImage } from './encoded-images.ts';
import { lookAt, readImageFile } from './file-access.ts';
import { fingerprintOfContent, fingerprintOfFiles } from './fingerprint.ts';
import { listFolder } from './folder.ts';
import type { ImageSource } from './source.ts';
import { formatsNotRead } from './unread-formats.ts';
import { held } from '../held.ts';

const listName = 'list_attr_celeba.txt';
const imagesName = 'img_align_celeba';

/** Paths of CelebA's images and attribute list, from its folder or its folder of images; null if `folder` is neither. */
export async function celebaIn(folder: string): Promise<{ images: string; list: string } | null> {
  const isImages = basename(resolve(folder)) === imagesName;
  const home = isImages ? dirname(resolve(folder)) : folder;
  const images = join(home, imagesName);
  const list = join(home, listName);
  const isWhole = (await lookAt(images))?.isDirectory() === true && (await lookAt(list))?.isFile() === true;
  return isWhole ? { images, list } : null;
}

/** Opens CelebA; images that are not in the list are left out. Throws UserError for a damaged list, or if no image is left. */
export async function openCeleba(
  places: { readonly images: string; readonly list: string },
  signal?: AbortSignal,
): Promise<ImageSource> {
  const { names, rows } = await readAttributes(places.list, signal);
  const listing = await listFolder(places.images, signal);
  const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  const files = listing.images.filter(({ path }) => rows.has(fileName(path)));
  if (files.length === 0) {
    throw new UserError(
      `data ${places.images}: none of its ${listing.images.length} images is named in ${listName}, which has ${rows.size}`,
    );
  }
  const file = (index: number): EncodedImage => {
    const { path, bytes } = files[index]!;
    return {
      name: path,
      label: -1,
      attributes: Float32Array.from(rows.get(fileName(path))!),
      read: () => readImageFile(places.images, path, bytes),
    };
  };
  return {
    kind: 'celeba',
    name: 'celeba',
    count: files.length,
    ...(await typicalImage(files.length, file, signal)),
    classNames: null,
    attributes: names.map((name) => ({ name, kind: 'binary', values: null, range: [0, 1] })),
    notRead: formatsNotRead(files.length, listing.others),
    fingerprint: `${fingerprintOfFiles(files)}${await fingerprintOfContent([places.list], signal)}`,
    async *images(signal) {
      for (let i = 0; i < files.length; i++) {
        signal?.throwIfAborted();
        yield sourceImage(file(i));
      }
    },
    close: async () => {},
  };
}

/** Parses the list: a count, a line of attribute names, then per image the file name and a 1 or -1 per attribute. */
async function readAttributes(
  path: string,
  signal?: AbortSignal,
): Promise<{ names: string[]; rows: Map<string, Uint8Array> }> {
  const rows = new Map<string, Uint8Array>();
  let names: string[] = [];
  let number = 0;
  await using input = held(createReadStream(path, 'utf8'));
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    signal?.throwIfAborted();
    number += 1;
    const words = line.trim().split(/\s+/);
    if (number === 1 || line.trim() === '') continue;
    if (number === 2) {
      names = words;
      continue;
    }
    const values = words.slice(1);
    if (values.length !== names.length || values.some((value) => value !== '1' && value !== '-1')) {
      throw new UserError(
        `data ${path}: line ${number} has ${values.length} values, expected ${names.length} of 1 or -1; truncated?`,
      );
    }
    rows.set(
      words[0]!,
      Uint8Array.from(values, (value) => (value === '1' ? 1 : 0)),
    );
  }
  if (rows.size === 0) {
    throw new UserError(
      `data ${path}: no attributes; expected a count, a line of names, and a line per image`,
    );
  }
  return { names, rows };
}
