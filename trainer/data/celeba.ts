// Reads CelebA: the folder `img_align_celeba` of faces, and `list_attr_celeba.txt` with 40 binary attributes per face.
// Also the CSV of Kaggle's copy, the original's folders `Anno` and `Img`, and copies of the images in PNG.
import { createReadStream } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { UserError } from '../errors.ts';
import type { EncodedImage } from './encoded-images.ts';
import { sourceImage, typicalImage } from './encoded-images.ts';
import { lookAt, namesIn, readImageFile } from './file-access.ts';
import { fingerprintOfContent, fingerprintOfFiles } from './fingerprint.ts';
import { listFolder } from './folder.ts';
import type { ImageSource } from './source.ts';
import { formatsNotRead } from './unread-formats.ts';
import { held } from '../held.ts';

/** Names of the list: the original's, with spaces, and Kaggle's, with commas. */
const listNames = ['list_attr_celeba.txt', 'list_attr_celeba.csv'];
/** Names of the folder of images, and of archives of it. */
const imagesName = /^img_(align_)?celeba(_png)?(\.7z|\.zip)?$/i;

/** Paths of CelebA's folder of images and attribute list. */
export interface CelebaPlaces {
  readonly images: string;
  readonly list: string;
}

/**
 * Finds CelebA from its folder or its folder of images. The list is beside the images or, as in the original, in `Anno/`, and the
 * images may be in `Img/`; without a folder of a known name, all images beside the list are used. Null if no list is found.
 */
export async function celebaIn(folder: string): Promise<CelebaPlaces | null> {
  const whole = resolve(folder);
  // From the folder of images the list is up to three folders above: `Img/img_align_celeba_png.7z/img_align_celeba_png/`.
  const isImages = imagesName.test(basename(whole));
  const homes = isImages ? [whole, ...foldersAbove(whole, 3)] : [whole];
  for (const home of homes) {
    const list = await firstThat('isFile', [home, join(home, 'Anno')], listNames);
    if (list === null) continue;
    return { images: isImages && home !== whole ? whole : ((await imagesIn(home)) ?? home), list };
  }
  return null;
}

function foldersAbove(path: string, count: number): string[] {
  return count === 0 ? [] : [dirname(path), ...foldersAbove(dirname(path), count - 1)];
}

/** The note for CelebA's images without their list, at the path of a folder or of one of its images; null for other data. */
export async function celebaNote(path: string): Promise<string | null> {
  const isNamed = path.split(/[\\/]/).some((part) => imagesName.test(part));
  if (!isNamed && (await imagesIn(path)) === null) return null;
  return `${path}: CelebA without its list, so its images have no attributes; put ${listNames[0]} beside the folder of images`;
}

/** The folder of images in CelebA's folder; the one for aligned faces if there are several. */
async function imagesIn(home: string): Promise<string | null> {
  for (const place of [home, join(home, 'Img')]) {
    if ((await lookAt(place))?.isDirectory() !== true) continue;
    const names = (await namesIn(place)).filter((name) => imagesName.test(name));
    const aligned = names.toSorted((a, b) => Number(/align/i.test(b)) - Number(/align/i.test(a)));
    const found = await firstThat('isDirectory', [place], aligned);
    if (found !== null) return found;
  }
  return null;
}

/** The first of the names in the folders, in this order, that is a file or folder; null if there is none. */
async function firstThat(
  kind: 'isFile' | 'isDirectory',
  folders: readonly string[],
  names: readonly string[],
): Promise<string | null> {
  for (const path of folders.flatMap((folder) => names.map((name) => join(folder, name)))) {
    if ((await lookAt(path))?.[kind]() === true) return path;
  }
  return null;
}

/** Opens CelebA; images that are not in the list are left out. Throws UserError for a damaged list, or if no image is left. */
export async function openCeleba(places: CelebaPlaces, signal?: AbortSignal): Promise<ImageSource> {
  const { names, rows } = await readAttributes(places.list, signal);
  const listing = await listFolder(places.images, signal);
  const fileName = (path: string): string => stem(path.slice(path.lastIndexOf('/') + 1));
  const files = listing.images.filter(({ path }) => rows.has(fileName(path)));
  if (files.length === 0) {
    throw new UserError(
      `data ${places.images}: none of its ${listing.images.length} images is named in ${basename(places.list)}, which has ${rows.size}`,
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

/** A file name without its ending: copies in PNG belong to the same row of the list as the JPEG files that it names. */
function stem(name: string): string {
  return name.replace(/\.[^.]*$/, '');
}

/**
 * Parses the list: a line of attribute names, then per image the file name and a 1 or -1 per attribute. The original has a count
 * before and spaces between; Kaggle's CSV has commas between and `image_id` before the names. Rows are kept by file name without
 * ending.
 */
async function readAttributes(
  path: string,
  signal?: AbortSignal,
): Promise<{ names: string[]; rows: Map<string, Uint8Array> }> {
  const rows = new Map<string, Uint8Array>();
  let names: string[] | null = null;
  let number = 0;
  await using input = held(createReadStream(path, 'utf8'));
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    signal?.throwIfAborted();
    number += 1;
    const text = line.replace(/^\uFEFF/, '').trim();
    if (text === '' || (number === 1 && /^\d+$/.test(text))) continue;
    const words = text.includes(',') ? text.split(/\s*,\s*/) : text.split(/\s+/);
    if (names === null) {
      names = /^(image_id|)$/i.test(words[0]!) ? words.slice(1) : words;
      continue;
    }
    const values = words.slice(1);
    if (values.length !== names.length || values.some((value) => value !== '1' && value !== '-1')) {
      throw new UserError(
        `data ${path}: line ${number} has ${values.length} values, expected ${names.length} of 1 or -1; truncated?`,
      );
    }
    rows.set(
      stem(words[0]!),
      Uint8Array.from(values, (value) => (value === '1' ? 1 : 0)),
    );
  }
  if (names === null || rows.size === 0) {
    throw new UserError(`data ${path}: no attributes; expected a line of names, and a line per image`);
  }
  return { names, rows };
}
