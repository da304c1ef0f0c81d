// Gives yauzl a zip's bytes in blocks: it asks for a few dozen at a time, and a read of the file for each
// would take longer than all of the decoding.
import type { FileHandle } from 'node:fs/promises';
import { RandomAccessReader } from 'yauzl';

const blockBytes = 2 ** 18;
const blocksKept = 8;

/** Reads a file at any place, a block at a time, keeping the latest few. Closes the file when yauzl closes it. */
export class ZipReader extends RandomAccessReader {
  private readonly handle: FileHandle;
  private readonly size: number;
  private readonly blocks = new Map<number, Promise<Buffer>>();

  constructor(handle: FileHandle, size: number) {
    super();
    this.handle = handle;
    this.size = size;
  }

  /** The bytes from `position` on: `length` of them, or fewer at the file's end. */
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

  /** For yauzl, which also wants to know how many bytes there were. */
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
    if (this.blocks.size > blocksKept) this.blocks.delete(this.blocks.keys().next().value!);
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
