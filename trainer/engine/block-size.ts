// How many channels ONNX Runtime's blocked convolutions take together on this processor: 16 with AVX-512, 8 with
// AVX2, and on some processors there are none. Its operators on blocks are not part of ONNX, so nothing is assumed:
// each size is tried on a small convolution, and one that does not give the right numbers is not used.
import * as tf from '@tensorflow/tfjs-core';
import { identityLayout } from '../graph/lower/layout.ts';
import { lower } from '../graph/lower/lower.ts';
import { record } from '../graph/trace/record.ts';
import { openSession, toOrt } from './onnx-session.ts';
import { held } from '../held.ts';
import { sizeOf } from '../graph/trace/graph.ts';

/** Sizes that ONNX Runtime knows. */
const sizes = [16, 8] as const;

let found: Promise<number | null> | undefined;

/** Channels in a block on this processor, or null where convolutions have to be plain. */
export function findBlockSize(): Promise<number | null> {
  found ??= (async () => {
    for (const size of sizes) if (await convolvesInBlocks(size)) return size;
    return null;
  })();
  return found;
}

/** Whether a convolution of blocks of `size` gives what the plain one gives. */
async function convolvesInBlocks(size: number): Promise<boolean> {
  const channels = 2 * size;
  const x = spread([1, 4, 4, channels]);
  const filter = spread([3, 3, channels, channels]);
  const graph = record(
    (given) => ({ y: tf.conv2d(given['x'] as tf.Tensor4D, given['filter'] as tf.Tensor4D, 1, 'same') }),
    { x, filter },
  );
  const run = async (block: number | null): Promise<Float32Array> => {
    await using session = held(await openSession(lower(graph, { block }), { provider: 'cpu', threads: 1 }));
    const outputs = await session.run({
      x: toOrt(x, identityLayout(4)),
      filter: toOrt(filter, identityLayout(4)),
    });
    return outputs['y']!.data as Float32Array;
  };
  const expected = await run(null);
  try {
    const got = await run(size);
    return expected.every((value, i) => Math.abs(value - got[i]!) < 1e-4);
  } catch {
    return false;
  }
}

/** Numbers in [-0.5, 0.5], no two neighbours alike. */
function spread(shape: readonly number[]) {
  const size = sizeOf(shape);
  const data = Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 1013) / 1012 - 0.5);
  return { shape, dtype: 'float32' as const, data };
}
