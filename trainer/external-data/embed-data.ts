// Puts the weights that an ONNX file keeps in files beside it into its own bytes.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PlaceError, weightFiles, withWeights } from '../../runtime-web/format/external-weights.ts';
import type { ModelFile } from '../../runtime-web/format/model.ts';
import { maxNetworkBytes, readRegular } from '../files/regular-file.ts';

/** A network that needs no other file. */
export interface EmbeddedNetwork {
  readonly bytes: Uint8Array;
  /** The files that were put into it; empty if it was whole. */
  readonly dataFiles: readonly ModelFile[];
}

/** Reads a file beside the network by its plain name, of at most `maxBytes`. */
export type ReadBeside = (name: string, maxBytes: number) => Promise<Uint8Array>;

/** Reads the files beside the one at `path`. Its PlaceErrors have reasons as messages. */
export const besidePath =
  (path: string): ReadBeside =>
  (name, maxBytes) =>
    readRegular(join(dirname(path), name), maxBytes).catch((error: NodeJS.ErrnoException) => {
      throw new PlaceError(
        error.code === 'ENOENT'
          ? `its weights are in '${name}', which is not beside it; put that file into the same folder`
          : `its weights in '${name}' cannot be read: ${error.message}`,
      );
    });

/**
 * Puts the weights of an ONNX file that are in other files into its bytes. Throws PlaceError, whose message is a reason without the file's
 * name, if they are not in plain files, or not as long as the network says; what `read` throws. Bytes that are no ONNX are returned as they are.
 */
export async function embedData(bytes: Uint8Array, read: ReadBeside): Promise<EmbeddedNetwork> {
  const names = filesBeside(bytes);
  const data = new Map<string, Uint8Array>();
  let left = maxNetworkBytes - bytes.length;
  for (const name of names) {
    const content = await read(name, left);
    left -= content.length;
    data.set(name, content);
  }
  return {
    bytes: names.length === 0 ? bytes : withWeights(bytes, data),
    dataFiles: [...data].map(([file, content]) => ({
      file,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
  };
}

/** The bytes of the ONNX file at `path` with all of its weights. Throws as {@link embedData} does; file-system errors are rethrown. */
export async function readWhole(path: string): Promise<Uint8Array> {
  return (await embedData(await readFile(path), besidePath(path))).bytes;
}

/** The names of the files that hold weights of an ONNX file; none for bytes that are no ONNX. Throws PlaceError as {@link embedData} does. */
export function filesBeside(bytes: Uint8Array): readonly string[] {
  try {
    return weightFiles(bytes);
  } catch (error) {
    if (error instanceof PlaceError) throw error;
    return [];
  }
}
