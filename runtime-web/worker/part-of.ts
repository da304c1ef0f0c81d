// The files that few pages load, with the weights that they share with other files of their package; loaded with them.
import { ModelLoadError } from '../errors.ts';
import { weightFiles, withWeights } from '../format/external-weights.ts';
import type { Model } from '../format/model.ts';
import type { LoadRequest } from '../protocol.ts';
import { fetchFile } from './fetch-file.ts';
import { shapesOf } from './file-shapes.ts';
import type { OpenOptions } from './loaded-model.ts';

/**
 * The shapes of a file, and its bytes with all weights. Throws ModelLoadError for weights that are in no file of the package, and as
 * fetchFile does.
 */
export async function partOf(
  model: Model,
  { role, url }: Pick<LoadRequest, 'role' | 'url'>,
  data: ArrayBuffer,
): Promise<Pick<OpenOptions, 'shapes' | 'file'>> {
  const shapes = shapesOf(model, role);
  const network = new Uint8Array(data);
  const files = new Map<string, Uint8Array>();
  try {
    for (const name of weightFiles(network)) {
      const found = Object.values(model.files).find(({ file }) => file === name);
      if (found === undefined)
        throw new RangeError(`its weights are in '${name}', which is no file of the model`);
      const { data: content } = await fetchFile({ ...found, url: new URL(name, url).href }, () => undefined);
      files.set(name, new Uint8Array(content));
    }
    return { shapes, file: files.size === 0 ? data : withWeights(network, files).buffer };
  } catch (error) {
    if (error instanceof ModelLoadError) throw error;
    throw new ModelLoadError(`${role} of ${url}: ${(error as Error).message}; export the model again`);
  }
}
