// The mark that this program puts into its PNGs, a text chunk right after the header: `Software` = `dcgan` for grids of many images,
// which are never data; `dcgan 1` for single images, which may be.

/** Length of a PNG's signature and header chunk. */
const headerBytes = 33;
const chunk = textChunk('Software\0dcgan');
const singleChunk = textChunk('Software\0dcgan 1');

/** Number of bytes at a file's start that {@link isMarked} needs. */
export const markedBytes = headerBytes + chunk.length;

/** The PNG with the mark of a grid, or of a single image; its pixels are unchanged. */
export function marked(png: Uint8Array, { isSingle = false } = {}): Uint8Array {
  const mark = isSingle ? singleChunk : chunk;
  return Buffer.concat([png.subarray(0, headerBytes), mark, png.subarray(headerBytes)]);
}

/** True for a PNG with either mark. */
export function isOwnPng(bytes: Uint8Array): boolean {
  return isMarked(bytes) || singleChunk.equals(bytes.subarray(headerBytes, headerBytes + singleChunk.length));
}

/** True if a file that starts with `bytes` is a PNG with the mark of a grid. */
export function isMarked(bytes: Uint8Array): boolean {
  return chunk.equals(bytes.subarray(headerBytes, markedBytes));
}

function textChunk(text: string): Buffer {
  const content = Buffer.from(`tEXt${text}`, 'latin1');
  const bytes = Buffer.alloc(8 + content.length);
  bytes.writeUInt32BE(text.length, 0);
  bytes.set(content, 4);
  bytes.writeUInt32BE(crc32(content), 4 + content.length);
  return bytes;
}

/** PNG's checksum. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
