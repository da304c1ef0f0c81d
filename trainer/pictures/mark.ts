// The marks of this program's output. In PNGs it is a text chunk right after the header: `Software` = `dcgan` for grids of many images,
// which are never data; `dcgan 1` for single images, which may be.
import { crc32 } from '../../runtime-web/format/crc32.ts';

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

/** The comment of this program's zips of images. */
export const ownZipComment = 'dcgan';

/** True for a zip whose last bytes are `bytes` if its comment is {@link ownZipComment}. */
export function isOwnZip(bytes: Uint8Array): boolean {
  const end = Buffer.from(`\x05\0${ownZipComment}`, 'latin1');
  return end.equals(bytes.subarray(-end.length));
}

function textChunk(text: string): Buffer {
  const content = Buffer.from(`tEXt${text}`, 'latin1');
  const bytes = Buffer.alloc(8 + content.length);
  bytes.writeUInt32BE(text.length, 0);
  bytes.set(content, 4);
  bytes.writeUInt32BE(crc32(content), 4 + content.length);
  return bytes;
}
