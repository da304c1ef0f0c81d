// Reads IDX, the format of MNIST and Fashion-MNIST (yann.lecun.com/exdb/mnist): a big-endian header of magic number and
// dimensions, then the bytes. Supports [n, height, width] and [n, height, width, channels] with 1 or 3 channels, gzipped or not;
// also EMNIST, whose images are transposed, and QMNIST, whose labels are rows of eight numbers.
import { basename, join } from 'node:path';
import { UserError } from '../errors.ts';
import { ByteReader, checkCount, viewOf } from './byte-reader.ts';
import { lookAt, namesIn } from './file-access.ts';
import { fingerprintOfContent } from './fingerprint.ts';
import { folderAround, labelsBeside, readLabels } from './idx-labels.ts';
import { rawImages, transposed } from './raw-records.ts';
import { nameOfParent, slug } from './source-name.ts';
import type { ImageSource } from './source.ts';
import { held } from '../held.ts';

/** Header of an image file. */
interface IdxHeader {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** Maximum side in pixels; a larger one means a damaged header. */
const maxSide = 8192;

/** True if a file name is that of an IDX image file: `train-images-idx3-ubyte`, `….gz`, `t10k-images.idx3-ubyte`. */
export function isIdxImagesName(name: string): boolean {
  return /images.*idx[34].*ubyte(\.gz)?$/i.test(name);
}

/**
 * Names of a folder's IDX image files, relative to it. Some copies of MNIST put each file into a folder of its own name; those
 * are used if no file is beside them. Throws UserError for an unreadable folder.
 */
export async function idxFilesIn(folder: string): Promise<string[]> {
  const named = (await namesIn(folder)).filter(isIdxImagesName);
  const isFile = async (name: string): Promise<boolean> =>
    (await lookAt(join(folder, name)))?.isDirectory() === false;
  const filesOf = async (names: readonly string[]): Promise<string[]> => {
    const areFiles = await Promise.all(names.map(isFile));
    return names.filter((_, i) => areFiles[i]);
  };
  const direct = await filesOf(named);
  return direct.length > 0 ? direct : filesOf(named.map((name) => join(name, name)));
}

/**
 * The IDX image file of a folder: the training part, or the only file. Null if there is none. Throws UserError for several
 * candidates and for an unreadable folder.
 */
export async function idxFileIn(folder: string): Promise<string | null> {
  const all = await idxFilesIn(folder);
  const parts = all.filter((name) => !name.endsWith('.gz') || !all.includes(name.slice(0, -3)));
  const train = parts.filter((name) => /train/i.test(name));
  const chosen = train.length > 0 ? train : parts;
  if (chosen.length > 1) {
    throw new UserError(
      `data ${folder}: holds several sets of images (${chosen.slice(0, 4).join(', ')}); give one of these files`,
    );
  }
  return chosen[0] === undefined ? null : join(folder, chosen[0]);
}

/**
 * Opens an IDX image file, and the label file beside it if there is one. Its classes are the labels that occur. Throws UserError
 * for unreadable or inconsistent files.
 */
export async function openIdx(path: string, signal?: AbortSignal): Promise<ImageSource> {
  const header = await checkedHeader(path);
  const labelsPath = await labelsBeside(path);
  const labels = labelsPath === null ? null : await readLabels(labelsPath, header.count);
  const files = labelsPath === null ? [path] : [path, labelsPath];
  const part = /(t10k|test|valid)/i.exec(basename(path))?.[0];
  const isTransposed = /emnist-/i.test(basename(path));
  const present = labels && [...new Set(labels)].sort((a, b) => a - b);
  const classOf = present && new Map(present.map((label, i) => [label, i]));
  const notes: string[] = [];
  if (isTransposed)
    notes.push(`EMNIST stores its images transposed; those of ${basename(path)} were turned upright`);
  if (labels === null)
    notes.push(`${path}: there is no file of labels beside it, so the images have no classes`);
  return {
    kind: 'idx',
    name: slug(nameOfParent(folderAround(path)) + (part === undefined ? '' : `-${part}`)),
    count: header.count,
    channels: header.channels,
    naturalSize: isTransposed
      ? { width: header.height, height: header.width }
      : { width: header.width, height: header.height },
    classNames: present?.map(String) ?? null,
    attributes: null,
    fingerprint: await fingerprintOfContent(files, signal),
    notes,
    async *images(signal) {
      await using reader = held(await ByteReader.open(path));
      const { count, height, width, channels } = await readHeader(reader);
      const image = isTransposed ? rawImages(height, width, channels) : rawImages(width, height, channels);
      const bytes = height * width * channels;
      for (let i = 0; i < count; i++) {
        signal?.throwIfAborted();
        const pixels = await reader.read(bytes);
        if (pixels.length < bytes) {
          throw new UserError(
            `data ${path}: truncated, holds ${i} of the ${count} images its header promises; download or copy it again`,
          );
        }
        const own = isTransposed ? transposed(pixels, width, height, channels) : pixels.slice();
        yield image(`image ${i}`, labels === null ? -1 : classOf!.get(labels[i]!)!, own);
      }
      if (!(await reader.isAtEnd())) {
        throw new UserError(
          `data ${path}: longer than the ${count} images of ${width}x${height} its header promises`,
        );
      }
    },
    close: async () => {},
  };
}

/** Reads the header of an image file. Throws UserError like {@link readHeader}, and for more images than the file can hold. */
async function checkedHeader(path: string): Promise<IdxHeader> {
  await using reader = held(await ByteReader.open(path));
  const header = await readHeader(reader);
  const imageBytes = header.height * header.width * header.channels;
  checkCount(reader, header.count, imageBytes, 'images', header.channels === 1 ? 16 : 20);
  return header;
}

async function readHeader(reader: ByteReader): Promise<IdxHeader> {
  const where = `data ${reader.path}`;
  const magic = viewOf(await reader.read(4));
  const type = magic.byteLength < 4 ? -1 : magic.getUint32(0);
  if (type !== 0x803 && type !== 0x804) {
    const got = type < 0 ? 'the file is shorter than that' : `got 0x${type.toString(16).padStart(8, '0')}`;
    const hint = type === 0x801 ? '; this is a file of labels, give the file of images' : '';
    throw new UserError(`${where}: expected an IDX file of images (magic 0x00000803), ${got}${hint}`);
  }
  const dims = type - 0x800;
  const sizes = viewOf(await reader.read(4 * dims));
  if (sizes.byteLength < 4 * dims) {
    throw new UserError(`${where}: truncated within its header; download or copy it again`);
  }
  const [count, height, width, channels] = [0, 1, 2, 3].map((i) => (i < dims ? sizes.getUint32(4 * i) : 1));
  if (count === 0) throw new UserError(`${where}: its header says 0 images`);
  const sane = [height!, width!].every((side) => side >= 1 && side <= maxSide);
  if (!sane || (channels !== 1 && channels !== 3)) {
    throw new UserError(
      `${where}: its header says images of ${width}x${height}x${channels}; expected sides of 1 to ${maxSide} and 1 or 3 channels`,
    );
  }
  return { count: count!, height: height!, width: width!, channels };
}
