// Self-attention and spectral norm in training against PyTorch in float64 (scripts/fixtures/attention.py): the first of three steps
// replayed, the first and the third lowered; losses, Adam's first moments of all parameters, and the vectors of spectral norm.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { parseCodes } from '../../trainer/config/conditioning.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { inputName, nextName, outputName, recordStateFunction } from '../../trainer/engine/state-function.ts';
import { checkGraph } from '../../trainer/graph/trace/check-graph.ts';
import { registerGradients } from '../../trainer/graph/trace/gradients/register.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { replay } from '../../trainer/graph/trace/replay.ts';
import { held } from '../../trainer/held.ts';
import { nextVectors } from '../../trainer/networks/spectral-norm.ts';
import { openPlan } from '../../trainer/run/open-plan.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { takeWeights } from '../../runtime-web/format/training/take-weights.ts';
import type { HostTensors } from '../graph/lower/run-graph.ts';
import { wave } from '../restoring/fixture.ts';
import { assertClose, relativeError } from '../shared/closeness.ts';
import { smallConfig } from '../shared/small-config.ts';
import { assertFigures, assertOutputs, type ExpectedStep, type Figures } from './step-fixture.ts';

const test = suite('attention and spectral norm');
test.before(async () => {
  await tf.setBackend('cpu');
  registerGradients();
});

interface Expected extends ExpectedStep {
  readonly vectors: Readonly<Record<string, Figures>>;
}

const fixture = JSON.parse(readFileSync('test/fixtures/attention.json', 'utf8')) as Readonly<
  Record<string, readonly [Expected, Expected]>
>;

const classes: Conditioning = { kind: 'classes', names: ['a', 'b', 'c'] };
const attention = 8;
const none = { discriminatorNorm: 'none' } as const;
const convolutional = { head: 'convolutional' } as const;

/** Configurations of the methods, by the fixture's names. */
const methods: Readonly<Record<string, Partial<TrainConfig>>> = {
  'attention, batch norm': { attention },
  'attention, relativistic, r1 and r2': { attention, objective: 'relativistic', ...none, r1: 2.5, r2: 1.5 },
  'spectral norm of D, hinge, labels projected': {
    ...{ spectralNorm: 'discriminator', objective: 'hinge', ...none },
    ...{ condition: 'label', labelDiscriminator: 'projection' },
  },
  'both, attention, hinge': { attention, spectralNorm: 'both', objective: 'hinge', ...none },
  'both, attention, nearest, convolutional heads, r1': {
    ...{ attention, spectralNorm: 'both', ...none, ...convolutional },
    ...{ upsampling: 'nearest', r1: 2.5 },
  },
  'both, convolutional heads, wgan': { spectralNorm: 'both', objective: 'wgan', ...none, ...convolutional },
  'spectral norm of D, unrolled by 1': { spectralNorm: 'discriminator', ...none, unroll: 1 },
};

const rate = 0.01;
const [batch, steps] = [4, 3];

/** The step of a method, its first state, and the inputs of each step. */
function prepare(name: string) {
  const config: TrainConfig = {
    ...{ ...smallConfig, baseWidth: 8, head: 'dense', learningRate: rate, averageDecay: 0 },
    ...methods[name],
  };
  const plan = planTraining(config, config.condition === 'label' ? classes : null);
  const phase = plan.phases.at(-1)!;
  const state: HostTensors = {};
  let [g, d, vectors] = [0, 20, 80];
  for (const [key, { shape }] of Object.entries(plan.initialState(new Random(1)))) {
    if (key.startsWith('spectral/')) {
      const { data } = wave(vectors++, shape, 1);
      const length = Math.hypot(...data);
      state[key] = { shape, dtype: 'float32', data: (data as Float32Array).map((value) => value / length) };
      continue;
    }
    const isParameter = /^(generator|discriminator)\//.test(key);
    const number = key.startsWith('generator/') ? g++ : isParameter ? d++ : 0;
    const isWeightOfAttention = key.endsWith('attention/output/scale');
    const [scale, offset] = isWeightOfAttention ? [0.5, 0] : [0.3, key.endsWith('/scale') ? 1 : 0];
    state[key] = isParameter ? wave(number, shape, scale, offset) : wave(number, shape, 0);
  }
  const scalar = (value: number): HostTensor => ({
    shape: [],
    dtype: 'float32',
    data: Float32Array.of(value),
  });
  const labels = Float32Array.from([1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1]);
  const inputsAt = (step: number): HostTensors => {
    const given: HostTensors = {
      real: wave(100 + 2 * step, [batch, 16, 16, 3], 0.8),
      z: wave(101 + 2 * step, [batch, 8], 1.2),
      labels: { shape: [batch, 3], dtype: 'float32', data: labels },
      criticRate: scalar(rate),
      learningRate: scalar(rate),
      criticUpdate: scalar(step),
      update: scalar(step),
    };
    return Object.fromEntries(Object.keys(phase.inputs).map((key) => [key, given[key]!]));
  };
  return { config, phase, state, inputsAt };
}

/** Compares a step's outputs and the state after it with PyTorch's. */
function assertAfter(outputs: HostTensors, expected: Expected, within: number, where: string): void {
  assertOutputs(outputs, expected, { beta1: smallConfig.beta1, within, lossWithin: within / 10, where });
  for (const [kernel, figures] of Object.entries(expected.vectors)) {
    const vector = outputs[nextName(`spectral/${kernel}`)]!.data as Float32Array;
    assertFigures(vector, figures, { within, where: `${where}: vector of ${kernel}` });
  }
  const vectors = Object.keys(outputs).filter((key) => key.startsWith(nextName('spectral/')));
  assert.is(vectors.length, Object.keys(expected.vectors).length);
}

for (const [name, [first, last]] of Object.entries(fixture)) {
  test(`${name}: three steps are PyTorch's`, async () => {
    const { config, phase, state, inputsAt } = prepare(name);
    const { graph } = recordStateFunction(phase.update, state, phase.inputs);
    checkGraph(graph);
    const given = Object.entries(inputsAt(1)).map(([key, tensor]) => [inputName(key), tensor] as const);
    assertAfter(await replay(graph, { ...state, ...Object.fromEntries(given) }), first, 1e-3, 'replayed');

    await using engine = held((await selectEngine(config)).engine);
    await engine.writeState(state);
    const compiled = await engine.compile(phase.update, phase.inputs);
    for (let step = 1; step <= steps; step++) {
      const outputs = await compiled.run(inputsAt(step));
      const after = Object.entries(await engine.readState()).map(
        ([key, tensor]) => [nextName(key), tensor] as const,
      );
      for (const key of Object.keys(outputs)) after.push([outputName(key), outputs[key]!]);
      // Adam's first steps are nearly signs, so rounding grows from one step to the next.
      const expected = step === 1 ? first : step === steps ? last : null;
      if (expected !== null) {
        assertAfter(Object.fromEntries(after), expected, step === 1 ? 1e-3 : 1e-2, `lowered, step ${step}`);
      }
    }
  });
}

const both = { spectralNorm: 'both', ...none } as const;

/** The state before and after one step of the loop, with all its parts and updates of D. */
async function trained(values: Partial<TrainConfig>) {
  const config: TrainConfig = { ...smallConfig, ...values };
  await using engine = held((await selectEngine(config)).engine);
  const before = planTraining(config).initialState(new Random(1));
  const open = await openPlan({ config, conditioning: null, engine, state: before });
  const random = new Random(2);
  const size = config.batch * 16 ** 2 * 3;
  const batches = {
    next: async () => ({ images: random.fillLatent(new Float32Array(size), 'uniform'), labels: null }),
  };
  await open.train({ random: new Random(3), batches, stepNumber: 1, fetch: [] });
  const after = await open.readState();
  await open.dispose();
  return { before, after };
}

/** The vectors of a state after one power iteration with its kernels. */
function iterated(state: HostTensors): Readonly<Record<string, Float32Array>> {
  const tensors = Object.entries(state).map(
    ([key, { data, shape }]) => [key, tf.tensor(data, [...shape])] as const,
  );
  const next = nextVectors(Object.fromEntries(tensors));
  return Object.fromEntries(
    Object.entries(next).map(([key, tensor]) => [key, tensor.dataSync() as Float32Array]),
  );
}

for (const [name, values] of Object.entries({
  'of a step': {},
  'of a step in parts': { accumulate: 2 },
  'of a step with penalties and three passes of D': { r1: 1, r2: 1 },
  'of a step with a frozen layer': { from: '/run', freezeD: 1 },
})) {
  test(`the one update ${name} iterates each vector once, with the kernels before it`, async () => {
    const { before, after } = await trained({ ...both, ...values });
    const expected = Object.entries(iterated(before));
    assert.is(expected.length, 6);
    for (const [key, data] of expected) assertClose(after[key]!.data, data, 1e-5, key);
  });
}

test('two updates of D iterate its vectors twice and those of G once', async () => {
  const { before, after } = await trained({ ...both, criticSteps: 2 });
  for (const [key, data] of Object.entries(iterated(before))) {
    const isOnce = relativeError(after[key]!.data, data) < 1e-5;
    // The vector of the only output is 1 whatever is done.
    if (data.length > 1) assert.is(isOnce, key.startsWith('spectral/generator/'), key);
  }
});

test('without spectral norm the state has no vectors, with it the head of codes has none, and the draws of a seed are as before', () => {
  const [plain, normed] = [{}, both].map((values) =>
    planTraining({ ...smallConfig, ...none, ...values }).initialState(new Random(1)),
  );
  const vectors = Object.keys(normed!).filter((key) => !(key in plain!));
  assert.ok(vectors.length === 6 && vectors.every((key) => key.startsWith('spectral/')));
  for (const [key, { data }] of Object.entries(plain!)) assert.equal(normed![key]!.data, data, key);
  const codes: Conditioning = { kind: 'codes', codes: parseCodes('categorical:3') };
  const info = { ...smallConfig, ...both, condition: 'info', codes: 'categorical:3' } as const;
  const heads = Object.keys(planTraining(info, codes).initialState(new Random(1)));
  assert.ok(heads.includes('discriminator/codes/hidden/kernel'));
  assert.not(heads.includes('spectral/discriminator/codes/hidden/kernel'));
});

test('a new attention changes nothing, and is a layer of its own that freezing counts', () => {
  const config: TrainConfig = { ...smallConfig, attention };
  const plan = planTraining(config);
  const state = plan.initialState(new Random(1));
  for (const network of ['generator', 'discriminator'] as const) {
    assert.equal([...state[`${network}/attention/output/scale`]!.data], [0]);
    const names = plan.describe()[network].map(({ name, outputShape }) => `${name} ${outputShape.join()}`);
    assert.is(names[network === 'generator' ? 2 : 1], `${network}/attention 8,8,4`);
  }
  const frozen = (freezeD: number): readonly string[] => {
    const phase = planTraining({ ...config, from: '/run', freezeD }).phases.at(-1)!;
    const { writes } = recordStateFunction(phase.update, state, phase.inputs);
    return Object.keys(state).filter((key) => key.startsWith('discriminator/') && !writes.includes(key));
  };
  assert.ok(frozen(1).every((key) => key.startsWith('discriminator/block1/')));
  assert.is(frozen(2).length, frozen(1).length + 5);
  assert.ok(frozen(2).some((key) => key.startsWith('discriminator/attention/')));
  assert.throws(() => frozen(4), /the discriminator has 3 layers/);
});

test('a run that starts from another takes its vectors with its kernels', () => {
  const config: TrainConfig = { ...smallConfig, ...both, attention };
  const [initial, source] = [1, 2].map((seed) => planTraining(config).initialState(new Random(seed)));
  const wider = planTraining({ ...config, imageSize: 32, attention: 16 }).initialState(new Random(3));
  const ofRun = { config, conditioning: null };
  const taken = takeWeights(
    { ...ofRun, state: initial! },
    { ...ofRun, state: source! },
    { hasMoments: false },
  );
  const moved = takeWeights({ ...ofRun, state: wider }, { ...ofRun, state: source! }, { hasMoments: false });
  const vectors = Object.keys(initial!).filter((key) => key.startsWith('spectral/'));
  assert.is(vectors.length, 14);
  for (const key of vectors) assert.equal(taken.state[key]!.data, source![key]!.data, key);
  const last = 'spectral/generator/image/kernel';
  assert.equal(moved.state[last]!.data, source![last]!.data);
  // Twice the size with one layer more: the source's first block is the second.
  const [from, to] = ['block1', 'block2'].map((block) => `spectral/generator/${block}/kernel`);
  assert.equal(moved.state[to!]!.data, source![from!]!.data);
});

test('the methods tested are those of the fixture', () => {
  assert.equal(Object.keys(methods), Object.keys(fixture));
});

test.run();
