// A peer in the page: the same generator (64x64x3, batch norm folded) in tfjs's wasm backend. Its weights are random, which does
// not affect the time. Bundled by `npm run bench -- web`.
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

/** Images per second in batches of `batch`, measured over `ms` milliseconds. */
export async function tfjsRate(
  wasmFolder: string,
  shape: {
    readonly latent: number;
    readonly widths: readonly number[];
    readonly channels: number;
    readonly kernel: number;
  },
  batch: number,
  ms: number,
): Promise<number> {
  setWasmPaths(wasmFolder);
  await tf.setBackend('wasm');
  const { latent, widths, channels, kernel } = shape;
  const noise = (dims: number[]): tf.Tensor => tf.randomNormal(dims, 0, 0.02);
  const project = noise([latent, 16 * widths[0]!]);
  const kernels = widths.map((from, i) => noise([kernel, kernel, widths[i + 1] ?? channels, from]));
  const biases = [...widths, channels].map((width) => noise([width]));
  const draw = (): Promise<Float32Array> => {
    const images = tf.tidy(() => {
      const z = tf.randomNormal([batch, latent]) as tf.Tensor2D;
      let x = tf.relu(
        tf.add(tf.reshape(tf.matMul(z, project as tf.Tensor2D), [batch, 4, 4, widths[0]!]), biases[0]!),
      );
      kernels.forEach((filter, i) => {
        const size = 8 * 2 ** i;
        const to = widths[i + 1] ?? channels;
        const y = tf.add(
          tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [batch, size, size, to], 2, 'same'),
          biases[i + 1]!,
        );
        x = i === kernels.length - 1 ? tf.tanh(y) : tf.relu(y);
      });
      return x;
    });
    return images.data<'float32'>().finally(() => images.dispose());
  };
  await draw();
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < ms) {
    await draw();
    count += batch;
  }
  return (count * 1000) / (performance.now() - started);
}
