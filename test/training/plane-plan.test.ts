// The plan for points in the plane: the gradient of G's loss at points and D's scores are PyTorch's (scripts/fixtures/plane.py), the weights
// begin orthogonal, and a step trains.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { inputName, outputName, recordStateFunction } from '../../trainer/engine/state-function.ts';
import type { StateFunction } from '../../trainer/engine/engine.ts';
import { registerGradients } from '../../trainer/graph/trace/gradients/register.ts';
import type { HostTensor, TensorSpec } from '../../trainer/graph/trace/graph.ts';
import { planeConfig, planPlane } from '../../trainer/training/plane-plan.ts';
import { runLowered, type HostTensors } from '../graph/lower/run-graph.ts';
import { wave } from '../restoring/fixture.ts';

const test = suite('plan for points');
test.before(async () => {
  await tf.setBackend('cpu');
  registerGradients();
});

type Values = Parameters<typeof planeConfig>[0];
const fixture = JSON.parse(readFileSync('test/fixtures/plane.json', 'utf8')) as Readonly<
  Record<string, { readonly logits: readonly number[] | null; readonly slopes: readonly number[] }>
>;
const methods: Readonly<Record<string, Values>> = {
  'non-saturating': { objective: 'non-saturating' },
  minimax: { objective: 'minimax' },
  'least-squares': { objective: 'least-squares' },
  hinge: { objective: 'hinge' },
  relativistic: { objective: 'relativistic', r1: 0.5, r2: 0.5 },
  wgan: { objective: 'wgan', criticSteps: 5 },
  'wgan-gp': { objective: 'wgan-gp', criticSteps: 5 },
  'minimax, unrolled by 1': { objective: 'minimax', unroll: 1 },
  'minimax, unrolled by 3': { objective: 'minimax', unroll: 3 },
  'hinge, unrolled by 2': { objective: 'hinge', unroll: 2 },
};
const batch = 8;

const scalar = (value: number): HostTensor => ({
  shape: [],
  dtype: 'float32',
  data: Float32Array.of(value),
});

/** Runs a function of a plan, lowered, with the fixture's D and moments. */
async function run(values: Values, of: 'field' | 'judge'): Promise<Float32Array> {
  const plan = planPlane(planeConfig({ ...values, batch, latent: 4 }));
  const state: HostTensors = {};
  const names = plan.stateEntries.map(({ name }) => name).filter((name) => name.startsWith('discriminator/'));
  const shapes = new Map(plan.stateEntries.map(({ name, shape }) => [name, shape]));
  names.forEach((name, k) => {
    state[name] = wave(k, shapes.get(name)!, 0.2);
    state[`moments/first/${name}`] = wave(20 + k, shapes.get(name)!, 1e-3);
    state[`moments/second/${name}`] = wave(40 + k, shapes.get(name)!, 4e-6, 5e-6);
  });
  const specs: Readonly<Record<string, TensorSpec>> = Object.fromEntries(
    plan.stateEntries.map(({ name, shape }) => [name, { shape, dtype: 'float32' }]),
  );
  const [fn, inputs]: [StateFunction, Readonly<Record<string, TensorSpec>>] =
    of === 'field' ? [plan.field, plan.fieldInputs] : [plan.judge, plan.judgeInputs];
  const { graph } = recordStateFunction(fn, specs, inputs);
  const outputs = await runLowered(graph, {
    ...state,
    [inputName('points')]: wave(60, [batch, 2], 2),
    [inputName('real')]: wave(61, [batch, 2], 2),
    [inputName('criticRate')]: scalar(1e-3),
    [inputName('criticUpdate')]: scalar(3),
  });
  return outputs[outputName(of === 'field' ? 'slopes' : 'logits')]!.data as Float32Array;
}

/** Asserts values within a share of the largest. */
function assertClose(got: Float32Array, expected: readonly number[], within: number, where: string): void {
  assert.is(got.length, expected.length);
  const size = Math.max(...expected.map(Math.abs));
  assert.ok(size > 0, where);
  expected.forEach((value, i) =>
    assert.ok(Math.abs(got[i]! - value) < within * size, `${where}: ${i} is ${got[i]}, expected ${value}`),
  );
}

for (const [name, values] of Object.entries(methods)) {
  test(`${name}: the gradient of G's loss at points is PyTorch's`, async () => {
    const { slopes, logits } = fixture[name]!;
    assertClose(await run(values, 'field'), slopes, 1e-4, name);
    if (logits !== null) assertClose(await run(values, 'judge'), logits, 1e-5, name);
  });
}

test('kernels begin with orthogonal vectors of length 0.8, biases at 0, and the seed decides them', () => {
  const plan = planPlane(planeConfig({ objective: 'minimax', latent: 6 }));
  const state = plan.initialState(new Random(3));
  for (const { name, shape } of plan.stateEntries) {
    const data = state[name]!.data as Float32Array;
    if (!name.endsWith('/kernel') || name.startsWith('moments/')) {
      assert.ok(
        data.every((value) => value === 0),
        name,
      );
      continue;
    }
    const [rows = 0, columns = 0] = shape;
    const isWide = rows < columns;
    const vector = (k: number): number[] =>
      Array.from(
        { length: isWide ? columns : rows },
        (_, i) => data[isWide ? k * columns + i : i * columns + k]!,
      );
    const dot = (a: number, b: number): number => {
      const [left, right] = [vector(a), vector(b)];
      return left.reduce((sum, value, i) => sum + value * right[i]!, 0);
    };
    const last = Math.min(rows, columns) - 1;
    for (const [a, b] of [
      [0, 0],
      [last, last],
      [0, last],
      [0, Math.min(1, last)],
    ] as const)
      assert.ok(Math.abs(dot(a, b) - (a === b ? 0.64 : 0)) < 1e-5, `${name}: ${a}, ${b}: ${dot(a, b)}`);
  }
  const other = plan.initialState(new Random(4));
  assert.not.equal(other['generator/layer1/kernel']!.data, state['generator/layer1/kernel']!.data);
});

test.run();
