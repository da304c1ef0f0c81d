// Opens a zip and reads its entries without unpacking the rest. Suspicious archives are rejected entirely: path traversal, overlapping
// entries, zip bombs with true or false sizes in the directory.
import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { fromRandomAccessReaderPromise } from 'yauzl';
import { UserError } from '../errors.ts';
import { openRegular } from '../files/regular-file.ts';
import { reasonOf } from './file-access.ts';
import { ZipReader } from './zip-reader.ts';

/** An open zip. Close `zip` after use. */
export interface ZipArchive {
  readonly zip: ZipFile;
  readonly reader: ZipReader;
  /** The beginning of messages: `data photos.zip`. */
  readonly where: string;
}

/** Thrown for an entry that cannot be unpacked; the message is a reason without file names. */
export class BadEntryError extends Error {
  override readonly name = 'BadEntryError';
}

/** Maximum compression ratio: images and weights hardly compress, so a large entry beyond it is a zip bomb. */
const maxRatio = 200;
/** Minimum uncompressed size in bytes for the check of the ratio. */
const ratioCheckedAbove = 16 * 2 ** 20;

/** Opens the zip at `path`. Throws UserError if it cannot be opened, or is truncated or no zip. */
export async function openArchive(path: string, where: string): Promise<ZipArchive> {
  const handle = await openRegular(path).catch((error: unknown) => {
    throw new UserError(`${where}: cannot be opened (${reasonOf(error)})`);
  });
  try {
    const { size } = await handle.stat();
    const reader = new ZipReader(handle, size);
    const zip = await fromRandomAccessReaderPromise(reader, size, { lazyEntries: true, autoClose: false });
    return { zip, reader, where };
  } catch (error) {
    await handle.close();
    throw new UserError(`${where}: not a whole zip file (${reasonOf(error)}); download or copy it again`);
  }
}

/** Calls `see` with each entry. Throws UserError for a damaged directory, paths out of the archive, and overlapping entries. */
export async function eachEntry(
  { zip, where }: ZipArchive,
  see: (entry: Entry) => void,
  signal?: AbortSignal,
): Promise<void> {
  let packedBytes = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted();
      packedBytes += entry.compressedSize;
      see(entry);
    }
  } catch (error) {
    if (error instanceof UserError || signal?.aborted === true) throw error;
    const message = reasonOf(error);
    throw new UserError(
      /relative path|absolute path|characters in fileName/.test(message)
        ? `${where}: refused, an entry points outside of the archive (${message})`
        : `${where}: the zip's directory is damaged (${message}); download or copy it again`,
    );
  }
  if (packedBytes > zip.fileSize) {
    throw new UserError(`${where}: refused, its entries overlap, as in a zip bomb`);
  }
}

/** An entry's name. Archives made on a Mac have UTF-8 names without the flag that says so, which yauzl takes for code page 437. */
export function nameOf({ fileName, fileNameRaw }: Entry): string {
  if (!fileNameRaw.some((byte) => byte >= 0x80) || !isUtf8(fileNameRaw)) return fileName;
  return fileNameRaw.toString('utf8').replaceAll('\\', '/');
}

/** Throws UserError for an entry that is larger than `maxBytes`, or declares to unpack as a zip bomb does. */
export function checkSize(entry: Entry, where: string, maxBytes: number): void {
  const { uncompressedSize: bytes, compressedSize: packed } = entry;
  if (bytes > maxBytes || (bytes > ratioCheckedAbove && bytes > packed * maxRatio)) {
    throw new UserError(
      `${where}: refused, '${nameOf(entry)}' would unpack from ${packed} to ${bytes} bytes, as in a zip bomb`,
    );
  }
}

const inflate = promisify(inflateRaw);

/**
 * The bytes of a checked entry. Throws BadEntryError if they are damaged or their compression is unknown, UserError if they are more
 * than the entry declares.
 */
export async function readEntry({ zip, reader, where }: ZipArchive, entry: Entry): Promise<Uint8Array> {
  const { compressionMethod, compressedSize, uncompressedSize } = entry;
  if (compressionMethod !== 0 && compressionMethod !== 8) {
    throw new BadEntryError(`unsupported compression method ${compressionMethod}`);
  }
  try {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const packed = await reader.bytes(fileDataStart, compressedSize);
    const bytes =
      compressionMethod === 0 ? packed : await inflate(packed, { maxOutputLength: uncompressedSize });
    if (bytes.length < uncompressedSize) throw new BadEntryError('shorter than the zip says');
    return bytes;
  } catch (error) {
    if (error instanceof BadEntryError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new UserError(
        `${where}: refused, '${nameOf(entry)}' unpacks to more than the ${uncompressedSize} bytes it declares, as in a zip bomb`,
      );
    }
    throw new BadEntryError(reasonOf(error));
  }
}
