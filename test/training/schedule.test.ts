// The factor of the learning rates against its closed forms, and that the step's inputs hold the product.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { rateFactor } from '../../trainer/training/schedule.ts';
import { smallConfig } from '../shared/small-config.ts';

const test = suite('schedule');
const close = (got: number, wanted: number): void =>
  assert.ok(Math.abs(got - wanted) < 1e-12, `${got}, expected ${wanted}`);

test('a constant schedule without warm-up is exactly 1', () => {
  for (const step of [1, 2, 999]) {
    assert.is(rateFactor({ schedule: 'constant', warmup: 0 }, step, (step - 1) / 1000), 1);
  }
});

test('linear falls by equal parts from 1, and cosine passes the known values of its curve', () => {
  const factors = (schedule: 'linear' | 'cosine') =>
    [0, 1, 2, 3, 4, 5].map((done) => rateFactor({ schedule, warmup: 0 }, done + 1, done / 6));
  const root = Math.sqrt(3) / 4;
  factors('linear').forEach((factor, i) => close(factor, [1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6][i]!));
  factors('cosine').forEach((factor, i) => close(factor, [1, 0.5 + root, 0.75, 0.5, 0.25, 0.5 - root][i]!));
  for (const schedule of ['linear', 'cosine'] as const) close(rateFactor({ schedule, warmup: 0 }, 7, 1), 0);
});

test('a warm-up rises linearly, has its full value in its last step, and multiplies the decay', () => {
  const rise = [1, 2, 3, 4, 5].map((step) => rateFactor({ schedule: 'constant', warmup: 4 }, step, 0.5));
  assert.equal(rise, [0.25, 0.5, 0.75, 1, 1]);
  close(rateFactor({ schedule: 'linear', warmup: 4 }, 2, 0.1), 0.5 * 0.9);
});

test("the factor multiplies both networks' rates, and nothing else of a step's inputs", () => {
  const config = { ...smallConfig, learningRate: 0.002, discriminatorLearningRate: 0.004 };
  const phase = planTraining(config).phases.at(-1)!;
  const images = new Float32Array(config.batch * 16 * 16 * 3).fill(0.5);
  const inputs = (factor?: number) => phase.makeInputs(new Random(3), { images, labels: null }, 1, 0, factor);
  const [whole, quarter] = [inputs(), inputs(0.25)];
  assert.is(quarter['learningRate']!.data[0], Math.fround(0.0005));
  assert.is(quarter['criticRate']!.data[0], Math.fround(0.001));
  const { learningRate, criticRate } = whole;
  assert.equal({ ...quarter, learningRate, criticRate }, whole);
});

test.run();
