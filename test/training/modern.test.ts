// R3GAN's networks: images, logits and a whole training step against PyTorch's in float64 (scripts/fixtures/modern.py), the start of
// training, and the frozen networks against those in training.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { conditionAmong } from '../../runtime-web/format/condition.ts';
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { imageShape } from '../../trainer/config/image-size.ts';
import type { StateFunction } from '../../trainer/engine/engine.ts';
import { inputName, outputName, recordStateFunction } from '../../trainer/engine/state-function.ts';
import { checkGraph } from '../../trainer/graph/trace/check-graph.ts';
import { registerGradients } from '../../trainer/graph/trace/gradients/register.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { bilinearDown, bilinearUp } from '../../trainer/networks/bilinear.ts';
import { modernLevels } from '../../trainer/networks/modern-block.ts';
import { modernArchitecture } from '../../trainer/training/architectures/modern.ts';
import { freezeGenerator } from '../../trainer/training/architectures/table.ts';
import { joinCondition } from '../../trainer/training/conditioning.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { runLowered, type HostTensors } from '../graph/lower/run-graph.ts';
import { wave } from '../restoring/fixture.ts';
import { assertClose } from '../shared/closeness.ts';
import { smallConfig } from '../shared/small-config.ts';
import { assertStep, type ExpectedStep } from './step-fixture.ts';

const test = suite('modern');
test.before(async () => {
  await tf.setBackend('cpu');
  registerGradients();
});

type Figures = readonly [number, number, number];
const fixture = JSON.parse(readFileSync('test/fixtures/modern.json', 'utf8')) as Readonly<
  Record<string, ExpectedStep & { readonly images: Figures }>
>;

const modernConfig: TrainConfig = {
  ...smallConfig,
  network: 'modern',
  objective: 'relativistic',
  discriminatorNorm: 'none',
  latentDistribution: 'normal',
  averageDecay: 0,
  r1: 2.5,
  r2: 1.5,
  learningRate: 0.01,
};
const classes: Conditioning = { kind: 'classes', names: ['a', 'b', 'c'] };

/** The fixture's methods: settings and classes. */
const methods: Readonly<Record<string, readonly [Partial<TrainConfig>, Conditioning]>> = {
  'two blocks at each size': [{ blocks: 2 }, null],
  'labels projected': [{ condition: 'label', labelDiscriminator: 'projection' }, classes],
  'one channel, hinge, labels as maps': [
    { channels: 1, objective: 'hinge', condition: 'label', r2: 0 },
    classes,
  ],
  '24x16 pixels with transparency, blocks narrower inside': [
    { imageSize: '24x16', channels: 4, baseWidth: 9 },
    null,
  ],
};

const float = (shape: readonly number[], ...data: number[]): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(data),
});

function prepare(name: string) {
  const [values, conditioning] = methods[name]!;
  const config = { ...modernConfig, ...values };
  const plan = planTraining(config, conditioning);
  const phase = plan.phases.at(-1)!;
  const state: HostTensors = {};
  let [g, d] = [0, 80];
  for (const [key, { shape }] of Object.entries(plan.initialState(new Random(1)))) {
    const isG = key.startsWith('generator/');
    const isParameter = isG || key.startsWith('discriminator/');
    state[key] = isParameter ? wave(isG ? g++ : d++, shape, 0.25) : wave(0, shape, 0);
  }
  const { width, height, channels } = imageShape(config);
  const given: HostTensors = {
    real: wave(50, [4, height, width, channels], 0.8),
    z: wave(51, [4, 8], 1.2),
    labels: float([4, 3], ...[0, 2, 1, 2].flatMap((hot) => [0, 1, 2].map((c) => Number(c === hot)))),
    ...Object.fromEntries(['criticRate', 'learningRate'].map((rate) => [rate, float([], 0.01)])),
    ...Object.fromEntries(['criticUpdate', 'update'].map((count) => [count, float([], 1)])),
  };
  const feeds: HostTensors = { ...state };
  for (const key of Object.keys(phase.inputs)) feeds[inputName(key)] = given[key]!;
  const { graph } = recordStateFunction(phase.update, state, phase.inputs);
  checkGraph(graph);
  return { config, conditioning, plan, graph, feeds, state, given };
}

for (const [name, expected] of Object.entries(fixture)) {
  // Kernels in plain JavaScript take seconds, so only one step is replayed.
  const ways = name === 'labels projected' ? (['replayed', 'lowered'] as const) : (['lowered'] as const);
  test(`${name}: the step is PyTorch's, ${ways.join(' and ')}`, async () => {
    const { config, graph, feeds } = prepare(name);
    await assertStep(graph, feeds, expected, { beta1: config.beta1, ways });
  });
}

test('the methods tested are those of the fixture', () => {
  assert.equal(Object.keys(methods), Object.keys(fixture));
});

for (const [name, { images: expected }] of Object.entries(fixture)) {
  test(`${name}: the images are PyTorch's, and samples are they, clipped`, async () => {
    const { config, conditioning, plan, state, given } = prepare(name);
    const networks = modernArchitecture(config, conditioning);
    const { generate, parameters } = freezeGenerator(config, state, conditioning);
    const inputs = { z: given['z']!, ...(conditioning && { labels: given['labels']! }) };
    const drawn: StateFunction = (held, { z, ...others }) => {
      const joined = joinCondition(z!, conditionAmong(others));
      const frozen = Object.fromEntries(Object.keys(parameters).map((key) => [key, held[key]!]));
      return {
        outputs: {
          raw: networks.generate(held, joined, {}),
          frozen: generate(frozen, joined),
          ...plan.sample(held, { z: z!, ...others }).outputs,
        },
      };
    };
    const { graph } = recordStateFunction(drawn, state, inputs);
    const feeds = Object.fromEntries(Object.entries(inputs).map(([key, tensor]) => [inputName(key), tensor]));
    const outputs = await runLowered(graph, { ...state, ...feeds });
    const [raw, frozen, sampled] = ['raw', 'frozen', 'images'].map(
      (output) => outputs[outputName(output)]!.data as Float32Array,
    );
    const along = [70, 71].map((p) => {
      const { data } = wave(p, [raw!.length], 1);
      return raw!.reduce((sum, value, i) => sum + value * data[i]!, 0);
    });
    const got = [Math.sqrt(raw!.reduce((sum, value) => sum + value ** 2, 0)), ...along];
    expected.forEach((value, i) =>
      assert.ok(Math.abs(got[i]! - value) < 1e-4 * expected[0], `${got[i]}, expected ${value}`),
    );
    if (name === 'two blocks at each size') assert.ok(raw!.some((value) => Math.abs(value) > 1));
    const clipped = raw!.map((value) => Math.max(-1, Math.min(1, value)));
    assertClose(frozen!, clipped, 1e-6, 'frozen');
    assertClose(sampled!, clipped, 1e-6, 'sampled');
  });
}

test('widths double from the image to the base, up to 512', () => {
  const widths = (imageSize: number | string, baseWidth: number): number[] =>
    modernLevels({ ...imageShape({ imageSize, channels: 3 }), baseWidth, blocks: 1 }).map(
      ({ channels }) => channels,
    );
  assert.equal(widths(64, 32), [512, 256, 128, 64, 32]);
  assert.equal(widths(256, 16), [512, 512, 256, 128, 64, 32, 16]);
  assert.equal(widths('64x96', 8), [128, 64, 32, 16, 8]);
});

test('at the start a block changes nothing, and images have the variance of the basis', async () => {
  const config = { ...modernConfig, imageSize: 32, baseWidth: 32, latent: 64, batch: 64, blocks: 2 };
  const plan = planTraining(config);
  const state = plan.initialState(new Random(1));
  for (const [name, { data }] of Object.entries(state)) {
    if (name.endsWith('/third/kernel'))
      assert.ok(
        (data as Float32Array).every((value) => value === 0),
        name,
      );
  }
  const deviationOf = (name: string): number => {
    const data = state[name]!.data as Float32Array;
    return Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
  };
  // Four sizes of two blocks: He's gain for slope 0.2, times 8 to the power of -1/4, over the root of the inputs.
  const gain = Math.sqrt(2 / 1.04) * 8 ** -0.25;
  const close = (got: number, expected: number): boolean => Math.abs(got / expected - 1) < 0.05;
  assert.ok(close(deviationOf('generator/4x4/block1/first/kernel'), gain / Math.sqrt(256)));
  assert.ok(close(deviationOf('discriminator/8x8/block2/second/kernel'), gain / Math.sqrt(9 * 64)));
  assert.ok(close(deviationOf('discriminator/basis/constant'), 1 / 4));
});

test('bilinear halving is the transpose of doubling, and both keep a constant image away from the edges', () => {
  const constant = tf.ones([1, 8, 8, 2]);
  for (const [resampled, size] of [
    [bilinearUp(constant), 16],
    [bilinearDown(constant), 4],
  ] as const) {
    assert.equal(resampled.shape, [1, size, size, 2]);
    const inside = tf.slice(resampled, [0, 1, 1, 0], [1, size - 2, size - 2, 2]).dataSync();
    assert.ok(inside.every((value) => Math.abs(value - 1) < 1e-6));
  }
  const [x, y] = [
    tf.randomNormal([2, 4, 6, 3], 0, 1, 'float32', 1),
    tf.randomNormal([2, 8, 12, 3], 0, 1, 'float32', 2),
  ];
  // <up x, y> = 4 <x, down y>
  const [left] = tf.sum(tf.mul(bilinearUp(x), y)).dataSync();
  const [right] = tf.sum(tf.mul(x, bilinearDown(y))).dataSync();
  assert.ok(Math.abs(left! - 4 * right!) < 1e-4 * Math.abs(left!), `${left} and 4 times ${right}`);
});

test.run();
