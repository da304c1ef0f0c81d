// Reads the binary versions of CIFAR-10 and CIFAR-100 (cs.toronto.edu/~kriz/cifar.html): records of a label and three planes of
// 32x32 pixels, red, green and blue. CIFAR-100 has a byte for the coarse label before that of the class. The training part of
// a folder is CIFAR-10's data_batch files or CIFAR-100's train.bin.
import { dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import { maxTextBytes, readRegular } from '../files/regular-file.ts';
import { ByteReader } from './byte-reader.ts';
import { lookAt, namesIn } from './file-access.ts';
import { fingerprintOfContent } from './fingerprint.ts';
import { rawImages } from './raw-records.ts';
import { nameOfParent, nameOfPath, slug } from './source-name.ts';
import type { ImageSource } from './source.ts';
import { held } from '../held.ts';

const side = 32;
const plane = side * side;
const pixelBytes = 3 * plane;
const standardNames = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

/** The differences between the two sets. */
interface Variant {
  readonly kind: 'cifar-10' | 'cifar-100';
  readonly title: string;
  readonly labelBytes: 1 | 2;
  readonly classes: number;
  /** File of class names, part of the download. */
  readonly namesFile: string;
}

const cifar10: Variant = {
  kind: 'cifar-10',
  title: 'CIFAR-10',
  labelBytes: 1,
  classes: 10,
  namesFile: 'batches.meta.txt',
};
const cifar100: Variant = {
  kind: 'cifar-100',
  title: 'CIFAR-100',
  labelBytes: 2,
  classes: 100,
  namesFile: 'fine_label_names.txt',
};

/**
 * The files of the training part in a folder of a binary version; empty for other folders. Throws UserError for
 * the Python versions.
 */
export async function cifarFilesIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  const batches = names.filter((name) => /^data_batch_\d+\.bin$/.test(name));
  if (batches.length > 0) return batches.map((name) => join(folder, name));
  if (names.includes('train.bin') && names.includes(cifar100.namesFile)) return [join(folder, 'train.bin')];
  if (names.includes('data_batch_1')) throw pythonVersion(folder, 'CIFAR-10', 'data_batch_1.bin …');
  const isPython = ['meta', 'train', 'test'].every((name) => names.includes(name));
  const train = isPython ? await lookAt(join(folder, 'train')) : null;
  if (train?.isFile() === true) throw pythonVersion(folder, 'CIFAR-100', 'train.bin …');
  return [];
}

function pythonVersion(folder: string, title: string, files: string): UserError {
  return new UserError(
    `data ${folder}: this is ${title}'s Python version; give the folder of its binary version (${files})`,
  );
}

/**
 * Opens files of a binary version: all batches of a folder, or one file. A file whose size fits CIFAR-100 and not CIFAR-10 is
 * CIFAR-100. Throws UserError for other files.
 */
export async function openCifar(paths: readonly string[], signal?: AbortSignal): Promise<ImageSource> {
  const sizes = await Promise.all(paths.map(async (path) => (await lookAt(path))?.size ?? 0));
  const folder = dirname(paths[0]!);
  const variant = await variantOf(paths[0]!, sizes[0]!);
  const { kind, title, labelBytes, classes } = variant;
  const recordBytes = labelBytes + pixelBytes;
  const odd = sizes.findIndex((bytes) => bytes === 0 || bytes % recordBytes !== 0);
  if (odd >= 0) {
    throw new UserError(
      `data ${paths[odd]}: ${sizes[odd]} bytes are not whole ${title} records of ${recordBytes}; truncated or not its binary version`,
    );
  }
  const hasOne = paths.length === 1 && !/^(data-batch|train$)/.test(nameOfPath(paths[0]!));
  return {
    kind,
    name: hasOne ? slug(`${nameOfParent(paths[0]!)}-${nameOfPath(paths[0]!)}`) : nameOfPath(folder),
    count: sizes.reduce((sum, bytes) => sum + bytes / recordBytes, 0),
    channels: 3,
    naturalSize: { width: side, height: side },
    classNames: await classNamesIn(folder, variant),
    attributes: null,
    fingerprint: await fingerprintOfContent(paths, signal),
    async *images(signal) {
      const image = rawImages(side, side, 3);
      for (const path of paths) {
        await using reader = held(await ByteReader.open(path));
        for (let i = 0; !(await reader.isAtEnd()); i++) {
          signal?.throwIfAborted();
          const record = await reader.read(recordBytes);
          const label = record[labelBytes - 1];
          if (record.length < recordBytes || label! >= classes) {
            const got =
              record.length < recordBytes
                ? 'ends too early'
                : `has label ${label}, expected 0 to ${classes - 1}`;
            throw new UserError(`data ${path}: record ${i} ${got}; is this ${title}'s binary version?`);
          }
          yield image(`image ${i} of ${path}`, label!, interleaved(record.subarray(labelBytes)));
        }
      }
    },
    close: async () => {},
  };
}

/** CIFAR-100 if its class names are beside the file or only its records fit the size, else CIFAR-10. */
async function variantOf(path: string, bytes: number): Promise<Variant> {
  const fits = ({ labelBytes }: Variant): boolean => bytes > 0 && bytes % (labelBytes + pixelBytes) === 0;
  if (!fits(cifar100)) return cifar10;
  const hasNames = (await lookAt(join(dirname(path), cifar100.namesFile)))?.isFile() === true;
  return hasNames || !fits(cifar10) ? cifar100 : cifar10;
}

/** The class names of the download; without them the standard names of CIFAR-10, and numbers for CIFAR-100. */
async function classNamesIn(folder: string, { namesFile, classes }: Variant): Promise<readonly string[]> {
  const bytes = await readRegular(join(folder, namesFile), maxTextBytes).catch(() => '');
  const text = bytes.toString();
  const names = text.split(/\s+/).filter((name) => name !== '');
  if (names.length === classes) return names;
  return classes === standardNames.length ? standardNames : Array.from({ length: classes }, (_, i) => `${i}`);
}

/** Planes [3, 32, 32] → [32, 32, 3]. */
function interleaved(planes: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(pixelBytes);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = planes[c * plane + i]!;
  }
  return pixels;
}
