// A symbolic batch: recorded at two sizes, lowered once, run at others; and functions that cannot have one.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import { lower } from '../../../trainer/graph/lower/lower.ts';
import { normaliseWith } from '../../../trainer/networks/batch-norm.ts';
import { generate, generatorParameters } from '../../../trainer/networks/generator.ts';
import { initialise, type Normalise } from '../../../trainer/networks/network.ts';
import type { Graph, HostTensor, TensorSpec } from '../../../trainer/graph/trace/graph.ts';
import { record } from '../trace/checked-record.ts';
import { replay } from '../../../trainer/graph/trace/replay.ts';
import { shaped, smallConfig } from '../../shared/small-config.ts';
import { assertSameTensor } from './compare.ts';
import { Draw } from './kernel-cases/kernel-case.ts';
import { runModel } from './run-graph.ts';

await tf.setBackend('cpu');

type Inputs = (batch: number) => Record<string, TensorSpec>;
type Fn = (tensors: Record<string, tf.Tensor>, batch: number) => tf.Tensor;

const graphAt = (fn: Fn, inputs: Inputs, batch: number): Graph =>
  record((tensors) => ({ y: fn(tensors, batch) }), inputs(batch));

/** The function lowered once, with the batch as a symbol. */
const lowered = (fn: Fn, inputs: Inputs, weights: Record<string, HostTensor> = {}): Uint8Array =>
  lower(graphAt(fn, inputs, 5), {
    batch: { batch: 5, otherBatch: 7, otherGraph: graphAt(fn, inputs, 7) },
    weights,
  });

/** Runs the one model at several batch sizes, each against a replay recorded for it. */
async function checkSizes(fn: Fn, inputs: Inputs, weights: Record<string, HostTensor> = {}): Promise<void> {
  const model = lowered(fn, inputs, weights);
  const draw = new Draw(1);
  for (const batch of [1, 3, 7, 16]) {
    const given = { ...weights };
    for (const [name, { shape }] of Object.entries(inputs(batch))) given[name] ??= draw.floats(shape);
    const expected = await replay(graphAt(fn, inputs, batch), given);
    assertSameTensor((await runModel(model, given))['y']!, expected['y']!, `batch ${batch}`);
  }
}

const images: Inputs = (batch) => ({ x: { shape: [batch, 4, 4, 3], dtype: 'float32' } });

const symbolic = suite('a symbolic batch');

for (const upsampling of ['transposed', 'nearest'] as const) {
  for (const head of ['convolutional', 'dense'] as const) {
    symbolic(`DCGAN's generator, ${upsampling}, ${head}, runs at any batch size`, async () => {
      const config = shaped({ ...smallConfig, upsampling, head });
      const specs = generatorParameters(config);
      const weights = initialise(specs, new Random(3));
      // Fixed statistics, as an exported generator has them.
      const normalise: Normalise<tf.Tensor> = (_, x, scale, offset) => {
        const channels = x.shape.at(-1)!;
        return normaliseWith(x, tf.fill([channels], 0.01), tf.fill([channels], 0.02), scale, offset);
      };
      await checkSizes(
        ({ z, ...parameters }) => generate(config, parameters, z!, normalise),
        (batch) => ({
          z: { shape: [batch, config.latent], dtype: 'float32' },
          ...Object.fromEntries(
            Object.entries(specs).map(([name, { shape }]) => [name, { shape, dtype: 'float32' }]),
          ),
        }),
        weights,
      );
    });
  }
}

symbolic('a constant input repeated for each image runs at any batch size', async () => {
  const inputs: Inputs = (batch) => ({
    z: { shape: [batch, 3], dtype: 'float32' },
    constant: { shape: [1, 2, 2, 3], dtype: 'float32' },
  });
  await checkSizes(
    ({ z, constant }, batch) =>
      tf.mul(tf.tile(constant!, [batch, 1, 1, 1]), tf.reshape(z!, [batch, 1, 1, 3])),
    inputs,
  );
});

symbolic(
  'literals of one number, instance norm, a gather, softmax and pooling run at any batch size',
  async () => {
    await checkSizes(({ x }, batch) => {
      const { mean, variance } = tf.moments(x!, [1, 2], true);
      const normed = tf.div(tf.sub(x!, mean), tf.sqrt(tf.add(variance, 1e-5)));
      const padded = tf.concat([normed, tf.ones([batch, 4, 4, 1]), tf.fill([batch, 4, 4, 2], 0.5)], 3);
      const pooled = tf.avgPool(padded as tf.Tensor4D, 2, 2, 'valid'); // [b, 2, 2, 6]
      const flat = tf.reshape(pooled, [batch, 24]);
      return tf.softmax(tf.gather(flat, tf.tensor1d([0, 5, 23, 5], 'int32'), 1));
    }, images);
  },
);

symbolic('a gradient in the inputs runs at any batch size', async () => {
  await checkSizes(({ x }) => {
    const kernel = tf.reshape(tf.linspace(-1, 1, 4 * 4 * 3 * 2), [4, 4, 3, 2]) as tf.Tensor4D;
    const score = (t: tf.Tensor): tf.Tensor =>
      tf.sum(tf.softplus(tf.conv2d(t as tf.Tensor4D, kernel, 2, 'same')));
    return tf.grad(score)(x!);
  }, images);
});

symbolic('the batch may be a factor of an axis', async () => {
  await checkSizes(({ x }, batch) => tf.reshape(tf.sum(x!, 3), [batch * 4, 4]), images);
});

symbolic('names the axis n, or so many times n', () => {
  const text = new TextDecoder('latin1').decode(
    lowered(({ x }, batch) => tf.reshape(x!, [batch * 4, 12]), images),
  );
  assert.match(text, /4n/);
});

const refused = suite('a symbolic batch is refused');
const refuses = (fn: Fn, message: RegExp): void => assert.throws(() => lowered(fn, images), message);

refused('where the number of kernels depends on it', () => {
  refuses(
    ({ x }, batch) => (batch > 5 ? tf.exp(tf.sin(x!)) : tf.exp(x!)),
    /changes with the batch size: 1 kernels for 5, 2 for 7/,
  );
});

refused('where another kernel is called', () => {
  refuses(({ x }, batch) => (batch > 5 ? tf.exp(x!) : tf.sin(x!)), /kernel 0 is Sin .* for 5, Exp .* for 7/);
});

refused('where an attribute or a literal depends on it', () => {
  refuses(
    ({ x }, batch) => tf.leakyRelu(x!, 1 / batch),
    /kernel 0 is LeakyRelu .* for 5, LeakyRelu .* for 7/,
  );
  refuses(({ x }, batch) => tf.mul(x!, 1 / batch), /literal 1 is 0.2\d* for 5, 0.14\d* for 7/);
  refuses(({ x }, batch) => tf.mul(x!, tf.tensor1d([1, 2, batch])), /literal 1 is .* for 5, .* for 7/);
});

refused("where a literal of the batch's size has several values", () => {
  refuses(({ x }, batch) => tf.mul(x!, tf.reshape(tf.range(0, batch), [batch, 1, 1, 1])), /literal 1 is/);
});

refused('where an axis grows otherwise than in proportion', () => {
  refuses(
    ({ x }, batch) => tf.concat([tf.sum(x!, [1, 2, 3]), tf.ones([batch + 1])], 0),
    /axis 0 of value \d+ is/,
  );
});

refused('where the batch is cut', () => {
  refuses(({ x }) => tf.slice(x!, [0, 0, 0, 0], [3, -1, -1, -1]), /a slice of the batch cannot be lowered/);
  refuses(({ x }) => tf.slice(x!, [0, 0, 0, 0], [5, 2, -1, -1]), /a slice of the batch cannot be lowered/);
  refuses(
    ({ x }, batch) => tf.split(tf.concat([x!, x!]), [batch, batch])[0]!,
    /kernel 1 is SplitV|a split of the batch/,
  );
});

symbolic.run();
refused.run();
