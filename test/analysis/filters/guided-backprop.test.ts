// Guided backpropagation against PyTorch with hooks, receptive fields against gradients, and the search for the strongest.
import { square } from '../../../runtime-web/format/image-shape.ts';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { guidedLeakyRelu, openLayerProbe } from '../../../trainer/analysis/filters/guided-backprop.ts';
import { spanThrough } from '../../../trainer/networks/receptive-field.ts';
import { insideOf } from '../../../trainer/training/architectures/table.ts';
import { planTraining } from '../../../trainer/training/plan.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../../trainer/config/fields.ts';
import type { Dataset } from '../../../trainer/data/dataset.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { foldDiscriminator } from '../../../trainer/frozen/fold.ts';
import { defaultEpsilon } from '../../../trainer/networks/batch-norm.ts';
import type { FrozenDiscriminator } from '../../../trainer/frozen/frozen-networks.ts';
import type { HostTensor } from '../../../trainer/graph/trace/graph.ts';
import { record } from '../../graph/trace/checked-record.ts';
import { replay } from '../../../trainer/graph/trace/replay.ts';
import { valueAndGradients } from '../../../trainer/graph/trace/value-and-gradients.ts';
import { assertClose } from '../../shared/closeness.ts';
import { runLowered } from '../../graph/lower/run-graph.ts';
import { shaped, smallConfig } from '../../shared/small-config.ts';
import { noSurvey } from '../../data/no-survey.ts';

const test = suite('guided backpropagation');
const { signal } = new AbortController();
const config: TrainConfig = { ...smallConfig, channels: 1, kernel: 5 };

/** sin(a i) as a tensor, times `factor`. */
function wave(shape: readonly number[], a: number, factor = 1): HostTensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from({ length: size }, (_, i) => factor * Math.sin(a * i));
  return { shape, dtype: 'float32', data };
}

const constant = (shape: readonly number[], value: number): HostTensor => ({
  shape,
  dtype: 'float32',
  data: new Float32Array(shape.reduce((product, dim) => product * dim, 1)).fill(value),
});

/** A discriminator of two blocks whose batch norm adds a bias and does nothing else. */
function network(): FrozenDiscriminator {
  return foldDiscriminator(
    shaped(config),
    {
      'discriminator/block1/kernel': wave([5, 5, 1, 4], 1.3, 0.5),
      'discriminator/block1/bias': wave([4], 2.1, 0.1),
      'discriminator/block2/kernel': wave([5, 5, 4, 8], 0.71, 0.3),
      'discriminator/block2/scale': constant([8], 1),
      'discriminator/block2/offset': wave([8], 1.7, 0.1),
      'discriminator/logit/kernel': constant([4, 4, 8, 1], 0),
      'discriminator/logit/bias': constant([1], 0),
    },
    {
      'discriminator/block2/mean': constant([8], 0),
      'discriminator/block2/variance': constant([8], 1 - defaultEpsilon),
    },
  );
}

/** Data of these images, [16, 16, 1] each in [-1, 1], as bytes. */
function dataOf(images: readonly Float32Array[]): Dataset {
  const unused = (): never => {
    throw new Error('is not asked for');
  };
  return {
    kind: 'folder',
    name: 'waves',
    count: images.length,
    ...square(16),
    channels: 1,
    classNames: null,
    classCounts: null,
    attributes: null,
    attributeNames: null,
    naturalSize: null,
    examples: null,
    fingerprint: '',
    contentHash: '',
    notes: [],
    cachePath: '',
    survey: noSurvey,
    skipped: { count: 0, names: [] },
    readInto: async (indices, target) => {
      for (const [i, index] of Array.from(indices).entries()) {
        target.set(
          images[index]!.map((value) => (value + 1) * 127.5),
          i * 256,
        );
      }
    },
    readAttributes: unused,
    close: async () => {},
  };
}

test('the guided gradient of a leaky rectifier keeps its slope and drops what is negative', async () => {
  const x = { shape: [6], dtype: 'float32', data: Float32Array.of(-2, -1, 1, 2, 0, 3) } as const;
  const dy = { shape: [6], dtype: 'float32', data: Float32Array.of(1, -1, 1, -1, 5, 0) } as const;
  const graph = record(
    (given) => {
      const f = (): tf.Tensor => guidedLeakyRelu(given['x']!, 0.2);
      const { value, gradients } = valueAndGradients(f, [given['x']!], given['dy']!);
      return { value, gradient: gradients[0]! };
    },
    { x, dy },
  );
  await tf.setBackend('cpu');
  for (const run of [runLowered, replay]) {
    const { value, gradient } = await run(graph, { x, dy });
    assertClose(value!.data, [-0.4, -0.2, 1, 2, 0, 3], 1e-7, 'value');
    assertClose(gradient!.data, [0.2, 0, 1, 0, 1, 0], 1e-7, 'gradient');
  }
});

/**
 * PyTorch 2.8 in float64 (K = 5; wave(n, a) gives sin(a i); hwio() turns HWIO kernels to OIHW):
 *   net = Sequential(ZeroPad2d((1, 2, 1, 2)), Conv2d(1, 4, K, 2), LeakyReLU(0.2), ZeroPad2d((1, 2, 1, 2)), Conv2d(4, 8, K, 2), LeakyReLU(0.2))
 *   net[1]: hwio(wave(100, 1.3), (K, K, 1, 4)) * 0.5, wave(4, 2.1) * 0.1; net[4]: hwio(wave(800, 0.71), (K, K, 4, 8)) * 0.3, wave(8, 1.7) * 0.1
 *   for each LeakyReLU m: m.register_full_backward_hook(lambda m, gi, go: (gi[0].clamp(min=0),))
 *   x = wave(256, 0.37).reshape(1, 1, 16, 16).requires_grad_(); y = net(x); y[0, 3, r, c].backward(); g = x.grad[0, 0]
 *   print(y[0, 3, r, c], g.sum(), g.abs().sum(), g[row])
 */
const fromPytorch = [
  {
    unit: [1, 2],
    value: 3.918908936600295,
    sum: 2.0849440893100613,
    magnitude: 26.798514181487228,
    row: 8,
    numbers: [
      0, 0, 0, 0, 0, -0.252613, -0.280133, 0.023086, 0.307708, 0.267527, -0.043384, -0.144009, 0.261846,
      0.385197, 0.052604, -0.327216,
    ],
  },
  {
    unit: [3, 0],
    value: -0.41612258017971754,
    sum: -0.005127462280960643,
    magnitude: 1.4694623238042865,
    row: 12,
    numbers: [
      -0.00028, -0.011903, -0.008604, 0.05953, 0.058382, -0.004408, -0.057973, -0.043114, 0, 0, 0, 0, 0, 0, 0,
      0,
    ],
  },
] as const;

const image = wave([16, 16, 1], 0.37).data as Float32Array;

test('pictures of two units are those of PyTorch with hooks', async () => {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  const frozen = network();
  await engine.writeState(frozen.parameters);
  const spec = { shape: [1, 16, 16, 1], dtype: 'float32' } as const;
  for (const { unit, value, sum, magnitude, row, numbers } of fromPytorch) {
    const asked = await engine.compile(
      (state, { images }) => {
        const answer = (): tf.Tensor => {
          const seen = frozen.layers(state, images!, { rectify: guidedLeakyRelu });
          const layer = seen['discriminator/block2'] as tf.Tensor4D;
          return tf.reshape(tf.slice(layer, [0, ...unit, 3], [1, 1, 1, 1]), []);
        };
        const found = valueAndGradients(answer, [images!]);
        return { outputs: { value: found.value, guided: found.gradients[0]! } };
      },
      { images: spec },
    );
    const outputs = await asked.run({ images: { ...spec, data: image } });
    const guided = Array.from(outputs['guided']!.data);
    assertClose(outputs['value']!.data, [value], 1e-5, 'value');
    assertClose([guided.reduce((a, b) => a + b, 0)], [sum], 2e-3, 'sum');
    assertClose([guided.reduce((a, b) => a + Math.abs(b), 0)], [magnitude], 1e-5, 'magnitude');
    assertClose(guided.slice(row * 16, (row + 1) * 16), numbers, 1e-4, 'a row');
    await asked.dispose();
  }
  await engine.dispose();
});

test('the search finds the unit with the strongest response, and its image is the same gradient', async () => {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  const frozen = network();
  await engine.writeState(frozen.parameters);
  const others = [0.1, 0.2, 0.5].map((a) => wave([256], a).data as Float32Array);
  const dataset = dataOf([...others.map((other) => other.map((value) => value * 0.3)), image]);
  const probe = await openLayerProbe(engine, frozen, dataset, 'discriminator/block2');
  assert.equal(probe.shape, [4, 4, 8]);
  const { strongest, perImage } = await probe.search([0, 1, 2, 3], 2, { signal });
  assert.is(strongest.length, 8);
  const [first, second] = strongest[3]!;
  const [exact] = fromPytorch;
  assert.equal([first!.image, first!.row, first!.column], [3, ...exact!.unit]);
  // An image of bytes is off by up to one in 127.5; the picture is the same where no rectifier switches.
  assertClose([first!.value], [exact!.value], 0.01, 'response');
  assert.ok(second!.image !== 3 && second!.value <= first!.value);
  assert.is(perImage[3 * 8 + 3], first!.value);
  const guided = await probe.guide(3, [first!, second!]);
  assert.is(guided.length, 2 * 256);
  const row = Array.from(guided.slice(exact!.row * 16, (exact!.row + 1) * 16));
  assertClose(row, exact!.numbers, 1e-4, 'picture');
  await probe.dispose();
  await engine.dispose();
});

test('a discriminator whose weights have become NaN is refused with what to do', async () => {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  const frozen = network();
  await engine.writeState({ ...frozen.parameters, 'discriminator/block1/bias': constant([4], NaN) });
  const probe = await openLayerProbe(engine, frozen, dataOf([image]), 'discriminator/block1');
  try {
    await probe.search([0], 1, { signal });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /gives NaN for image 0.*earlier --checkpoint/);
  }
  await engine.dispose();
});

test('a unit’s receptive field is where its gradient is', async () => {
  const small: TrainConfig = { ...smallConfig, channels: 1, imageSize: 32 };
  const modern: Partial<TrainConfig> = { network: 'modern', discriminatorNorm: 'none', baseWidth: 2 };
  const cases: readonly (readonly [TrainConfig, Readonly<Record<string, readonly [number, number]>>])[] = [
    ...([4, 5] as const).map(
      (kernel) =>
        [
          { ...small, kernel },
          { 'discriminator/block1': [0, 15], 'discriminator/block2': [3, 7], 'discriminator/block3': [1, 2] },
        ] as const,
    ),
    [
      { ...small, ...modern, blocks: 2 },
      { 'discriminator/32x32': [0, 15], 'discriminator/16x16': [15, 7], 'discriminator/8x8': [4, 0] },
    ],
  ];
  for (const [shape, units] of cases) {
    const inside = insideOf(shape);
    // With weights above zero every path to a unit adds to its gradient.
    const state = Object.fromEntries(
      Object.entries(planTraining(shape).initialState(new Random(1)))
        .filter(([name]) => name.startsWith('discriminator/'))
        .map(([name, tensor]) => [name, constant(tensor.shape, 0.1)]),
    );
    const statistics = Object.fromEntries(
      inside.layers(shape).discriminator.flatMap(({ name, filters }) => [
        [`${name}/mean`, constant([filters], 0)],
        [`${name}/variance`, constant([filters], 1)],
      ]),
    );
    const frozen = inside.freezeDiscriminator(shape, state, statistics);
    const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
    await engine.writeState(frozen.parameters);
    const spec = { shape: [1, 32, 32, 1], dtype: 'float32' } as const;
    for (const [name, [row, column]] of Object.entries(units)) {
      const asked = await engine.compile(
        (held, { images }) => {
          const layer = (): tf.Tensor =>
            tf.reshape(
              tf.slice(frozen.layers(held, images!)[name] as tf.Tensor4D, [0, row, column, 0], [1, 1, 1, 1]),
              [],
            );
          return { outputs: { seen: valueAndGradients(layer, [images!]).gradients[0]! } };
        },
        { images: spec },
      );
      const { seen } = await asked.run({ images: { ...spec, data: new Float32Array(1024).fill(1) } });
      const windows = inside.windowsTo(shape, name)!;
      const [rows, columns] = [row, column].map((place) => spanThrough(windows, place));
      const isIn = (span: typeof rows, at: number): boolean =>
        at >= span!.first && at < span!.first + span!.size;
      Array.from(seen!.data).forEach((value, i) => {
        const isSeen = isIn(rows, Math.floor(i / 32)) && isIn(columns, i % 32);
        assert.is(value > 0, isSeen, `${shape.network}, ${name}, pixel ${i}`);
      });
      await asked.dispose();
    }
    await engine.dispose();
  }
});

test.run();
