// Generates images with truncated styles from a style-based generator's mapping and synthesis files, with onnxruntime-node.
import { join } from 'node:path';
import { conditionColumns, conditionFor, conditionName } from '../../runtime-web/format/condition.ts';
import { truncate } from '../../runtime-web/format/truncate.ts';
import { UserError } from '../errors.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { DrawWanted } from './draw-latents.ts';
import { openNativeSession } from './native-session.ts';
import type { ModelPackage } from './read-package.ts';
import { held } from '../held.ts';

/**
 * The images [1, size, size, channels] of latents [dim], in order, with each style's distance from the mean style multiplied by
 * `truncation` (Karras 2018, appendix B). Throws UserError for a package that cannot be run; the signal's reason when aborted.
 */
export async function* drawTruncated(
  opened: ModelPackage,
  latents: Iterable<Float32Array>,
  truncation: number,
  signal: AbortSignal,
  { conditionIndices = [], ...wanted }: DrawWanted = {},
): AsyncGenerator<HostTensor> {
  const { model } = opened;
  const { styles, conditioning, width, height, channels } = model;
  if (styles === null) throw new RangeError('the model has no styles');
  await using mapping = held(await openHalf(opened, 'mapping'));
  await using synthesis = held(await openHalf(opened, 'synthesis'));
  let drawn = 0;
  for (const z of latents) {
    signal.throwIfAborted();
    const inputs: Record<string, HostTensor> = { z: floats([1, z.length], z) };
    const condition = conditionFor(model, wanted, [conditionIndices[drawn++] ?? 0]);
    if (conditioning !== null && condition !== null) {
      inputs[conditionName(conditioning)] = floats([1, conditionColumns(conditioning)], condition);
    }
    const w = await mapping.run(inputs, 'w', [1, styles.dim]);
    const truncated = Float32Array.from(w.data);
    truncate(truncated, truncation, styles.mean);
    const each = new Float32Array(styles.layers.length * styles.dim);
    for (let i = 0; i < styles.layers.length; i++) each.set(truncated, i * styles.dim);
    const given = { styles: floats([1, styles.layers.length, styles.dim], each) };
    yield await synthesis.run(given, 'images', [1, height, width, channels]);
  }
}

/** Opens one of the two files; release it after use. Throws UserError for a file that ONNX Runtime cannot run. */
async function openHalf({ folder, model, readFile }: ModelPackage, role: 'mapping' | 'synthesis') {
  const bytes = await readFile(role);
  const place = join(folder, model.files[role]!.file);
  const refuse = (error: Error): never => {
    throw new UserError(`${place}: cannot be run: ${error.message.split('\n')[0]}`);
  };
  const session = await openNativeSession(bytes).catch(refuse);
  return {
    async run(inputs: NamedHostTensors, output: string, shape: readonly number[]) {
      const found = (await session.run(inputs).catch(refuse))[output];
      if (found?.dtype !== 'float32' || found.shape.join() !== shape.join()) {
        throw new UserError(
          `${place}: gives [${found?.shape.join() ?? 'nothing'}], expected [${shape}] by its model.json`,
        );
      }
      return found;
    },
    release: () => session.release(),
  };
}

function floats(shape: readonly number[], data: Float32Array): HostTensor {
  return { shape, dtype: 'float32', data };
}
