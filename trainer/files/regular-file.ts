// Opens files that others made: regular files only, because a pipe would wait for ever and a device would never end. Their size is
// compared with the most that is expected before memory is taken for it.
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** Thrown for something that is not a regular file, or larger than expected; the message is a reason without the path. */
export class IrregularFileError extends Error {
  override readonly name = 'IrregularFileError';
}

/**
 * Opens a regular file, or a link to one, for reading; never waits. Throws IrregularFileError for pipes, devices, sockets and folders;
 * file-system errors are rethrown.
 */
export async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const facts = await file.stat();
    if (facts.isFile()) return file;
    throw new IrregularFileError(
      facts.isDirectory() ? 'a folder, not a file' : 'a pipe or a device, expected a regular file',
    );
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * The bytes of a regular file. Throws IrregularFileError for anything else and, before reading, for more than `maxBytes`; file-system
 * errors are rethrown.
 */
export async function readRegular(path: string, maxBytes: number): Promise<Buffer> {
  await using file = await openRegular(path);
  const { size } = await file.stat();
  if (size > maxBytes) throw new IrregularFileError(`${size} bytes, expected at most ${maxBytes}`);
  const bytes = Buffer.alloc(size);
  let done = 0;
  while (done < size) {
    const { bytesRead } = await file.read(bytes, done, size - done, done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** Largest text file, such as model.json, that is read whole. */
export const maxTextBytes = 64 * 2 ** 20;
/** Largest ONNX file: protobuf ends there. */
export const maxNetworkBytes = 2 ** 31 - 1;
