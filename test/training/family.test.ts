// Every method's whole training step against PyTorch's in float64 (scripts/fixtures/family.py): losses, and the gradients
// read from Adam's moments, on tfjs's CPU backend and lowered. Penalties are second derivatives, looking ahead is a derivative
// through Adam; labels, codes and changed images go through every pass.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { parseCodes } from '../../trainer/config/conditioning.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { inputName, recordStateFunction } from '../../trainer/engine/state-function.ts';
import { checkGraph } from '../../trainer/graph/trace/check-graph.ts';
import { registerGradients } from '../../trainer/graph/trace/gradients/register.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import type { HostTensors } from '../graph/lower/run-graph.ts';
import { wave } from '../restoring/fixture.ts';
import { smallConfig } from '../shared/small-config.ts';
import { assertStep, type ExpectedStep } from './step-fixture.ts';

const test = suite('family');
test.before(async () => {
  await tf.setBackend('cpu');
  registerGradients();
});

const fixture = JSON.parse(readFileSync('test/fixtures/family.json', 'utf8')) as Readonly<
  Record<string, ExpectedStep>
>;

const classes: Conditioning = { kind: 'classes', names: ['a', 'b', 'c'] };
const codes: Conditioning = { kind: 'codes', codes: parseCodes('categorical:3,continuous:2') };
const changes = 'color,translation,cutout';
const layer = { discriminatorNorm: 'layer' } as const;
const none = { discriminatorNorm: 'none' } as const;

/** Configurations of the methods, by the fixture's names. */
const methods: Readonly<Record<string, readonly [Partial<TrainConfig>, Conditioning]>> = {
  'non-saturating': [{}, null],
  minimax: [{ objective: 'minimax' }, null],
  'least-squares, changed images': [{ objective: 'least-squares', augment: changes }, null],
  'hinge, labels projected, layer norm': [
    { objective: 'hinge', ...layer, condition: 'label', labelDiscriminator: 'projection' },
    classes,
  ],
  wgan: [{ objective: 'wgan' }, null],
  'wgan-gp, labels as maps': [{ objective: 'wgan-gp', ...layer, condition: 'label' }, classes],
  'r1, no norm': [{ ...none, r1: 2.5 }, null],
  'r1, layer norm, changed images': [{ objective: 'hinge', ...layer, r1: 2.5, augment: changes }, null],
  'unrolled by 2': [{ unroll: 2 }, null],
  'minimax unrolled by 1': [{ objective: 'minimax', unroll: 1 }, null],
  codes: [{ condition: 'info', codes: 'categorical:3,continuous:2' }, codes],
  relativistic: [{ objective: 'relativistic' }, null],
  'relativistic, unrolled by 1': [{ objective: 'relativistic', unroll: 1 }, null],
  'relativistic, lazy r1 and r2': [
    { objective: 'relativistic', ...none, r1: 0.5, r2: 0.25, r1Every: 4 },
    null,
  ],
  'relativistic, r1 and r2, labels projected, changed images': [
    {
      ...{ objective: 'relativistic', ...layer, r1: 2.5, r2: 2.5, augment: changes },
      ...{ condition: 'label', labelDiscriminator: 'projection' },
    },
    classes,
  ],
  'hinge, r1 and r2': [{ objective: 'hinge', ...none, r1: 2.5, r2: 1.5 }, null],
  'r2, changed images': [{ ...none, r2: 2.5, augment: changes }, null],
};

const rate = 0.01;
const [batch, size] = [4, 16];

/** The random tensors of a pass as the fixture has them: of image k in pass p. */
function changesOf(p: number): HostTensors {
  const matrices = (shiftOf: (k: number) => number, isRow: boolean): HostTensor => {
    const data = new Float32Array(batch * size * size);
    for (let k = 0; k < batch; k++) {
      for (let to = 0; to < size; to++) {
        const from = to + shiftOf(k);
        if (from < 0 || from >= size) continue;
        data[(k * size + (isRow ? to : from)) * size + (isRow ? from : to)] = 1;
      }
    }
    return { shape: [batch, size, size], dtype: 'float32', data };
  };
  const kept = new Float32Array(batch * size * size).fill(1);
  for (let k = 0; k < batch; k++) {
    for (let y = 2 * k; y < Math.min(size, 2 * k + 8); y++) {
      kept.fill(0, (k * size + y) * size + 3 + p, (k * size + y) * size + 11 + p);
    }
  }
  return {
    brightness: wave(60 + p, [batch, 1, 1, 1], 0.4),
    saturation: wave(63 + p, [batch, 1, 1, 1], 0.8, 1),
    contrast: wave(66 + p, [batch, 1, 1, 1], 0.4, 1),
    rows: matrices((k) => k - 1 + p, true),
    columns: matrices((k) => 2 - k, false),
    kept: { shape: [batch, size, size, 1], dtype: 'float32', data: kept },
  };
}

function oneHot(rows: readonly number[], columns: number): number[] {
  return rows.flatMap((hot) => Array.from({ length: columns }, (_, c) => Number(c === hot)));
}

/** The step of a method as a graph, with the fixture's inputs. */
function prepare(name: string, [values, conditioning] = methods[name]!) {
  const config: TrainConfig = {
    ...smallConfig,
    head: 'dense',
    learningRate: rate,
    averageDecay: 0,
    ...values,
  };
  const plan = planTraining(config, conditioning);
  const phase = plan.phases.at(-1)!;
  const state: HostTensors = {};
  let [g, d] = [0, 20];
  for (const [key, { shape }] of Object.entries(plan.initialState(new Random(1)))) {
    const isParameter = /^(generator|discriminator)\//.test(key);
    const number = key.startsWith('generator/') ? g++ : isParameter ? d++ : 0;
    state[key] = isParameter
      ? wave(number, shape, 0.3, key.endsWith('/scale') ? 1 : 0)
      : wave(number, shape, 0);
  }
  const scalar = (value: number): HostTensor => ({
    shape: [],
    dtype: 'float32',
    data: Float32Array.of(value),
  });
  const numbers = wave(52, [batch, 2], 0.9).data;
  const given: HostTensors = {
    real: wave(50, [batch, size, size, 3], 0.8),
    z: wave(51, [batch, 8], 1.2),
    labels: { shape: [batch, 3], dtype: 'float32', data: Float32Array.from(oneHot([0, 2, 1, 2], 3)) },
    // Attributes that are one-hot make the step of the classes.
    condition: { shape: [batch, 3], dtype: 'float32', data: Float32Array.from(oneHot([0, 2, 1, 2], 3)) },
    codes: {
      shape: [batch, 5],
      dtype: 'float32',
      data: Float32Array.from(
        [1, 0, 2, 1].flatMap((hot, k) => [...oneHot([hot], 3), numbers[2 * k]!, numbers[2 * k + 1]!]),
      ),
    },
    mix: wave(53, [batch, 1, 1, 1], 0.5, 0.5),
    criticRate: scalar(rate),
    learningRate: scalar(rate),
    criticUpdate: scalar(1),
    update: scalar(1),
  };
  ['real', 'fake', 'generator'].forEach((pass, p) => {
    for (const [key, tensor] of Object.entries(changesOf(p))) given[`noise/${pass}/${key}`] = tensor;
  });
  const { graph } = recordStateFunction(phase.update, state, phase.inputs);
  checkGraph(graph);
  const feeds: HostTensors = { ...state };
  for (const key of Object.keys(phase.inputs)) feeds[inputName(key)] = given[key]!;
  return { config, graph, feeds };
}

for (const [name, expected] of Object.entries(fixture)) {
  test(`${name}: the step is PyTorch's, replayed and lowered`, async () => {
    const { config, graph, feeds } = prepare(name);
    await assertStep(graph, feeds, expected, config);
  });
}

const attributes: Conditioning = { kind: 'attributes', names: ['a', 'b', 'c'], examples: [[1, 0, 0]] };
for (const name of ['hinge, labels projected, layer norm', 'wgan-gp, labels as maps']) {
  test(`${name}: attributes instead of labels take the same way through G and D`, async () => {
    const { config, graph, feeds } = prepare(name, [
      { ...methods[name]![0], condition: 'attributes' },
      attributes,
    ]);
    await assertStep(graph, feeds, fixture[name]!, config);
  });
}

// Without statistics of a batch it does not matter to D which images it sees together.
for (const name of [
  'relativistic, lazy r1 and r2',
  'relativistic, r1 and r2, labels projected, changed images',
  'r2, changed images',
]) {
  test(`${name}: real and generated images joined in one batch make the same step`, async () => {
    const [values, conditioning] = methods[name]!;
    const { config, graph, feeds } = prepare(name, [
      { ...values, discriminatorBatch: 'joined' },
      conditioning,
    ]);
    await assertStep(graph, feeds, fixture[name]!, config);
  });
}

test('the methods tested are those of the fixture', () => {
  assert.equal(Object.keys(methods), Object.keys(fixture));
});

test.run();
