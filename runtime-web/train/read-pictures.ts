// Reads pictures one after another in a worker, and gathers what training sees of them.
import type { Focus } from '../format/crop-box.ts';
import { lengthOf, type ImageShape } from '../format/image-shape.ts';
import { readerOf, type Reader, type StartReader } from './picture-reader.ts';
import type { PictureOptions, Pictures, RefusedPicture } from './picture-types.ts';
import type { GivenPicture, PicturesApi, ReadPicture } from './pictures-protocol.ts';

/** Pictures under way: while one is decoded, the next one is read from the disk. */
const atOnce = 2;

/** Reads all pictures. See `readPictures`. */
export async function readAll(
  sources: Iterable<GivenPicture>,
  options: PictureOptions,
  start: StartReader,
): Promise<Pictures> {
  const open = (): Promise<Reader> => readerOf(start, options.assets);
  const { width, height, channels, focus = 'centre', focusOf, most = Infinity, signal, onProgress } = options;
  const shape = checkedShape({ width, height, channels });
  if (!(most >= 1)) throw new RangeError(`most: got ${most}, expected at least 1`);
  const given = [...sources];
  signal?.throwIfAborted();
  const length = lengthOf(shape);
  const images = new Uint8Array(Math.min(given.length, most) * length);
  const names: string[] = [];
  const indices: number[] = [];
  const refused: RefusedPicture[] = [];
  const reading: Promise<ReadPicture>[] = [];
  for (let index = 0; index < given.length && names.length < most; index++) {
    while (reading.length < atOnce && index + reading.length < given.length) {
      const at = index + reading.length;
      const request = { source: given[at]!, shape, focus: checkedFocus(focusOf?.(at) ?? focus) };
      const read = readOne(open, request);
      // An error is thrown in its turn.
      read.catch(() => undefined);
      reading.push(read);
    }
    const result = await reading.shift()!;
    signal?.throwIfAborted();
    const name = nameOf(given[index]!, index);
    if ('refused' in result) refused.push({ name, index, reason: result.refused });
    else {
      images.set(result.pixels, names.length * length);
      names.push(name);
      indices.push(index);
    }
    onProgress?.(index + 1, given.length);
  }
  const used = names.length * length;
  return {
    images: used === images.length ? images : images.slice(0, used),
    ...shape,
    names,
    indices,
    refused,
  };
}

/** Reads a picture; again in a new worker if the worker ends, which a neighbour may have caused. */
async function readOne(
  open: () => Promise<Reader>,
  request: Parameters<PicturesApi['read']>[0],
): Promise<ReadPicture> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const link = await open();
    try {
      return await link.call('read', request);
    } catch (error) {
      if ((error as Error).name !== 'WorkerError') throw error;
    } finally {
      link.letGo();
    }
  }
  return { refused: 'the browser gave up reading it; it may be too large for this device' };
}

/** Throws RangeError for a shape that no training has. */
export function checkedShape({ width, height, channels }: ImageShape): ImageShape {
  for (const [name, side] of Object.entries({ width, height })) {
    if (!(Number.isInteger(side) && side >= 1 && side <= 1024))
      throw new RangeError(`${name}: got ${side}, expected a whole number from 1 to 1024`);
  }
  if (![1, 3, 4].includes(channels)) throw new RangeError(`channels: got ${channels}, expected 1, 3 or 4`);
  return { width, height, channels };
}

function checkedFocus(focus: Focus): Focus {
  if (focus === 'centre' || [focus.x, focus.y].every((at) => at >= 0 && at <= 1)) return focus;
  throw new RangeError(`focus: got ${focus.x}, ${focus.y}, expected centre, or x and y from 0 to 1`);
}

function nameOf(source: GivenPicture, index: number): string {
  const { webkitRelativePath = '', name = '' } = source as Partial<File>;
  return webkitRelativePath || name || `picture ${index + 1}`;
}
