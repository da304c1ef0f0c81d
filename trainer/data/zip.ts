// Reads images from a zip without unpacking it. Suspicious archives are rejected entirely: path traversal, overlapping entries,
// zip bombs with true or false sizes in the directory.
import { isUtf8 } from 'node:buffer';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { fromRandomAccessReaderPromise } from 'yauzl';
import { UserError } from '../errors.ts';
import { openRegular } from '../files/regular-file.ts';
import type { EncodedImage } from './encoded-images.ts';
import { sourceImage, typicalImage } from './encoded-images.ts';
import { fingerprintOfContent } from './fingerprint.ts';
import { noImages } from './folder.ts';
import { reasonOf } from './file-access.ts';
import { folderLayout, isHidden } from './folder-layout.ts';
import { isImageName, maxImageBytes } from './image-file.ts';
import { slug } from './source-name.ts';
import type { ImageSource } from './source.ts';
import { BadImageError } from './source.ts';
import { formatsNotRead } from './unread-formats.ts';
import { ZipReader } from './zip-reader.ts';

/** Maximum compression ratio: images hardly compress, so a large entry beyond it is a zip bomb. */
const maxRatio = 200;
/** Minimum uncompressed size in bytes for the check of the ratio. */
const ratioCheckedAbove = 16 * 2 ** 20;

/**
 * Opens a zip of images. `inside` is a folder of the archive to use, '' for all.
 * Throws UserError for an archive that is truncated, not a zip, unsafe, encrypted, or without images.
 */
export async function openZip(path: string, inside: string, signal?: AbortSignal): Promise<ImageSource> {
  const where = `data ${path}`;
  const { zip, reader } = await openArchive(path);
  try {
    const { entries, others } = await listEntries(zip, where, inside, signal);
    if (entries.size === 0) throw new UserError(noImages(where + (inside && `/${inside}`), others));
    const layout = folderLayout([...entries.keys()]);
    const file = (index: number): EncodedImage => {
      const name = layout.paths[index]!;
      return {
        name,
        label: layout.labels?.[index] ?? -1,
        attributes: null,
        read: () => readEntry(zip, reader, entries.get(name)!, where),
      };
    };
    const count = layout.paths.length;
    return {
      kind: 'zip',
      name: slug(path.replace(/^.*[\\/]/, '').replace(/\.zip$/i, '') + (inside && `-${inside}`)),
      count,
      ...(await typicalImage(count, file, signal)),
      classNames: layout.classNames,
      attributes: null,
      notRead: formatsNotRead(entries.size, others),
      fingerprint: `${await fingerprintOfContent([path], signal)}${inside}`,
      async *images(signal) {
        for (let i = 0; i < count; i++) {
          signal?.throwIfAborted();
          yield sourceImage(file(i));
        }
      },
      close: async () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function openArchive(path: string): Promise<{ zip: ZipFile; reader: ZipReader }> {
  const handle = await openRegular(path).catch((error: unknown) => {
    throw new UserError(`data ${path}: cannot be opened (${reasonOf(error)})`);
  });
  try {
    const { size } = await handle.stat();
    const reader = new ZipReader(handle, size);
    const zip = await fromRandomAccessReaderPromise(reader, size, { lazyEntries: true, autoClose: false });
    return { zip, reader };
  } catch (error) {
    await handle.close();
    throw new UserError(`data ${path}: not a whole zip file (${reasonOf(error)}); download or copy it again`);
  }
}

/** Lists and checks the images below `inside`, by name relative to it, and counts the other files by extension. */
async function listEntries(
  zip: ZipFile,
  where: string,
  inside: string,
  signal?: AbortSignal,
): Promise<{ entries: Map<string, Entry>; others: Map<string, number> }> {
  const wanted = inside.normalize('NFC').replace(/\/+$/, '');
  const depth = wanted === '' ? 0 : wanted.split('/').length;
  const entries = new Map<string, Entry>();
  const others = new Map<string, number>();
  let packedBytes = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted();
      const name = nameOf(entry);
      const parts = name.split('/');
      packedBytes += entry.compressedSize;
      if (name.endsWith('/') || parts.slice(0, depth).join('/').normalize('NFC') !== wanted || isHidden(name))
        continue;
      if (!isImageName(name)) {
        const ending = extname(name).toLowerCase();
        others.set(ending, (others.get(ending) ?? 0) + 1);
        continue;
      }
      checkEntry(entry, where);
      entries.set(parts.slice(depth).join('/'), entry);
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
  return { entries, others };
}

/** An entry's name. Archives made on a Mac have UTF-8 names without the flag that says so, which yauzl takes for code page 437. */
function nameOf({ fileName, fileNameRaw }: Entry): string {
  if (!fileNameRaw.some((byte) => byte >= 0x80) || !isUtf8(fileNameRaw)) return fileName;
  return fileNameRaw.toString('utf8').replaceAll('\\', '/');
}

function checkEntry(entry: Entry, where: string): void {
  const { uncompressedSize: bytes, compressedSize: packed } = entry;
  const fileName = nameOf(entry);
  if (entry.isEncrypted()) {
    throw new UserError(`${where}: '${fileName}' is encrypted; unpack the archive and give the folder`);
  }
  if (bytes > maxImageBytes || (bytes > ratioCheckedAbove && bytes > packed * maxRatio)) {
    throw new UserError(
      `${where}: refused, '${fileName}' would unpack from ${packed} to ${bytes} bytes, as in a zip bomb`,
    );
  }
}

const inflate = promisify(inflateRaw);

async function readEntry(zip: ZipFile, reader: ZipReader, entry: Entry, where: string): Promise<Uint8Array> {
  const { compressionMethod, compressedSize, uncompressedSize } = entry;
  if (compressionMethod !== 0 && compressionMethod !== 8) {
    throw new BadImageError(`unsupported compression method ${compressionMethod}`);
  }
  if (uncompressedSize === 0) throw new BadImageError('empty file');
  try {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const packed = await reader.bytes(fileDataStart, compressedSize);
    const bytes =
      compressionMethod === 0 ? packed : await inflate(packed, { maxOutputLength: uncompressedSize });
    if (bytes.length < uncompressedSize) throw new BadImageError('shorter than the zip says');
    return bytes;
  } catch (error) {
    if (error instanceof BadImageError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new UserError(
        `${where}: refused, '${nameOf(entry)}' unpacks to more than the ${uncompressedSize} bytes it declares, as in a zip bomb`,
      );
    }
    throw new BadImageError(reasonOf(error));
  }
}
