// The TensorFlow engine against onnx-cpu, which runs the same graph lowered: losses, every gradient, twenty steps, for each
// option of the step. That it repeats itself, keeps no tensors, and shares the process with one copy of tfjs-core.
import { imageShape } from '../../../trainer/config/image-size.ts';
import { lengthOf } from '../../../runtime-web/format/image-shape.ts';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { createRequire } from 'node:module';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../../trainer/config/fields.ts';
import { DeviceMemoryError, type Engine, type NamedHostTensors } from '../../../trainer/engine/engine.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { slotNames } from '../../../trainer/training/state.ts';
import { gradients } from '../../../trainer/graph/trace/gradients/register.ts';
import { planTraining } from '../../../trainer/training/plan.ts';
import { smallConfig } from '../../shared/small-config.ts';
import { tensorflowOrSkip } from './tensorflow.ts';

const test = suite('TensorFlow engine');
await tf.setBackend('cpu');
const loaded = tensorflowOrSkip('TensorFlow engine');

const start = async (engine: 'tensorflow-cpu' | 'onnx-cpu'): Promise<Engine> =>
  (await selectEngine({ engine, threads: 2 })).engine;

/** The state after each of `steps` steps' metrics, from one seed. */
async function train(engine: Engine, config: TrainConfig, steps: number) {
  const plan = planTraining(config);
  const phase = plan.phases.at(-1)!;
  const random = new Random(5);
  await engine.writeState(plan.initialState(random));
  const compiled = await engine.compile(phase.update, phase.inputs);
  const size = config.batch * lengthOf(imageShape(config));
  const metrics: NamedHostTensors[] = [];
  let first: NamedHostTensors = {};
  for (let step = 1; step <= steps; step++) {
    const images = random.fillLatent(new Float32Array(size), 'uniform');
    metrics.push(await compiled.run(phase.makeInputs(random, { images, labels: null }, step, 0)));
    if (step === 1) first = await engine.readState();
  }
  const last = await engine.readState();
  await compiled.dispose();
  return { metrics, first, last };
}

const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  norm(Array.from(a, (value, i) => value - b[i]!));

const variants: readonly Partial<TrainConfig>[] = [
  {},
  { kernel: 5, head: 'dense', latentDistribution: 'normal' },
  { upsampling: 'nearest' },
  { upsampling: 'nearest', kernel: 5, channels: 1 },
  { discriminatorBatch: 'joined', dropout: 0.3 },
  { objective: 'minimax', labelSmoothing: 0.1 },
  { objective: 'least-squares', augment: 'ada', augmentProbability: 0.8, discriminatorNorm: 'none', r1: 1 },
  // Wide enough for onnx-cpu's blocked convolutions, at the paper's rate: at the default preset's the same engine
  // goes another way by step 10 when it has one thread instead of two.
  { imageSize: 32, baseWidth: 16, averageDecay: 0, batch: 16, learningRate: 2e-4 },
  { attention: 8, spectralNorm: 'both', discriminatorNorm: 'none', learningRate: 2e-4, baseWidth: 8 },
];

if (loaded === null) {
  test.skip('all tests', () => undefined);
} else {
  const { binding } = loaded.backend;

  for (const variant of variants) {
    test(`losses, gradients and twenty steps as onnx-cpu: ${JSON.stringify(variant)}`, async () => {
      const config = { ...smallConfig, ...variant };
      const engines = [await start('tensorflow-cpu'), await start('onnx-cpu')] as const;
      const [ours, theirs] = [await train(engines[0], config, 20), await train(engines[1], config, 20)];
      for (const [name, { data }] of Object.entries(theirs.metrics[0]!)) {
        const got = ours.metrics[0]![name]!.data[0]!;
        assert.ok(
          Math.abs(got - data[0]!) < 1e-4 * Math.max(1, Math.abs(data[0]!)),
          `${name}: ${got}, ${data[0]}`,
        );
      }
      // After one step the first moment is the gradient times a factor.
      const moments = Object.keys(theirs.first).filter((name) => name.startsWith(slotNames.first('')));
      assert.ok(moments.length > 10);
      for (const name of moments) {
        const expected = theirs.first[name]!.data;
        const error = distance(ours.first[name]!.data, expected) / (norm(expected) || 1);
        assert.ok(error < 1e-4, `${name}: off by ${error.toExponential(2)} of its norm`);
      }
      for (const [name, { data }] of Object.entries(theirs.metrics[19]!)) {
        const got = ours.metrics[19]![name]!.data[0]!;
        assert.ok(Math.abs(got - data[0]!) < 1e-2, `${name} after 20 steps: ${got}, ${data[0]}`);
      }
      for (const engine of engines) await engine.dispose();
    });
  }

  test('the same steps twice give the same bits', async () => {
    const states: NamedHostTensors[] = [];
    for (let i = 0; i < 2; i++) {
      const engine = await start('tensorflow-cpu');
      states.push((await train(engine, { ...smallConfig, baseWidth: 16 }, 5)).last);
      await engine.dispose();
    }
    for (const [name, { data }] of Object.entries(states[0]!))
      assert.equal(states[1]![name]!.data, data, name);
  });

  test('five hundred steps keep no tensor and no memory; a disposed engine leaves nothing', async () => {
    const before = binding.getNumOfTensors();
    const engine = await start('tensorflow-cpu');
    const plan = planTraining(smallConfig);
    const phase = plan.phases.at(-1)!;
    const random = new Random(1);
    await engine.writeState(plan.initialState(random));
    const compiled = await engine.compile(phase.update, phase.inputs);
    const images = random.fillLatent(new Float32Array(4 * 16 * 16 * 3), 'uniform');
    const counts = new Set<number>();
    let memoryAfter100 = 0;
    for (let step = 1; step <= 500; step++) {
      await compiled.run(phase.makeInputs(random, { images, labels: null }, step, 0), { fetch: [] });
      counts.add(binding.getNumOfTensors());
      if (step === 100) memoryAfter100 = process.memoryUsage().rss;
    }
    assert.is(counts.size, 1, `tensor counts ${[...counts]}`);
    const grown = process.memoryUsage().rss - memoryAfter100;
    assert.ok(grown < 60e6, `${(grown / 1e6).toFixed(0)} MB more after 400 steps`);
    await engine.dispose();
    assert.is(binding.getNumOfTensors(), before);
  });

  test('a run that fails leaves the state, and no tensor', async () => {
    const engine = await start('tensorflow-cpu');
    await engine.writeState({ x: { shape: [2], dtype: 'float32', data: Float32Array.of(1, 2) } });
    const compiled = await engine.compile(
      (state, inputs) => ({ state: { x: tf.gather(state['x']!, inputs['places'] as tf.Tensor1D) } }),
      { places: { shape: [2], dtype: 'int32' } },
    );
    const before = binding.getNumOfTensors();
    const places = (...list: number[]) => ({
      places: { shape: [2], dtype: 'int32' as const, data: Int32Array.from(list) },
    });
    await compiled.run(places(1, 0));
    assert.equal((await engine.readState())['x']!.data, Float32Array.of(2, 1));
    let message = '';
    await compiled.run(places(0, 7)).catch((error: Error) => (message = error.message));
    assert.match(message, /7 is not in \[0, 2\)/);
    assert.equal((await engine.readState())['x']!.data, Float32Array.of(2, 1));
    assert.is(binding.getNumOfTensors(), before);
    await engine.dispose();
  });

  test('outputs that cannot be read are freed, and so is what was uploaded of a state', async () => {
    const engine = await start('tensorflow-cpu');
    const x = { shape: [2], dtype: 'float32' as const, data: Float32Array.of(1, 2) };
    await engine.writeState({ x });
    const compiled = await engine.compile(
      (state) => ({ outputs: { twice: tf.mul(state['x']!, 2), thrice: tf.mul(state['x']!, 3) } }),
      {},
    );
    const before = binding.getNumOfTensors();
    // The native binding's own properties cannot be replaced.
    const { backend } = engine as unknown as { backend: { binding: typeof binding } };
    const real = backend.binding;
    const failing = (functions: Partial<typeof binding>): void => {
      const properties = Object.entries(functions).map(([name, value]) => [name, { value }] as const);
      backend.binding = Object.create(real, Object.fromEntries(properties)) as typeof binding;
    };
    const fails = (): never => {
      throw new Error('cannot be copied');
    };
    const failure = (promise: Promise<unknown>): Promise<string> =>
      promise.then(
        () => 'none',
        (error: Error) => error.message,
      );
    try {
      failing({ tensorDataSync: fails });
      assert.is(await failure(compiled.run({})), 'cannot be copied');
      let made = 0;
      failing({ createTensor: (...given) => (made++ === 0 ? real.createTensor(...given) : fails()) });
      assert.is(await failure(engine.writeState({ y: x, z: x })), 'cannot be copied');
    } finally {
      backend.binding = real;
    }
    assert.is(binding.getNumOfTensors(), before);
    await engine.dispose();
  });

  test('an output that is an input, a literal or another output is a tensor of its own', async () => {
    const engine = await start('tensorflow-cpu');
    await engine.writeState({
      a: { shape: [1], dtype: 'float32', data: Float32Array.of(3) },
      b: { shape: [1], dtype: 'float32', data: Float32Array.of(4) },
    });
    const compiled = await engine.compile(
      (state, inputs) => ({
        state: { a: state['b']!, b: inputs['x']! },
        outputs: { old: state['a']!, same: state['a']!, one: tf.ones([1]) },
      }),
      { x: { shape: [1], dtype: 'float32' } },
    );
    const data = Float32Array.of(5);
    for (const old of [3, 4, 5]) {
      const outputs = await compiled.run({ x: { shape: [1], dtype: 'float32', data } });
      assert.equal(
        [outputs['old']!.data[0], outputs['same']!.data[0], outputs['one']!.data[0]],
        [old, old, 1],
      );
    }
    data.fill(9);
    assert.equal(
      (await engine.readState())['b']!.data,
      Float32Array.of(5),
      'what was fed is the caller’s again',
    );
    await engine.dispose();
  });

  test('running out of memory is a DeviceMemoryError', async () => {
    const engine = await start('tensorflow-cpu');
    const huge = 300_000;
    let error: unknown;
    const wide = await engine
      .compile(
        (_, { x }) => ({
          outputs: { y: tf.sum(tf.matMul(x as tf.Tensor2D, tf.transpose(x as tf.Tensor2D))) },
        }),
        {
          x: { shape: [huge, 1], dtype: 'float32' },
        },
      )
      .catch((thrown: unknown) => (error = thrown));
    assert.instance(error ?? wide, DeviceMemoryError);
    assert.match((error as Error).message, 'out of memory');
    await engine.dispose();
  });

  test('there is one copy of tfjs-core, and the gradients stay ours', async () => {
    const copies = Object.keys(createRequire(import.meta.url).cache).filter((path) =>
      /tfjs-core[\\/]dist[\\/]tf-core\.node\.js$|tfjs-core[\\/]dist[\\/]index\.js$/.test(path),
    );
    assert.is(copies.length, 1, copies.join(', '));
    const engine = await start('tensorflow-cpu');
    await train(engine, smallConfig, 1);
    await engine.dispose();
    for (const ours of gradients) assert.is(tf.getGradient(ours.kernelName), ours, ours.kernelName);
    assert.is(tf.getBackend(), 'cpu', 'the backend in use is as it was');
  });

  test('a second set of settings is refused: TensorFlow is one to a process', async () => {
    let message = '';
    await selectEngine({ engine: 'tensorflow-cpu', threads: 1 }).catch(
      (error: Error) => (message = error.message),
    );
    assert.match(message, /loaded already/);
  });
}

test('tensorflow-cuda names what is missing', async () => {
  let message = '';
  await selectEngine({ engine: 'tensorflow-cuda', threads: 1 }).catch(
    (error: Error) => (message = error.message),
  );
  assert.match(
    message,
    /tensorflow-cuda: .*(set up|NVIDIA driver|loaded already|GPU|not installed|supported)/,
  );
});

test.run();
