// Reads CelebA: the folder `img_align_celeba` of faces, and `list_attr_celeba.txt` with 40 binary attributes per face.
// Also the CSV of Kaggle's copy, the original's folders `Anno` and `Img`, and copies of the images in PNG.
import { basename, dirname, join, resolve } from 'node:path';
import { lookAt, namesIn } from './file-access.ts';
import { openFolder } from './folder.ts';
import { readLabelFile } from './labels/label-file.ts';
import { labelledSource } from './labels/labelled-source.ts';
import type { ImageSource } from './source.ts';

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

/** Opens CelebA; images that are not in the list are left out. Throws UserError as {@link labelledSource} does. */
export async function openCeleba(places: CelebaPlaces, signal?: AbortSignal): Promise<ImageSource> {
  const images = await openFolder(places.images, signal, { everyPart: true });
  const labelled = await labelledSource(images, await readLabelFile(places.list), signal);
  return { ...labelled, kind: 'celeba', name: 'celeba', readLabels: undefined };
}
