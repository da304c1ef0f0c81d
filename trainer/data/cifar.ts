// Reads CIFAR-10's binary version (cs.toronto.edu/~kriz/cifar.html): records of a label byte and three planes of 32x32 pixels,
// red, green and blue. A folder's data_batch files are the training part.
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
const recordBytes = 1 + 3 * plane;
const classNames = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/**
 * The files of the training part in a folder of CIFAR-10's binary version; empty for other folders. Throws UserError for
 * the Python version.
 */
export async function cifarFilesIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  const batches = names.filter((name) => /^data_batch_\d+\.bin$/.test(name));
  if (batches.length === 0 && names.includes('data_batch_1')) {
    throw new UserError(
      `data ${folder}: this is CIFAR-10's Python version; give the folder of its binary version (data_batch_1.bin …)`,
    );
  }
  return batches.map((name) => join(folder, name));
}

/** Opens files of CIFAR-10's binary version: all batches of a folder, or one file. Throws UserError for other files. */
export async function openCifar(paths: readonly string[], signal?: AbortSignal): Promise<ImageSource> {
  let count = 0;
  for (const path of paths) count += await recordsIn(path);
  const folder = dirname(paths[0]!);
  const hasOne = paths.length === 1 && !/^data-batch/.test(nameOfPath(paths[0]!));
  return {
    kind: 'cifar-10',
    name: hasOne ? slug(`${nameOfParent(paths[0]!)}-${nameOfPath(paths[0]!)}`) : nameOfPath(folder),
    count,
    channels: 3,
    naturalSize: { width: side, height: side },
    classNames: await classNamesIn(folder),
    attributes: null,
    fingerprint: await fingerprintOfContent(paths, signal),
    async *images(signal) {
      const image = rawImages(side, side, 3);
      for (const path of paths) {
        await using reader = held(await ByteReader.open(path));
        for (let i = 0; !(await reader.isAtEnd()); i++) {
          signal?.throwIfAborted();
          const record = await reader.read(recordBytes);
          if (record.length < recordBytes || record[0]! >= classNames.length) {
            const got =
              record.length < recordBytes ? 'ends too early' : `has label ${record[0]}, expected 0 to 9`;
            throw new UserError(`data ${path}: record ${i} ${got}; is this CIFAR-10's binary version?`);
          }
          yield image(`image ${i} of ${path}`, record[0]!, interleaved(record));
        }
      }
    },
    close: async () => {},
  };
}

async function recordsIn(path: string): Promise<number> {
  const bytes = (await lookAt(path))?.size ?? 0;
  if (bytes > 0 && bytes % recordBytes === 0) return bytes / recordBytes;
  if (bytes > 0 && bytes % (recordBytes + 1) === 0) {
    throw new UserError(
      `data ${path}: looks like CIFAR-100, whose records have two labels; expected CIFAR-10's binary version`,
    );
  }
  throw new UserError(
    `data ${path}: ${bytes} bytes are not whole CIFAR-10 records of ${recordBytes}; truncated or not its binary version`,
  );
}

/** The class names in batches.meta.txt, which is part of the download; the standard names if it is missing. */
async function classNamesIn(folder: string): Promise<readonly string[]> {
  const meta = await readRegular(join(folder, 'batches.meta.txt'), maxTextBytes).catch(() => '');
  const text = meta.toString();
  const names = text.split(/\s+/).filter((name) => name !== '');
  return names.length === classNames.length ? names : classNames;
}

/** Planes [3, 32, 32] after the label byte → [32, 32, 3]. */
function interleaved(record: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = record[1 + c * plane + i]!;
  }
  return pixels;
}
