// Writes ZIP archives of stored entries: weights and pictures hardly compress.
import { crc32 } from './crc32.ts';
import { joined } from '../format/joined.ts';

/** A file of an archive. */
export interface ZipEntry {
  /** With forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Limit of a ZIP archive without the extension for large ones. */
const maxBytes = 2 ** 32 - 1;
const maxEntries = 65_535;

/** An archive; every file has the date `at`. Throws RangeError for one above 4 GiB or 65,535 files. */
export function zipOf(entries: readonly ZipEntry[], at = new Date()): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  const date = ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate();
  const time = (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1);
  for (const { path, bytes } of entries) {
    const name = new TextEncoder().encode(path);
    // Version 2.0, names in UTF-8, stored.
    const facts = words([2, 20], [2, 0x0800], [2, 0], [2, time], [2, date], [4, crc32(bytes)]);
    const sizes = words([4, bytes.length], [4, bytes.length], [2, name.length], [2, 0]);
    parts.push(words([4, 0x04034b50]), facts, sizes, name, bytes);
    const place = words([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]);
    directory.push(words([4, 0x02014b50], [2, 20]), facts, sizes, place, name);
    offset += 4 + facts.length + sizes.length + name.length + bytes.length;
  }
  const central = joined(directory);
  if (offset + central.length > maxBytes || entries.length > maxEntries)
    throw new RangeError(
      `zip: got ${entries.length} files of ${offset} bytes, expected less than 4 GiB in 65535`,
    );
  const [count, length] = [entries.length, central.length];
  return joined([
    ...parts,
    central,
    words([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, length], [4, offset], [2, 0]),
  ]);
}

/** Little-endian numbers of 2 or 4 bytes. */
function words(...numbers: readonly (readonly [2 | 4, number])[]): Uint8Array {
  const bytes = numbers.flatMap(([size, value]) =>
    Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) & 255),
  );
  return Uint8Array.from(bytes);
}
