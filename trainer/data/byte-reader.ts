// Reads a file from front to back in pieces of any size, unpacking gzip when the file's first bytes say so;
// a file of many gigabytes takes no more memory than a piece.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { UserError } from '../errors.ts';
import { reasonOf } from './file-access.ts';

/** A file being read forwards. Whoever opened it closes it. */
export class ByteReader {
  readonly path: string;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private readonly stop: () => void;
  private held: Uint8Array = new Uint8Array(0);
  private offset = 0;

  private constructor(path: string, chunks: AsyncIterator<Uint8Array>, stop: () => void) {
    this.path = path;
    this.chunks = chunks;
    this.stop = stop;
  }

  /** Throws UserError where the file cannot be opened. */
  static async open(path: string): Promise<ByteReader> {
    const isPacked = await startsWithGzip(path);
    const file = createReadStream(path, { highWaterMark: 2 ** 18 });
    if (!isPacked) {
      return new ByteReader(path, file[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>, () =>
        file.destroy(),
      );
    }
    const unpacked = createGunzip({ chunkSize: 2 ** 18 });
    file.on('error', (error) => unpacked.destroy(error));
    file.pipe(unpacked);
    return new ByteReader(path, unpacked[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>, () => {
      file.destroy();
      unpacked.destroy();
    });
  }

  /**
   * The next `length` bytes, valid until the next call; fewer only where the file ends before.
   * Throws UserError where the file cannot be read or its gzip is damaged; a truncated gzip counts as the end.
   */
  async read(length: number): Promise<Uint8Array> {
    if (this.held.length - this.offset >= length) return this.take(length);
    const pieces: Uint8Array[] = [this.held.slice(this.offset)];
    let total = pieces[0]!.length;
    while (total < length) {
      const chunk = await this.nextChunk();
      if (chunk === null) break;
      pieces.push(chunk);
      total += chunk.length;
    }
    this.held = Buffer.concat(pieces);
    this.offset = 0;
    return this.take(Math.min(length, total));
  }

  /** Whether nothing is left. */
  async isAtEnd(): Promise<boolean> {
    const { length } = await this.read(1);
    this.offset -= length;
    return length === 0;
  }

  close(): void {
    this.stop();
  }

  private take(length: number): Uint8Array {
    const bytes = this.held.subarray(this.offset, this.offset + length);
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

async function startsWithGzip(path: string): Promise<boolean> {
  await using handle = await open(path).catch((error: unknown) => {
    throw new UserError(`data ${path}: cannot be opened (${reasonOf(error)})`);
  });
  const start = new Uint8Array(2);
  await handle.read(start, 0, 2, 0);
  return start[0] === 0x1f && start[1] === 0x8b;
}
