// Finds the block size of ONNX Runtime's blocked convolutions (NCHWc) on this processor: 16 channels with AVX-512, 8 with AVX2, and
// none on some processors. The blocked operators are not part of ONNX, so each size is tested on a small convolution and used
// only if its result is correct.
import * as tf from '@tensorflow/tfjs-core';
import { identityLayout } from '../graph/lower/layout.ts';
import { lower } from '../graph/lower/lower.ts';
import { record } from '../graph/trace/record.ts';
import { openSession, toOrt } from './onnx-session.ts';
import { held } from '../held.ts';
import { sizeOf } from '../graph/trace/graph.ts';

/** Block sizes of ONNX Runtime in channels, the preferred one first. */
const sizes = [16, 8] as const;

let found: Promise<number | null> | undefined;

/** Channels per block on this processor; null if it has no blocked convolutions. The test runs once per process. */
export function findBlockSize(): Promise<number | null> {
  found ??= (async () => {
    for (const size of sizes) if (await convolvesInBlocks(size)) return size;
    return null;
  })();
  return found;
}

/** True if a convolution in blocks of `size` channels equals the plain one within 1e-4. */
async function convolvesInBlocks(size: number): Promise<boolean> {
  const channels = 2 * size;
  const x = testTensor([1, 4, 4, channels]);
  const filter = testTensor([3, 3, channels, channels]);
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

/** A tensor of numbers in [-0.5, 0.5] in which neighbours differ. */
function testTensor(shape: readonly number[]) {
  const size = sizeOf(shape);
  const data = Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 1013) / 1012 - 0.5);
  return { shape, dtype: 'float32' as const, data };
}
