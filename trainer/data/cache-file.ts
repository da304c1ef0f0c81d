// The cache file of decoded images. Layout, little-endian: a magic of 8 bytes; per image a record of its pixels (padded to 4
// bytes) and its attributes as float32; then the tail: labels int32, a checksum per record uint32, the facts as JSON; last the
// JSON's length, a checksum of the tail, and a closing magic. The facts are at the end because the number of readable images is
// only known then.
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { lengthOf, type ImageShape } from '../../runtime-web/format/image-shape.ts';
import { checksum } from './checksum.ts';
import type { AttributeInfo, DataKind } from './source.ts';
import type { Survey } from './survey.ts';

/** Description of the cached images. */
export interface CacheFacts extends ImageShape {
  readonly kind: DataKind;
  /** A short name: lower case letters, digits and hyphens. */
  readonly name: string;
  readonly count: number;
  readonly classNames: readonly string[] | null;
  readonly attributes: readonly AttributeInfo[] | null;
  readonly survey: Survey;
  /** Unreadable images that were left out: their number, and each as `name (reason)`. */
  readonly skipped: { readonly count: number; readonly names: readonly string[] };
}

/** An opened cache with valid facts, labels and checksums. */
export interface CacheContent {
  readonly handle: FileHandle;
  readonly facts: CacheFacts;
  /** One per image; -1 without classes. */
  readonly labels: Int32Array;
  /** One per image's record. */
  readonly checksums: Uint32Array;
}

const opening = Buffer.from('DCGANim1', 'latin1');
const closing = Buffer.from('1miNAGCD', 'latin1');
const footerBytes = 8 + closing.length;

/** Position of the first record in bytes. */
export const recordsStart = opening.length;

/** Bytes of an image's pixels within its record, padding included. */
export function pixelBytes(facts: ImageShape): number {
  return Math.ceil(lengthOf(facts) / 4) * 4;
}

/** Bytes of an image's record: pixels and attributes. */
export function recordBytes(facts: ImageShape & Pick<CacheFacts, 'attributes'>): number {
  return pixelBytes(facts) + 4 * (facts.attributes?.length ?? 0);
}

/** Writes a cache record by record; memory is one buffer and 8 bytes per image. */
export class CacheWriter {
  private readonly handle: FileHandle;
  private readonly buffer: Buffer;
  private readonly labels: Int32Array;
  private readonly checksums: Uint32Array;
  private readonly pixels: number;
  private readonly stride: number;
  private filled = 0;
  private count = 0;

  /** @param maxCount Maximum number of images. */
  constructor(handle: FileHandle, facts: ImageShape & Pick<CacheFacts, 'attributes'>, maxCount: number) {
    this.handle = handle;
    this.pixels = pixelBytes(facts);
    this.stride = recordBytes(facts);
    this.buffer = Buffer.alloc(Math.max(1, Math.floor(2 ** 21 / this.stride)) * this.stride);
    this.labels = new Int32Array(maxCount);
    this.checksums = new Uint32Array(maxCount);
  }

  /** Writes the magic; call it first. */
  async begin(): Promise<void> {
    await this.writeAll(opening);
  }

  /** Adds an image: its pixels [height, width, channels], its label or -1, its attributes. */
  async add(image: Uint8Array, label: number, attributes: Float32Array | null): Promise<void> {
    const record = this.buffer.subarray(this.filled, this.filled + this.stride);
    record.fill(0);
    record.set(image);
    attributes?.forEach((value, i) => record.writeFloatLE(value, this.pixels + 4 * i));
    this.labels[this.count] = label;
    this.checksums[this.count] = checksum(record);
    this.count += 1;
    this.filled += this.stride;
    if (this.filled === this.buffer.length) await this.flush();
  }

  /** Writes the tail and waits until the disk has everything. */
  async finish(facts: CacheFacts): Promise<void> {
    await this.flush();
    const labels = bytesOf(this.labels.subarray(0, this.count));
    const checksums = bytesOf(this.checksums.subarray(0, this.count));
    const json = Buffer.from(JSON.stringify(facts), 'utf8');
    const footer = Buffer.alloc(footerBytes);
    footer.writeUInt32LE(json.length, 0);
    footer.writeUInt32LE(tailChecksum(labels, checksums, json), 4);
    footer.set(closing, 8);
    for (const part of [labels, checksums, json, footer]) await this.writeAll(part);
    await this.handle.sync();
  }

  private async flush(): Promise<void> {
    await this.writeAll(this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }

  private async writeAll(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      done += (await this.handle.write(bytes, done, bytes.length - done)).bytesWritten;
    }
  }
}

/** Opens a cache; null if it is missing or damaged. */
export async function openCache(path: string): Promise<CacheContent | null> {
  const handle = await open(path).catch(() => null);
  if (handle === null) return null;
  try {
    const content = await readTail(handle);
    if (content !== null) return { handle, ...content };
  } catch {
    // A damaged cache is rebuilt.
  }
  await handle.close();
  return null;
}

async function readTail(handle: FileHandle): Promise<Omit<CacheContent, 'handle'> | null> {
  const { size } = await handle.stat();
  const head = await readAt(handle, 0, opening.length);
  const footer = await readAt(handle, size - footerBytes, footerBytes);
  if (!head.equals(opening) || !footer.subarray(8).equals(closing)) return null;
  const jsonBytes = footer.readUInt32LE(0);
  const jsonStart = size - footerBytes - jsonBytes;
  if (jsonStart < recordsStart) return null;
  const json = await readAt(handle, jsonStart, jsonBytes);
  const facts = JSON.parse(json.toString('utf8')) as CacheFacts;
  // Caches of earlier versions have squares, name only the first few unreadable images, or have no survey.
  if (
    facts.width === undefined ||
    facts.skipped.names.length !== facts.skipped.count ||
    facts.survey === undefined
  )
    return null;
  const tailStart = recordsStart + facts.count * recordBytes(facts);
  if (tailStart + 8 * facts.count !== jsonStart) return null;
  const labels = await readAt(handle, tailStart, 4 * facts.count);
  const checksums = await readAt(handle, tailStart + 4 * facts.count, 4 * facts.count);
  if (tailChecksum(labels, checksums, json) !== footer.readUInt32LE(4)) return null;
  return {
    facts,
    labels: new Int32Array(labels.buffer, labels.byteOffset, facts.count),
    checksums: new Uint32Array(checksums.buffer, checksums.byteOffset, facts.count),
  };
}

/** One checksum of the tail's three parts. */
function tailChecksum(...parts: readonly Uint8Array[]): number {
  return checksum(bytesOf(Uint32Array.from(parts, checksum)));
}

/** Exactly `length` bytes from `position` on. Throws RangeError if the file has fewer. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  // Not from Buffer's pool, because callers view the memory as 32-bit words, which must be aligned. Every byte is overwritten.
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new RangeError(`got ${done} bytes at ${position}, expected ${length}`);
    done += bytesRead;
  }
  return bytes;
}

function bytesOf(words: Int32Array | Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
