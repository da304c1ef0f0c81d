// Reads IDX, the format of MNIST and Fashion-MNIST (yann.lecun.com/exdb/mnist): a big-endian header of magic number and
// dimensions, then the bytes. Supports [n, height, width] and [n, height, width, channels] with 1 or 3 channels, gzipped or not.
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import { ByteReader } from './byte-reader.ts';
import { lookAt, namesIn } from './file-access.ts';
import { fingerprintOfContent } from './fingerprint.ts';
import { rawImages } from './raw-records.ts';
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
 * The IDX image file of a folder: the training part, or the only file. Null if there is none. Throws UserError for several
 * candidates and for an unreadable folder.
 */
export async function idxFileIn(folder: string): Promise<string | null> {
  const all = (await namesIn(folder)).filter(isIdxImagesName);
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
 * Opens an IDX image file, and the label file beside it if there is one. Throws UserError for unreadable or inconsistent
 * files.
 */
export async function openIdx(path: string, signal?: AbortSignal): Promise<ImageSource> {
  const header = await checkedHeader(path);
  const labelsPath = await labelsBeside(path);
  const labels = labelsPath === null ? null : await readLabels(labelsPath, header.count);
  const files = labelsPath === null ? [path] : [path, labelsPath];
  const part = /(t10k|test|valid)/i.exec(basename(path))?.[0];
  return {
    kind: 'idx',
    name: slug(nameOfParent(path) + (part === undefined ? '' : `-${part}`)),
    count: header.count,
    channels: header.channels,
    naturalSize: { width: header.width, height: header.height },
    classNames:
      labels === null ? null : Array.from({ length: Math.max(...new Set(labels)) + 1 }, (_, i) => `${i}`),
    attributes: null,
    fingerprint: await fingerprintOfContent(files, signal),
    async *images(signal) {
      await using reader = held(await ByteReader.open(path));
      const { count, height, width, channels } = await readHeader(reader);
      const image = rawImages(width, height, channels);
      const bytes = height * width * channels;
      for (let i = 0; i < count; i++) {
        signal?.throwIfAborted();
        const pixels = await reader.read(bytes);
        if (pixels.length < bytes) {
          throw new UserError(
            `data ${path}: truncated, holds ${i} of the ${count} images its header promises; download or copy it again`,
          );
        }
        yield image(`image ${i}`, labels?.[i] ?? -1, pixels.slice());
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

/** Throws UserError if the file cannot hold `count` items of `itemBytes` behind its header. */
function checkCount(
  { path, maxBytes }: ByteReader,
  count: number,
  itemBytes: number,
  what: string,
  headerBytes: number,
): void {
  const most = Math.max(0, Math.floor((maxBytes - headerBytes) / itemBytes));
  if (count <= most) return;
  throw new UserError(
    `data ${path}: truncated, holds ${most} of the ${count} ${what} its header promises; download or copy it again`,
  );
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

async function readLabels(path: string, images: number): Promise<Uint8Array> {
  await using reader = held(await ByteReader.open(path));
  const header = viewOf(await reader.read(8));
  const type = header.byteLength < 8 ? -1 : header.getUint32(0);
  if (type !== 0x801) {
    const got = type < 0 ? 'the file is shorter than that' : `got 0x${type.toString(16).padStart(8, '0')}`;
    throw new UserError(`data ${path}: expected an IDX file of labels (magic 0x00000801), ${got}`);
  }
  const count = header.getUint32(4);
  if (count !== images) {
    throw new UserError(`data ${path}: ${count} labels for ${images} images; both files must be of one set`);
  }
  checkCount(reader, count, 1, 'labels', 8);
  const labels = await reader.read(count);
  if (labels.length < count || !(await reader.isAtEnd())) {
    const found = labels.length < count ? `truncated, holds ${labels.length} of` : 'longer than';
    throw new UserError(
      `data ${path}: ${found} the ${count} labels its header promises; download or copy it again`,
    );
  }
  return labels;
}

async function labelsBeside(path: string): Promise<string | null> {
  const name = basename(path)
    .replace(/images/i, 'labels')
    .replace(/idx[34]/i, 'idx1')
    .replace(/\.gz$/, '');
  if (name === basename(path).replace(/\.gz$/, '')) return null;
  for (const candidate of [name, `${name}.gz`]) {
    const labels = join(dirname(path), candidate);
    if ((await lookAt(labels)) !== null) return labels;
  }
  return null;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
