// Reads the labels of an IDX image file: MNIST's, a byte per image, and QMNIST's, a row of eight 32-bit numbers per image.
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { held } from '../held.ts';
import { ByteReader, checkCount, viewOf } from './byte-reader.ts';
import { lookAt } from './file-access.ts';

/** Maximum bytes of a row of labels; QMNIST's have 32. */
const maxLabelRowBytes = 256;

/**
 * One label per image, each 0 to 255. QMNIST's are rows of 32-bit numbers, the first of which is the class. Throws UserError for
 * another kind of file and for another number of labels than `images`.
 */
export async function readLabels(path: string, images: number): Promise<Uint8Array> {
  await using reader = held(await ByteReader.open(path));
  const start = viewOf(await reader.read(8));
  const type = start.byteLength < 8 ? -1 : start.getUint32(0);
  if (type !== 0x801 && type !== 0xc02) {
    const got = type < 0 ? 'the file is shorter than that' : `got 0x${type.toString(16).padStart(8, '0')}`;
    throw new UserError(`data ${path}: expected an IDX file of labels (magic 0x00000801), ${got}`);
  }
  const count = start.getUint32(4);
  if (count !== images) {
    throw new UserError(`data ${path}: ${count} labels for ${images} images; both files must be of one set`);
  }
  const columns = type === 0x801 ? null : viewOf(await reader.read(4));
  const rowBytes = columns === null ? 1 : 4 * (columns.byteLength < 4 ? 0 : columns.getUint32(0));
  if (rowBytes === 0 || rowBytes > maxLabelRowBytes) {
    throw new UserError(`data ${path}: its header says rows of ${rowBytes / 4} numbers, expected 1 to 64`);
  }
  checkCount(reader, count, rowBytes, 'labels', columns === null ? 8 : 12);
  const rows = await reader.read(count * rowBytes);
  if (rows.length < count * rowBytes || !(await reader.isAtEnd())) {
    const found =
      rows.length < count * rowBytes
        ? `truncated, holds ${Math.floor(rows.length / rowBytes)} of`
        : 'longer than';
    throw new UserError(
      `data ${path}: ${found} the ${count} labels its header promises; download or copy it again`,
    );
  }
  if (columns === null) return rows;
  const view = viewOf(rows);
  return Uint8Array.from({ length: count }, (_, i) => {
    const label = view.getInt32(i * rowBytes);
    if (label >= 0 && label <= 255) return label;
    throw new UserError(`data ${path}: label ${i} is ${label}, expected 0 to 255`);
  });
}

/** The file of labels that belongs to a file of images; null if there is none. */
export async function labelsBeside(path: string): Promise<string | null> {
  const plain = basename(path).replace(/\.gz$/, '');
  const name = plain.replace(/images/i, 'labels').replace(/idx[34]/i, 'idx1');
  if (name === plain) return null;
  const folder = dirname(folderAround(path));
  for (const candidate of [name, name.replace(/idx1(.)ubyte$/i, 'idx2$1int')]) {
    for (const file of [candidate, `${candidate}.gz`]) {
      for (const place of [join(dirname(path), file), join(folder, file), join(folder, file, file)]) {
        if ((await lookAt(place))?.isFile() === true) return place;
      }
    }
  }
  return null;
}

/** The folder of the file's own name around a file, or the file itself: both stand beside the other parts of the set. */
export function folderAround(path: string): string {
  return basename(dirname(resolve(path))) === basename(path) ? dirname(resolve(path)) : path;
}
