// Writes ZIP archives of stored entries, as a whole or piece by piece: weights and pictures hardly compress. Archives above 4 GiB or
// 65,535 files have the ZIP64 extension.
import { crc32 } from './crc32.ts';
import { joined } from './joined.ts';
import { TextEncoder } from './text-bytes.ts';

/** A file of an archive. */
export interface ZipEntry {
  /** With forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The largest numbers of 4 and of 2 bytes, which stand for one that only the extension has. */
const [max4, max2] = [2 ** 32 - 1, 2 ** 16 - 1];

/** Makes the parts of an archive in order, from the entries one by one; every file has the date `at`. */
export class ZipWriter {
  private readonly directory: Uint8Array[] = [];
  private offset = 0;
  private readonly time: readonly [2, number];
  private readonly date: readonly [2, number];

  constructor(at = new Date()) {
    this.time = [2, (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1)];
    this.date = [2, ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate()];
  }

  /** The parts of the archive for the next entry, of less than 4 GiB. */
  add({ path, bytes }: ZipEntry): readonly Uint8Array[] {
    const name = new TextEncoder().encode(path);
    const { length } = bytes;
    // Version 2.0, names in UTF-8, stored.
    const facts = words([2, 20], [2, 0x0800], [2, 0], this.time, this.date, [4, crc32(bytes)]);
    const sizes = words([4, length], [4, length], [2, name.length]);
    const parts = [words([4, 0x04034b50]), facts, sizes, words([2, 0]), name, bytes];
    const far = this.offset < max4 ? new Uint8Array() : words([2, 1], [2, 8], [8, this.offset]);
    const place = words([2, far.length], [2, 0], [2, 0], [2, 0], [4, 0], [4, Math.min(this.offset, max4)]);
    this.directory.push(words([4, 0x02014b50], [2, 20]), facts, sizes, place, name, far);
    for (const part of parts) this.offset += part.length;
    return parts;
  }

  /** The end of the archive, with a comment in ASCII. */
  end(comment = ''): readonly Uint8Array[] {
    const { directory, offset } = this;
    const [count, length] = [directory.length / 6, directory.reduce((sum, part) => sum + part.length, 0)];
    const isLarge = count >= max2 || offset + length >= max4;
    const large = isLarge
      ? [
          words([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count]),
          words([8, length], [8, offset], [4, 0x07064b50], [4, 0], [8, offset + length], [4, 1]),
        ]
      : [];
    const [count2, length4, offset4] = [
      Math.min(count, max2),
      Math.min(length, max4),
      Math.min(offset, max4),
    ];
    const disks = words(
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, count2],
      [2, count2],
      [4, length4],
      [4, offset4],
    );
    return [...directory, ...large, disks, words([2, comment.length]), new TextEncoder().encode(comment)];
  }
}

/** An archive; every file has the date `at`. */
export function zipOf(entries: readonly ZipEntry[], at = new Date()): Uint8Array<ArrayBuffer> {
  const writer = new ZipWriter(at);
  const parts = entries.flatMap((entry) => writer.add(entry));
  return joined([...parts, ...writer.end()]);
}

/** Little-endian numbers of 2, 4 or 8 bytes. */
function words(...numbers: readonly (readonly [2 | 4 | 8, number])[]): Uint8Array {
  const bytes = numbers.flatMap(([size, value]) =>
    Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) & 255),
  );
  return Uint8Array.from(bytes);
}
