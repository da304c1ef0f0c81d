// Scheduled values against closed forms, and whole steps with them against PyTorch's in float64 (scripts/fixtures/schedules.py).
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../runtime-web/format/random.ts';
import { inputName, nextName, recordStateFunction } from '../../../../trainer/engine/state-function.ts';
import { registerGradients } from '../../../../trainer/graph/trace/gradients/register.ts';
import { replay } from '../../../../trainer/graph/trace/replay.ts';
import { planTraining } from '../../../../trainer/training/plan.ts';
import {
  averageDecayAt,
  scheduledAt,
  type ScheduleConfig,
} from '../../../../runtime-web/format/training/schedule.ts';
import { runLowered, type HostTensors } from '../../../graph/lower/run-graph.ts';
import { wave } from '../../../restoring/fixture.ts';
import { smallConfig, type SquareConfig } from '../../../shared/small-config.ts';

const test = suite('schedule');
test.before(async () => {
  await tf.setBackend('cpu');
  registerGradients();
});
const close = (got: number, wanted: number): void =>
  assert.ok(Math.abs(got - wanted) < 1e-12, `${got}, expected ${wanted}`);

const constant: ScheduleConfig = smallConfig;
const factorAt = (config: Partial<ScheduleConfig>, step: number, done: number): number =>
  scheduledAt({ ...constant, ...config }, step, { done, images: 0 }).rateFactor;

test('a constant schedule without warm-up is exactly 1', () => {
  for (const step of [1, 2, 999]) assert.is(factorAt({}, step, (step - 1) / 1000), 1);
});

test('linear falls by equal parts from 1, and cosine passes the known values of its curve', () => {
  const factors = (schedule: 'linear' | 'cosine') =>
    [0, 1, 2, 3, 4, 5].map((done) => factorAt({ schedule }, done + 1, done / 6));
  const root = Math.sqrt(3) / 4;
  factors('linear').forEach((factor, i) => close(factor, [1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6][i]!));
  factors('cosine').forEach((factor, i) => close(factor, [1, 0.5 + root, 0.75, 0.5, 0.25, 0.5 - root][i]!));
  for (const schedule of ['linear', 'cosine'] as const) close(factorAt({ schedule }, 7, 1), 0);
});

test('a warm-up rises linearly, has its full value in its last step, and multiplies the decay', () => {
  const rise = [1, 2, 3, 4, 5].map((step) => factorAt({ warmup: 4 }, step, 0.5));
  assert.equal(rise, [0.25, 0.5, 0.75, 1, 1]);
  close(factorAt({ schedule: 'linear', warmup: 4 }, 2, 0.1), 0.5 * 0.9);
});

test('rates end at the end rate, over a share of the run or over images, and then stay', () => {
  const to = { schedule: 'linear', learningRate: 0.01, learningRateEnd: 0.002 } as const;
  close(factorAt(to, 5, 1), 0.2);
  for (const [done, factor] of [
    [0.25, 0.6],
    [0.5, 0.2],
    [0.9, 0.2],
  ] as const) {
    close(factorAt({ ...to, burnIn: 0.5 }, 5, done), factor);
  }
  const at = (images: number) =>
    scheduledAt({ ...constant, ...to, burnIn: 1000 }, 5, { done: 0.1, images }).rateFactor;
  close(at(250), 0.8);
  close(at(5000), 0.2);
});

test('a half-life rises with the images shown, and half of a weight is left after that many', () => {
  const config = { averageDecay: null, averageHalfLife: 640, averageRampUp: 0.5 };
  assert.is(averageDecayAt(config, 1, 64), 0);
  close(averageDecayAt(config, 3, 64), 0.5);
  close(averageDecayAt(config, 1000, 64) ** 10, 0.5);
  close(averageDecayAt({ ...config, averageRampUp: 0 }, 1, 64) ** 10, 0.5);
  close(averageDecayAt({ averageDecay: 0.99, averageHalfLife: null, averageRampUp: 0.5 }, 1, 64), 2 / 11);
});

const images = new Float32Array(4 * 16 * 16 * 3).fill(0.5);
const inputsOf = (config: SquareConfig, scheduled?: ReturnType<typeof scheduledAt>) =>
  planTraining(config).phases.at(-1)!.makeInputs(new Random(3), { images, labels: null }, 1, 0, scheduled);

test("the factor multiplies both networks' rates, and nothing else of a step's inputs", () => {
  const config = { ...smallConfig, learningRate: 0.002, discriminatorLearningRate: 0.004 };
  const [whole, quarter] = [
    inputsOf(config),
    inputsOf(config, { rateFactor: 0.25, beta2: 0.5, penaltyFactor: 0.5 }),
  ];
  assert.is(quarter['learningRate']!.data[0], Math.fround(0.0005));
  assert.is(quarter['criticRate']!.data[0], Math.fround(0.001));
  const { learningRate, criticRate } = whole;
  assert.equal({ ...quarter, learningRate, criticRate }, whole);
});

test('β2 and the factor of the penalties are inputs only where they vary', () => {
  const has = (config: Partial<SquareConfig>) =>
    ['beta2', 'penaltyFactor'].map((name) => name in inputsOf({ ...smallConfig, ...config }));
  assert.equal(has({}), [false, false]);
  assert.equal(has({ beta2End: 0.9 }), [true, false]);
  assert.equal(has({ penaltyEnd: 0.1 }), [false, true]);
});

interface Fixture {
  readonly values: readonly Readonly<Record<'rate' | 'beta2' | 'penalty' | 'decay', number>>[];
  readonly state: Readonly<Record<string, readonly [number, number, number]>>;
}
const fixture = JSON.parse(readFileSync('test/fixtures/schedules.json', 'utf8')) as Fixture;

/** R3GAN's schedule over three steps of four images, and the half-life of StyleGAN2-ADA. */
const scheduled: SquareConfig = {
  ...smallConfig,
  ...{ head: 'dense', objective: 'relativistic', discriminatorNorm: 'none', r1: 2.5, r2: 1.5 },
  ...{ schedule: 'cosine', burnIn: 12, learningRate: 0.01, learningRateEnd: 0.002 },
  ...{ beta2: 0.9, beta2End: 0.99, penaltyEnd: 0.1 },
  ...{ averageDecay: null, averageHalfLife: 10, averageRampUp: 0.5 },
};

test("the values of each step are those of R3GAN's formula", () => {
  fixture.values.forEach(({ rate, beta2, penalty, decay }, s) => {
    const got = scheduledAt(scheduled, s + 1, { done: 0, images: 4 * s });
    close(0.01 * got.rateFactor, rate);
    close(got.beta2, beta2);
    close(got.penaltyFactor, penalty);
    close(averageDecayAt(scheduled, s + 1, 4), decay);
  });
});

for (const [how, run] of Object.entries({ replayed: replay, lowered: runLowered })) {
  test(`steps with changing rates, β2, penalties and average are PyTorch's, ${how}`, async () => {
    const plan = planTraining(scheduled);
    const phase = plan.phases.at(-1)!;
    const state: Record<string, HostTensors[string]> = {};
    let [g, d] = [0, 20];
    for (const [key, { shape }] of Object.entries(plan.initialState(new Random(1)))) {
      const name = key.replace(/^averaged\//, '');
      const isParameter = /^(generator|discriminator)\//.test(name);
      if (key !== name) state[key] = state[name]!;
      else if (!isParameter) state[key] = wave(0, shape, 0);
      else {
        const number = name.startsWith('generator/') ? g++ : d++;
        state[key] = wave(number, shape, 0.3, key.endsWith('/scale') ? 1 : 0);
      }
    }
    const { graph } = recordStateFunction(phase.update, state, phase.inputs);
    for (let s = 0; s < fixture.values.length; s++) {
      const inputs = phase.makeInputs(
        new Random(1),
        { images: wave(50 + 10 * s, [4, 16, 16, 3], 0.8).data as Float32Array, labels: null },
        s + 1,
        0,
        scheduledAt(scheduled, s + 1, { done: 0, images: 4 * s }),
      );
      const given = { ...inputs, z: wave(51 + 10 * s, [4, 8], 1.2) };
      const feeds: Record<string, HostTensors[string]> = { ...state };
      for (const [name, tensor] of Object.entries(given)) feeds[inputName(name)] = tensor;
      const outputs = await run(graph, feeds);
      for (const key of Object.keys(state)) state[key] = outputs[nextName(key)] ?? state[key]!;
    }
    for (const [name, [length, ...products]] of Object.entries(fixture.state)) {
      const data = state[name]!.data as Float32Array;
      const along = [70, 71].map((p) => {
        const { data: other } = wave(p, [data.length], 1);
        return data.reduce((sum, value, i) => sum + value * other[i]!, 0);
      });
      [Math.hypot(...data), ...along].forEach((got, i) => {
        const wanted = [length, ...products][i]!;
        assert.ok(Math.abs(got - wanted) < 2e-4 * length, `${name}, figure ${i}: ${got}, expected ${wanted}`);
      });
    }
  });
}

test.run();
