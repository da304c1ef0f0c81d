// Reads a file sequentially in pieces of any size and decompresses gzip, which is detected by its magic number. Memory is one
// piece, however large the file.
import type { FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { UserError } from '../errors.ts';
import { openRegular } from '../files/regular-file.ts';
import { reasonOf } from './file-access.ts';

/** Maximum compression ratio of honest gzip data, for files that unpack to more than {@link bombBytes}. */
const maxRatio = 200;
const bombBytes = 16 * 2 ** 20;

/** Sequential reader of a file. Close it after use. */
export class ByteReader {
  readonly path: string;
  /** The most bytes that the file can hold: its size, or for gzip what honest data unpack to. */
  readonly maxBytes: number;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private readonly stop: () => void;
  /** Bytes read from the file, of which the first `offset` have been returned. */
  private buffer: Uint8Array = new Uint8Array(0);
  private offset = 0;

  private constructor(path: string, maxBytes: number, chunks: AsyncIterator<Uint8Array>, stop: () => void) {
    this.path = path;
    this.maxBytes = maxBytes;
    this.chunks = chunks;
    this.stop = stop;
  }

  /** Opens a regular file. Throws UserError if it cannot be opened. */
  static async open(path: string): Promise<ByteReader> {
    const handle = await openRegular(path).catch((error: unknown) => {
      throw new UserError(`data ${path}: cannot be opened (${reasonOf(error)})`);
    });
    const { size } = await handle.stat();
    const isGzip = await startsWithGzip(handle);
    const file = handle.createReadStream({ start: 0, highWaterMark: 2 ** 18 });
    if (!isGzip) {
      return new ByteReader(path, size, file[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>, () =>
        file.destroy(),
      );
    }
    const unpacked = createGunzip({ chunkSize: 2 ** 18 });
    file.on('error', (error) => unpacked.destroy(error));
    file.pipe(unpacked);
    const maxBytes = Math.max(bombBytes, size * maxRatio);
    return new ByteReader(
      path,
      maxBytes,
      unpacked[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>,
      () => {
        file.destroy();
        unpacked.destroy();
      },
    );
  }

  /**
   * The next `length` bytes, or fewer at the file's end; valid until the next call.
   * Throws UserError if the file cannot be read or its gzip data are damaged; truncated gzip data count as the file's end.
   */
  async read(length: number): Promise<Uint8Array> {
    if (this.buffer.length - this.offset >= length) return this.take(length);
    const pieces: Uint8Array[] = [this.buffer.slice(this.offset)];
    let total = pieces[0]!.length;
    while (total < length) {
      const chunk = await this.nextChunk();
      if (chunk === null) break;
      pieces.push(chunk);
      total += chunk.length;
    }
    this.buffer = Buffer.concat(pieces);
    this.offset = 0;
    return this.take(Math.min(length, total));
  }

  /** True if all bytes have been read. */
  async isAtEnd(): Promise<boolean> {
    const { length } = await this.read(1);
    this.offset -= length;
    return length === 0;
  }

  close(): void {
    this.stop();
  }

  private take(length: number): Uint8Array {
    const bytes = this.buffer.subarray(this.offset, this.offset + length);
    this.offset += length;
    return bytes;
  }

  private async nextChunk(): Promise<Uint8Array | null> {
    try {
      const { done, value } = await this.chunks.next();
      return done === true ? null : value;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR') return null;
      throw new UserError(`data ${this.path}: cannot be unpacked or read (${reasonOf(error)})`);
    }
  }
}

async function startsWithGzip(handle: FileHandle): Promise<boolean> {
  const start = new Uint8Array(2);
  await handle.read(start, 0, 2, 0);
  return start[0] === 0x1f && start[1] === 0x8b;
}

/** A view of bytes, to read numbers from. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Throws UserError if the file cannot hold `count` items of `itemBytes` behind its header. */
export function checkCount(
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
