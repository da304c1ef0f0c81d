// StyleGAN's networks: a whole training step against PyTorch's in float64 (scripts/fixtures/style.py) at every kind of stage,
// the parameters that each stage trains, and the frozen halves against the whole generator.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { styleArchitecture } from '../../trainer/training/architectures/stylegan.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { inputName, nextName, recordStateFunction } from '../../trainer/engine/state-function.ts';
import { freezeGenerator } from '../../trainer/training/architectures/table.ts';
import {
  growthWarning,
  growthName,
  growthPhases,
  phaseAt,
  type GrowthPhase,
  stageOf,
  type Stage,
} from '../../trainer/networks/growth.ts';
import { groupSize } from '../../trainer/networks/style-discriminator.ts';
import { registerGradients } from '../../trainer/graph/trace/gradients/register.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { checkGraph } from '../../trainer/graph/trace/check-graph.ts';
import { record } from '../graph/trace/checked-record.ts';
import { replay } from '../../trainer/graph/trace/replay.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import type { HostTensors } from '../graph/lower/run-graph.ts';
import { wave } from '../restoring/fixture.ts';
import { smallConfig } from '../shared/small-config.ts';
import { assertStep, type ExpectedStep } from './step-fixture.ts';

const test = suite('style');
test.before(async () => {
  await tf.setBackend('cpu');
  registerGradients();
});

const fixture = JSON.parse(readFileSync('test/fixtures/style.json', 'utf8')) as Readonly<
  Record<string, ExpectedStep>
>;

const styleConfig: TrainConfig = {
  ...smallConfig,
  network: 'stylegan',
  discriminatorNorm: 'none',
  latentDistribution: 'normal',
  mappingLayers: 2,
  growFrom: 8,
  growImages: 20,
  averageDecay: 0,
};
const classes: Conditioning = { kind: 'classes', names: ['a', 'b', 'c'] };
const whole: Stage = { resolution: 16, isFading: false };
const fading: Stage = { resolution: 16, isFading: true };

/** The fixture's methods: settings, stage, how much has been faded in, and classes. */
const methods: Readonly<Record<string, readonly [Partial<TrainConfig>, Stage, number, Conditioning]>> = {
  r1: [{ r1: 2.5 }, whole, 1, null],
  'at half the size': [{ r1: 2.5 }, { resolution: 8, isFading: false }, 1, null],
  'a size fading in': [{ r1: 2.5 }, fading, 0.3, null],
  'wgan-gp, labels as maps, fading in': [{ objective: 'wgan-gp', condition: 'label' }, fading, 0.6, classes],
  'hinge, labels projected': [
    { objective: 'hinge', condition: 'label', labelDiscriminator: 'projection' },
    whole,
    1,
    classes,
  ],
  'relativistic, r1 and r2, labels as maps, fading in': [
    { objective: 'relativistic', condition: 'label', r1: 2.5, r2: 1.5 },
    fading,
    0.6,
    classes,
  ],
  '256x256, the last size fading in': [
    { imageSize: 256, objective: 'hinge', r1: 2.5 },
    { resolution: 256, isFading: true },
    0.3,
    null,
  ],
};

const float = (shape: readonly number[], ...data: number[]): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(data),
});

/** A state of waves: the fixture's. Fourteen layers need greater ones to keep their activations. */
function wavesOf(config: TrainConfig, conditioning: Conditioning): HostTensors {
  const state: HostTensors = {};
  let [g, d] = [0, 80];
  for (const [key, { shape }] of Object.entries(
    planTraining(config, conditioning).initialState(new Random(1)),
  )) {
    const isG = key.startsWith('generator/');
    const isParameter = isG || key.startsWith('discriminator/');
    const scale = key.includes('mapping') ? 30 : config.imageSize === 256 ? 1.5 : 0.8;
    state[key] = isParameter ? wave(isG ? g++ : d++, shape, scale) : wave(0, shape, 0);
  }
  return state;
}

function prepare(name: string) {
  const [values, stage, share, conditioning] = methods[name]!;
  const config = { ...styleConfig, learningRate: 0.01, ...values };
  const plan = planTraining(config, conditioning, stage);
  const phase = plan.phases.at(-1)!;
  const state = wavesOf(config, conditioning);
  const layers = 2 * (Math.log2(stage.resolution) - 1);
  const feeds: HostTensors = { ...state };
  const labels = [0, 2, 1, 2].flatMap((hot) => [0, 1, 2].map((c) => Number(c === hot)));
  const first = [0, 1, 2, 3].flatMap((k) =>
    Array.from({ length: layers }, (_, i) => Number(i <= k || k === 3)),
  );
  const given: HostTensors = {
    real: wave(50, [4, Number(config.imageSize), Number(config.imageSize), 3], 0.8),
    z: wave(51, [4, 8], 1.2),
    labels: float([4, 3], ...labels),
    mix: wave(53, [4, 1, 1, 1], 0.5, 0.5),
    growth: float([2], stage.resolution, share),
    'style/z': wave(54, [4, 8], 1.2),
    'style/first': float([4, layers], ...first),
    ...Object.fromEntries(['criticRate', 'learningRate'].map((rate) => [rate, float([], 0.01)])),
    ...Object.fromEntries(['criticUpdate', 'update'].map((count) => [count, float([], 1)])),
  };
  for (const [key, { shape }] of Object.entries(phase.inputs)) {
    const [, side, layer] = /^style\/noise\/generator\/(\d+)x\d+\/(first|second)$/.exec(key) ?? [];
    const number = 200 + 2 * Math.log2(Number(side)) + Number(layer === 'second');
    feeds[inputName(key)] = side === undefined ? given[key]! : wave(number, shape, 1.1);
  }
  const { graph } = recordStateFunction(phase.update, state, phase.inputs);
  checkGraph(graph);
  return { config, graph, feeds };
}

for (const [name, expected] of Object.entries(fixture)) {
  test(`${name}: the step is PyTorch's, replayed and lowered`, async () => {
    const { config, graph, feeds } = prepare(name);
    // At 256 kernels in plain JavaScript take a minute, and PyTorch's own float32 is 3e-3 of a length from its float64.
    const ways = config.imageSize === 256 ? { ways: ['lowered'] as const, within: 1e-2 } : {};
    await assertStep(graph, feeds, expected, { beta1: config.beta1, ...ways });
    // Parameters that the stage does not use stay as they are.
    const moved = Object.keys(graph.outputs).filter((output) =>
      /^next\/(generator|discriminator)\//.test(output.replace(nextName(''), 'next/')),
    );
    const expectedToMove = Object.keys(expected.gradients).map(nextName);
    assert.equal([...new Set(moved)].sort(), expectedToMove.sort());
  });
}

test('the methods tested are those of the fixture', () => {
  assert.equal(Object.keys(methods), Object.keys(fixture));
});

test('a run grows: 8, fading to 16, 16; Adam restarts with each size; the fade-in factor rises to 1', () => {
  const phases = growthPhases(styleConfig);
  assert.equal(
    phases.map(({ resolution, isFading, firstStep, steps, resetAt }) => [
      ...[resolution, isFading, firstStep, steps, resetAt],
    ]),
    [
      [8, false, 1, 5, 1],
      [16, true, 6, 5, 6],
      [16, false, 11, Infinity, 6],
    ],
  );
  assert.equal(
    [1, 5, 6, 10, 11, 1000].map((step) => phaseAt(styleConfig, step).firstStep),
    [1, 1, 6, 6, 11, 11],
  );
  const inputsOf = (phase: GrowthPhase, step: number) =>
    planTraining(styleConfig, null, phase).phases.at(-1)!.makeInputs(new Random(1), batch(), step, 0);
  assert.equal(
    [6, 8, 10].map((step) => [...inputsOf(phases[1]!, step)['growth']!.data]),
    [0.2, 0.6, 1].map((factor) => [16, Math.fround(factor)]),
  );
  assert.is(inputsOf(phases[2]!, 12)['update']!.data[0], 7);
  assert.equal(
    growthPhases({ ...styleConfig, growFrom: null }).map(({ resolution, steps }) => [resolution, steps]),
    [[16, Infinity]],
  );
});

const batch = () => ({ images: new Float32Array(4 * 16 * 16 * 3), labels: null });

test('a run that is too short to reach full size gives a warning', () => {
  const complaint = (steps: number | null, images: number | null): string | null =>
    growthWarning({ ...styleConfig, steps, images });
  assert.match(
    complaint(10, null)!,
    /ends while layers fade in for 16x16: .*16x16 after 40 images; make it longer/,
  );
  assert.match(complaint(null, 17)!, /ends while images are 8x8/);
  assert.is(complaint(11, null), null);
  assert.is(complaint(null, 41), null);
  assert.is(complaint(null, null), null);
  assert.is(growthWarning({ ...smallConfig, steps: 1 }), null);
});

test('the stage is read from the state, and a damaged one is refused', () => {
  const at = (...growth: number[]): Stage => stageOf({ [growthName]: float([2], ...growth) }, smallConfig);
  assert.equal(at(8, 1), { resolution: 8, isFading: false });
  assert.equal(at(16, 0.5), { resolution: 16, isFading: true });
  assert.equal(stageOf({}, smallConfig), { resolution: 16, isFading: false });
  for (const wrong of [
    [32, 1],
    [12, 1],
    [8, 2],
    [8, NaN],
    [2, 1],
  ]) {
    assert.throws(() => at(...wrong), /statistics\/growth: got .*expected a size of 4, 8, 16/);
  }
});

for (const [growth, stage] of [
  [[16, 1], whole],
  [[16, 0.25], fading],
  [[8, 1], { resolution: 8, isFading: false }],
] as const) {
  test(`frozen at ${growth.join(', ')}: the same pictures as the plan's, by halves too`, async () => {
    const state: HostTensors = { ...wavesOf(styleConfig, null), [growthName]: float([2], ...growth) };
    for (const key of Object.keys(state)) {
      if (key.startsWith('statistics/noise/')) state[key] = wave(7, state[key]!.shape, 1);
    }
    const plan = planTraining(styleConfig, null, stage);
    const z = wave(3, [5, 8], 1.3);
    const { graph } = recordStateFunction(plan.sample, state, { z });
    const [expected] = Object.values(await replay(graph, { ...state, [inputName('z')]: z }));
    assert.equal(expected!.shape, [5, 16, 16, 3]);

    const { parameters, generate, styles } = freezeGenerator(styleConfig, state);
    const frozen = record(
      ({ z: latents, ...given }) => {
        const w = styles!.map(given, latents!);
        const each = tf.tile(tf.reshape(w, [5, 1, 8]), [1, styles!.layers.length, 1]);
        return { whole: generate(given, latents!), halves: styles!.synthesise(given, each) };
      },
      { z, ...parameters },
    );
    const drawn = await replay(frozen, { z, ...parameters });
    for (const name of ['whole', 'halves']) {
      const difference = Math.max(
        ...(drawn[name]!.data as Float32Array).map((value, i) => Math.abs(value - expected!.data[i]!)),
      );
      assert.ok(difference < 1e-5, `${name} differs by ${difference}`);
    }
    assert.equal(styles!.layers, stage.resolution === 8 ? [4, 4, 8, 8] : [4, 4, 8, 8, 16, 16]);
  });
}

test('styles that are mixed by hand are those that training mixes', async () => {
  const config = { ...styleConfig, growFrom: null };
  const state = wavesOf(config, null);
  const networks = styleArchitecture(config, null, whole);
  const frozen = freezeGenerator(config, { ...state, [growthName]: float([2], 16, 1) });
  const noise = Object.fromEntries(
    networks.draws
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([name]) => name.startsWith('style/noise/')),
  );
  const zeros = (shape: readonly number[]): tf.Tensor => tf.zeros([...shape]);
  // Coarse layers of the first latent, the others of the second.
  const graph = record(
    ({ z, other, first, growth, ...given }) => {
      const G = Object.fromEntries(
        networks.trained.generator.map((name) => [name, given[`trained/${name}`]!]),
      );
      const inputs = {
        ...{ growth: growth!, 'style/z': other!, 'style/first': first! },
        ...Object.fromEntries(Object.entries(noise).map(([name, shape]) => [name, zeros(shape)])),
      };
      const [a, b] = [frozen.styles!.map(given, z!), frozen.styles!.map(given, other!)];
      const each = tf.stack([a, a, b, b, b, b], 1);
      return {
        trained: tf.clipByValue(networks.generate(G, z!, inputs), -1, 1),
        byHand: frozen.styles!.synthesise(given, each),
      };
    },
    {
      ...{ z: wave(1, [4, 8], 1), other: wave(2, [4, 8], 1), growth: float([2], 16, 1) },
      first: float([4, 6], ...[0, 1, 2, 3].flatMap(() => [1, 1, 0, 0, 0, 0])),
      ...frozen.parameters,
      ...Object.fromEntries(networks.trained.generator.map((name) => [`trained/${name}`, state[name]!])),
    },
  );
  const feeds = {
    ...{ z: wave(1, [4, 8], 1), other: wave(2, [4, 8], 1), growth: float([2], 16, 1) },
    first: float([4, 6], ...[0, 1, 2, 3].flatMap(() => [1, 1, 0, 0, 0, 0])),
    ...frozen.parameters,
    ...Object.fromEntries(networks.trained.generator.map((name) => [`trained/${name}`, state[name]!])),
  };
  const { trained, byHand } = await replay(graph, feeds);
  const [a, b] = [trained!.data as Float32Array, byHand!.data as Float32Array];
  assert.ok(Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) < 1e-5);
  assert.ok(Math.max(...a) - Math.min(...a) > 0.1);
});

test('mixing begins behind the first layer, at the asked-for rate, and draws as many numbers either way', () => {
  const drawn = (mixing: number) => {
    const plan = planTraining({ ...styleConfig, growFrom: null, mixing, batch: 64 });
    const phase = plan.phases.at(-1)!;
    const random = new Random(5);
    const images = new Float32Array(64 * 16 * 16 * 3);
    const inputs = phase.makeInputs(random, { images, labels: null }, 1, 0);
    return { first: inputs['style/first']?.data as Float32Array | undefined, state: random.state };
  };
  assert.is(drawn(0).first, undefined);
  const mixed = (data: Float32Array): number[][] =>
    Array.from({ length: 64 }, (_, k) => [...data.subarray(6 * k, 6 * k + 6)]);
  const all = mixed(drawn(1).first!);
  for (const row of all) {
    assert.is(row[0], 1);
    assert.is(row[5], 0);
    assert.equal(
      row,
      [...row].sort((a, b) => b - a),
    );
  }
  const half = mixed(drawn(0.5).first!).filter((row) => row[5] === 0).length;
  assert.ok(half > 16 && half < 48, `${half} of 64 at a rate of a half`);
  assert.equal(drawn(1).state, drawn(0.5).state);
});

test('deviations are taken over groups that divide the batch', () => {
  assert.equal([64, 6, 10, 7, 9, 4].map(groupSize), [4, 3, 2, 7, 3, 4]);
});

test.run();
