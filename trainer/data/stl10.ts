// Reads the binary version of STL-10 (cs.stanford.edu/~acoates/stl10): files of 96x96 images, three planes each, stored column by
// column, and files of their labels, 1 to 10. The training part of a folder is train_X.bin; the images without labels are a file of their own.
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import { held } from '../held.ts';
import { ByteReader } from './byte-reader.ts';
import { lookAt, namesIn } from './file-access.ts';
import { fingerprintOfContent } from './fingerprint.ts';
import { interleaved, namesBeside, rawImages, transposed } from './raw-records.ts';
import { nameOfParent, slug } from './source-name.ts';
import type { ImageSource } from './source.ts';

const side = 96;
const imageBytes = 3 * side * side;
const standardNames = ['airplane', 'bird', 'car', 'cat', 'deer', 'dog', 'horse', 'monkey', 'ship', 'truck'];

/** True for the name of a file of images, or of labels. */
export function isStl10Name(name: string): boolean {
  return /^(train|test|unlabeled)_[Xy]\.bin$/.test(name);
}

/** The file of the training part in a folder of the binary version; null for other folders. */
export async function stl10FileIn(folder: string): Promise<string | null> {
  return (await namesIn(folder)).includes('train_X.bin') ? join(folder, 'train_X.bin') : null;
}

/**
 * Opens a file of images, with the labels beside it. Throws UserError for a file of labels, a truncated file, and for labels that are missing, are not
 * as many as the images, or not 1 to 10.
 */
export async function openStl10(path: string, signal?: AbortSignal): Promise<ImageSource> {
  if (/_y\.bin$/.test(path)) {
    throw new UserError(
      `data ${path}: a file of labels; give the file of images, ${basename(path).replace('_y', '_X')}`,
    );
  }
  const folder = dirname(path);
  const part = basename(path).replace(/_X\.bin$/, '');
  const bytes = (await lookAt(path))?.size ?? 0;
  if (bytes === 0 || bytes % imageBytes !== 0) {
    throw new UserError(
      `data ${path}: ${bytes} bytes are not whole STL-10 images of ${imageBytes}; truncated or not its binary version`,
    );
  }
  const count = bytes / imageBytes;
  const labelsPath = part === 'unlabeled' ? null : join(folder, `${part}_y.bin`);
  const labels = labelsPath === null ? null : await readLabels(labelsPath, count);
  const parent = nameOfParent(path);
  return {
    kind: 'stl-10',
    name: part === 'train' ? parent : slug(`${parent}-${part}`),
    count,
    channels: 3,
    naturalSize: { width: side, height: side },
    classNames:
      labels === null
        ? null
        : await namesBeside(join(folder, 'class_names.txt'), standardNames.length, standardNames),
    attributes: null,
    fingerprint: await fingerprintOfContent(labelsPath === null ? [path] : [path, labelsPath], signal),
    async *images(signal) {
      const image = rawImages(side, side, 3);
      await using reader = held(await ByteReader.open(path));
      for (let i = 0; i < count; i++) {
        signal?.throwIfAborted();
        const record = await reader.read(imageBytes);
        if (record.length < imageBytes) {
          throw new UserError(`data ${path}: ends within image ${i}; download or copy it again`);
        }
        const pixels = transposed(interleaved(record), side, side, 3);
        yield image(`image ${i} of ${path}`, labels === null ? -1 : labels[i]! - 1, pixels);
      }
    },
    close: async () => {},
  };
}

async function readLabels(path: string, images: number): Promise<Uint8Array> {
  if ((await lookAt(path)) === null) {
    throw new UserError(
      `data ${path}: this file of labels is missing; put it beside the images, or give unlabeled_X.bin to use no labels`,
    );
  }
  await using reader = held(await ByteReader.open(path));
  const labels = (await reader.read(images + 1)).slice();
  if (labels.length !== images) {
    const found = labels.length < images ? `${labels.length}` : 'more';
    throw new UserError(`data ${path}: ${found} labels for ${images} images; both files must be of one part`);
  }
  const odd = labels.findIndex((label) => label < 1 || label > standardNames.length);
  if (odd >= 0) {
    throw new UserError(
      `data ${path}: label ${odd} is ${labels[odd]}, expected 1 to ${standardNames.length}; is this STL-10's binary version?`,
    );
  }
  return labels;
}
