// Builds zip archives byte by byte (PKWARE APPNOTE 6.3), honest ones and others.
import { deflateRawSync } from 'node:zlib';

/** A file for {@link zipBytes}. */
export interface ZipEntry {
  readonly name: string;
  readonly data: Uint8Array;
  /** The unpacked size that the directory claims; by default the true one. */
  readonly claimed?: number;
  readonly stored?: boolean;
  /** General purpose bit flags; 1 says encrypted. */
  readonly flags?: number;
  /** Leaves out the flag of UTF-8 names, as macOS does. */
  readonly hasPlainName?: boolean;
  /** Points the directory at an earlier entry's data instead of writing this one's own. */
  readonly sameAs?: number;
}

/** The bytes of an archive. */
export function zipBytes(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const { name, data, claimed, stored, flags = 0, hasPlainName, sameAs } of entries) {
    const packed = stored === true ? Buffer.from(data) : deflateRawSync(data);
    const nameBytes = Buffer.from(name, 'utf8');
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(hasPlainName === true ? flags : flags | 0x800, 2);
    fields.writeUInt16LE(stored === true ? 0 : 8, 4);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(claimed ?? data.length, 18);
    fields.writeUInt16LE(nameBytes.length, 22);
    offsets.push(sameAs === undefined ? at : offsets[sameAs]!);
    if (sameAs === undefined) {
      const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, nameBytes, packed]);
      parts.push(local);
      at += local.length;
    }
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offsets.at(-1)!, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, rest, nameBytes]));
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}

function crc32(data: Uint8Array): number {
  let crc = -1;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ -1) >>> 0;
}
