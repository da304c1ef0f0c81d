// Weights in the safetensors format.
import { openRegular } from '../files/regular-file.ts';
import { readHeader, readTensor } from '../run/safetensors.ts';
import { UserError } from '../errors.ts';
import type { FileTensor, WeightFile } from './weight-file.ts';

/** Opens a file of safetensors. Throws CheckpointError if it is truncated or damaged. */
export async function openSafetensors(path: string): Promise<WeightFile> {
  const file = await openRegular(path);
  try {
    const { header } = await readHeader(file, path);
    const tensors = new Map<string, FileTensor>();
    for (const entry of header.tensors) {
      tensors.set(entry.name, {
        shape: entry.shape,
        async read() {
          const { dtype, data } = await readTensor(file, header, entry, path);
          if (dtype === 'float32') return data as Float32Array<ArrayBuffer>;
          throw new UserError(`${path}: ${entry.name} holds ${dtype}, expected floating-point numbers`);
        },
      });
    }
    return { format: 'safetensors', tensors, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}
