// A block cache between yauzl and the file: yauzl reads a few dozen bytes at a time, and a file read for each would take longer
// than decoding the images.
import type { FileHandle } from 'node:fs/promises';
import { RandomAccessReader } from 'yauzl';

const blockBytes = 2 ** 18;
const maxBlocks = 8;

/** Random access to a file through 8 cached blocks of 256 KiB. Closes the file when yauzl closes the reader. */
export class ZipReader extends RandomAccessReader {
  private readonly handle: FileHandle;
  private readonly size: number;
  private readonly blocks = new Map<number, Promise<Buffer>>();

  constructor(handle: FileHandle, size: number) {
    super();
    this.handle = handle;
    this.size = size;
  }

  /** `length` bytes from `position` on, or fewer at the file's end. */
  async bytes(position: number, length: number): Promise<Buffer> {
    const end = Math.min(position + length, this.size);
    if (length > blockBytes) return this.readDirectly(position, Math.max(0, end - position));
    const pieces: Buffer[] = [];
    for (let at = position; at < end;) {
      const index = Math.floor(at / blockBytes);
      const start = index * blockBytes;
      const piece = (await this.block(index)).subarray(at - start, end - start);
      if (piece.length === 0) break;
      pieces.push(piece);
      at += piece.length;
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /** Called by yauzl; the callback receives the number of bytes read. */
  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.bytes(position, length).then(
      (bytes) => callback(null, bytes.copy(buffer, offset)),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
    );
  }

  override close(callback: (error: Error | null) => void): void {
    this.blocks.clear();
    this.handle.close().then(
      () => callback(null),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
    );
  }

  private block(index: number): Promise<Buffer> {
    const known = this.blocks.get(index);
    if (known !== undefined) return known;
    const start = index * blockBytes;
    const block = this.readDirectly(start, Math.min(blockBytes, this.size - start));
    this.blocks.set(index, block);
    if (this.blocks.size > maxBlocks) this.blocks.delete(this.blocks.keys().next().value!);
    return block;
  }

  private async readDirectly(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.handle.read(bytes, done, length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  }
}
