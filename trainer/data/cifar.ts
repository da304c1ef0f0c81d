// Reads the binary versions of CIFAR-10 and CIFAR-100 (cs.toronto.edu/~kriz/cifar.html): records of a label and three planes of
// 32x32 pixels, red, green and blue. CIFAR-100 has two labels, coarse and fine; the fine ones are its classes. The training part of
// a folder is CIFAR-10's data_batch files or CIFAR-100's train.bin.
import { dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import { ByteReader } from './byte-reader.ts';
import { lookAt, namesIn } from './file-access.ts';
import { fingerprintOfContent } from './fingerprint.ts';
import { interleaved, namesBeside, rawImages } from './raw-records.ts';
import { nameOfParent, nameOfPath, slug } from './source-name.ts';
import type { ImageSource } from './source.ts';
import { held } from '../held.ts';

const side = 32;
const pixelBytes = 3 * side * side;
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

/** A byte of each record. */
interface Label {
  readonly name: string;
  readonly classes: number;
  /** File of class names, part of the download. */
  readonly namesFile: string;
}

/** The differences between the two sets. */
interface Variant {
  readonly kind: 'cifar-10' | 'cifar-100';
  readonly title: string;
  /** In the records' order; the last one is the class. */
  readonly labels: readonly Label[];
}

const fine: Label = { name: 'fine', classes: 100, namesFile: 'fine_label_names.txt' };
const cifar10: Variant = {
  kind: 'cifar-10',
  title: 'CIFAR-10',
  labels: [{ name: 'class', classes: 10, namesFile: 'batches.meta.txt' }],
};
const cifar100: Variant = {
  kind: 'cifar-100',
  title: 'CIFAR-100',
  labels: [{ name: 'coarse', classes: 20, namesFile: 'coarse_label_names.txt' }, fine],
};

/**
 * The files of the training part in a folder of a binary version; empty for other folders. Throws UserError for
 * the Python versions.
 */
export async function cifarFilesIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  const batches = names.filter((name) => /^data_batch_\d+\.bin$/.test(name));
  if (batches.length > 0) return batches.map((name) => join(folder, name));
  if (names.includes('train.bin') && names.includes(fine.namesFile)) return [join(folder, 'train.bin')];
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
  const { kind, title, labels } = variant;
  const recordBytes = labels.length + pixelBytes;
  const odd = sizes.findIndex((bytes) => bytes === 0 || bytes % recordBytes !== 0);
  if (odd >= 0) {
    throw new UserError(
      `data ${paths[odd]}: ${sizes[odd]} bytes are not whole ${title} records of ${recordBytes}; truncated or not its binary version`,
    );
  }
  const names = await Promise.all(
    labels.map(({ namesFile, classes }) =>
      namesBeside(join(folder, namesFile), classes, kind === 'cifar-10' ? standardNames : undefined),
    ),
  );
  const hasOne = paths.length === 1 && !/^(data-batch|train$)/.test(nameOfPath(paths[0]!));
  return {
    kind,
    name: hasOne ? slug(`${nameOfParent(paths[0]!)}-${nameOfPath(paths[0]!)}`) : nameOfPath(folder),
    count: sizes.reduce((sum, bytes) => sum + bytes / recordBytes, 0),
    channels: 3,
    naturalSize: { width: side, height: side },
    classNames: names.at(-1)!,
    attributes:
      labels.length === 1
        ? null
        : labels.map(({ name, classes }, i) => ({
            name,
            kind: 'categorical',
            values: names[i]!,
            range: [0, classes - 1],
          })),
    ...(labels.length > 1 && { classColumn: fine.name }),
    fingerprint: await fingerprintOfContent(paths, signal),
    async *images(signal) {
      const image = rawImages(side, side, 3);
      for (const path of paths) {
        await using reader = held(await ByteReader.open(path));
        for (let i = 0; !(await reader.isAtEnd()); i++) {
          signal?.throwIfAborted();
          const record = await reader.read(recordBytes);
          const own = record.subarray(0, labels.length);
          const odd = own.findIndex((label, k) => label >= labels[k]!.classes);
          if (record.length < recordBytes || odd >= 0) {
            const got =
              record.length < recordBytes
                ? 'ends too early'
                : `has ${labels[odd]!.name} label ${own[odd]}, expected 0 to ${labels[odd]!.classes - 1}`;
            throw new UserError(`data ${path}: record ${i} ${got}; is this ${title}'s binary version?`);
          }
          const pixels = interleaved(record.subarray(labels.length));
          const attributes = labels.length === 1 ? null : Float32Array.from(own);
          yield image(`image ${i} of ${path}`, own.at(-1)!, pixels, attributes);
        }
      }
    },
    close: async () => {},
  };
}

/** CIFAR-100 if its class names are beside the file or only its records fit the size, else CIFAR-10. */
async function variantOf(path: string, bytes: number): Promise<Variant> {
  const fits = ({ labels }: Variant): boolean => bytes > 0 && bytes % (labels.length + pixelBytes) === 0;
  if (!fits(cifar100)) return cifar10;
  const hasNames = (await lookAt(join(dirname(path), fine.namesFile)))?.isFile() === true;
  return hasNames || !fits(cifar10) ? cifar100 : cifar10;
}
