// Learned weights of a network's layers (the linear heads of LPIPS): a JSON list with a list for each layer, one number per channel.
import { isListOf, isNumber } from '../../runtime-web/format/fields.ts';
import { ModelFormatError } from '../../runtime-web/format/model-format-error.ts';
import { UserError } from '../errors.ts';
import { maxTextBytes, readRegular } from '../files/regular-file.ts';

/**
 * Reads the weights of `layers` layers from the file at `path`. Throws UserError for an invalid file or negative weights.
 */
export async function parseLayerWeights(
  path: string,
  layers: number,
): Promise<readonly (readonly number[])[]> {
  const text = await readRegular(path, maxTextBytes).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      `--layer-weights ${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
    );
  });
  try {
    const json: unknown = JSON.parse(text.toString());
    const lists = Array.isArray(json) ? json : Object.values(json as Record<string, unknown>);
    const weights = isListOf(isListOf(isNumber(0), 1))(lists, { file: path, path: '', isLenient: false });
    if (weights.length === layers) return weights;
    throw new UserError(
      `--layer-weights ${path}: got ${weights.length} lists, expected one for each of the network's ${layers} layers`,
    );
  } catch (error) {
    if (error instanceof ModelFormatError) throw new UserError(`--layer-weights ${error.message}`);
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw new UserError(`--layer-weights ${path}: not a JSON list of lists of numbers`);
    }
    throw error;
  }
}
