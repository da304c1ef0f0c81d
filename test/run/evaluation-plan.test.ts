// The choice of a run's evaluations from their measured cost: whatever the cost, they stay within the share of the run's time.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultConfig } from '../../trainer/config/fields.ts';
import type { Evaluator } from '../../trainer/metrics/run-evaluator.ts';
import {
  affordableCount,
  affordableTimes,
  isDueBetween,
  maxShare,
  spread,
} from '../../trainer/run/evaluation-plan.ts';
import { Evaluations } from '../../trainer/run/evaluations.ts';

const test = suite('evaluation plan');

test('evaluations and the features of the real images fit the budget, at every cost', () => {
  for (const budget of [6, 12, 72, 1728, 20_000]) {
    for (const perImage of [1e-4, 1e-3, 0.01, 0.1, 1]) {
      for (const perEvaluation of [0, 0.3, 5, 60]) {
        const cost = { perImage, perEvaluation };
        const count = affordableCount(budget, cost, { least: 273, most: 2000 });
        if (count === null) {
          assert.ok(3 * 273 * perImage + 2 * perEvaluation > budget, 'room for two was refused');
          continue;
        }
        const times = affordableTimes(budget - count * perImage, cost, count)!;
        assert.ok(times >= 2 && times <= 40 && count >= 273 && count <= 2000, `${times} of ${count}`);
        const total = times * (count * perImage + perEvaluation) + count * perImage;
        assert.ok(total <= budget, `${total} s of ${budget}`);
      }
    }
  }
});

test('a long run takes all images and many evaluations, a shorter one fewer images first', () => {
  const limits = { least: 273, most: 2000 };
  const long = { perImage: 0.002, perEvaluation: 1 };
  assert.is(affordableCount(720, long, limits), 2000);
  assert.is(affordableTimes(720, long, 2000), 40);
  const short = { perImage: 0.002, perEvaluation: 0.2 };
  const count = affordableCount(6, short, limits)!;
  assert.ok(count < 2000, String(count));
  assert.ok(affordableTimes(6 - count * 0.002, short, count)! >= 5);
  assert.is(affordableTimes(3, short, 1000), null);
});

test('the last of the evaluations falls on the end of the run', () => {
  const lengths = { steps: null, images: null, minutes: null };
  for (const [given, last] of [
    [{ ...lengths, steps: 1003 }, 1003],
    [{ ...lengths, images: 64_000 }, 64_000],
    [{ ...lengths, minutes: 10 }, 600],
  ] as const) {
    const { every } = spread(given, { times: 7, count: 300 });
    assert.ok(every * 7 >= last && every * 6 < last, `every ${every}`);
  }
});

test('an evaluation is due once in each interval, also where steps jump over its end', () => {
  const at = (images: number) => ({ step: 0, images, secondsElapsed: 0 });
  const plan = { unit: 'images', every: 100, count: 300 } as const;
  const due = Array.from({ length: 10 }, (_, i) => isDueBetween(plan, at(i * 64), at((i + 1) * 64)));
  assert.equal(due, [false, true, false, true, true, false, true, true, false, true]);
});

/** An evaluator with the cost of a fake clock; `least` and `most` are its limits. */
function costing(
  perImage: number,
  { least = 273, most = 2000 } = {},
): Evaluator & { prepared: number | null } {
  return {
    ...{ least, most, prepared: null, network: 'tiny' },
    secondsPerImage: async () => perImage,
    async prepare(count) {
      this.prepared = count;
      return 0.01;
    },
    measure: () => Promise.reject(new Error('not asked to measure')),
    close: async () => undefined,
  };
}

/** The line that a run of this length, with so many seconds behind it at each step, has chosen by. */
async function chosen(config: Partial<typeof defaultConfig>, evaluator: Evaluator) {
  const now = performance.now;
  const evaluations = new Evaluations({
    config: { ...defaultConfig, ...config },
    open: async () => evaluator,
    best: null,
    signal: new AbortController().signal,
  });
  const draw = () => Promise.resolve({ shape: [1], dtype: 'float32' as const, data: Float32Array.of(0) });
  const steps = config.steps ?? 6000;
  const lines: string[] = [];
  try {
    for (let step = 1; step <= 200; step++) {
      performance.now = () => step * 100;
      const place = { step, images: step * 64, secondsElapsed: step / 10 };
      const line = await evaluations.choose(place, step / steps, draw);
      if (line !== null) lines.push(line);
    }
  } finally {
    performance.now = now;
  }
  return { lines, evaluations };
}

test('runs of more than five minutes are evaluated by default, shorter ones are not', async () => {
  // A step takes 0.1 s.
  const short = await chosen({ steps: 2900 }, costing(1e-4));
  assert.equal(short.lines, []);
  assert.is(short.evaluations.saved, undefined);
  const long = await chosen({ steps: 6000 }, costing(1e-3));
  assert.is(long.lines.length, 1);
  assert.match(long.lines[0]!, /^every 1,200 steps with 2,000 images \(tiny\), in about 1\.7% of the time$/);
  const timed = await chosen({ steps: null, minutes: 10 }, costing(1e-3));
  assert.match(timed.lines[0]!, /^every \d+ s with 2,000 images/);
  const patient = await chosen({ steps: 2900, patience: 3 }, costing(1e-4));
  assert.is(patient.lines.length, 1);
});

test('evaluations that have become slower than measured are left out, so that the share of the time holds', async () => {
  const { evaluations } = await chosen({ steps: 6000 }, costing(1e-3));
  // 600 s of training; the plan is one evaluation of about 2 s each 1,200 steps. Each takes 5 s now.
  const now = performance.now;
  let clock = 0;
  let spent = 0;
  const slow: Evaluator = {
    ...costing(1e-3),
    prepared: 2000,
    async measure() {
      clock += 5000;
      spent += 5;
      return { frechet: 1, kid: 0, precision: 0, recall: 0, network: 'tiny', images: 2000 };
    },
  };
  Object.assign(evaluations, { setup: { ...evaluations['setup'], open: async () => slow } });
  const at = (step: number) => ({ step, images: step, secondsElapsed: step / 10 });
  const made: number[] = [];
  try {
    performance.now = () => clock;
    for (let step = 201; step <= 6000; step++) {
      if (!evaluations.isDue(at(step - 1), at(step), step / 6000)) continue;
      made.push(step);
      await evaluations.measure(
        step,
        () => Promise.reject(new Error('not drawn')),
        () => Promise.resolve(),
      );
    }
  } finally {
    performance.now = now;
  }
  assert.equal(made, [1200, 2400, 6000]);
  assert.ok(spent <= maxShare * 600, `${spent} s`);
});

test('evaluations that cost too much, or have too few images, are left out, and a line says why', async () => {
  const dear = await chosen({ steps: 6000 }, costing(0.5));
  assert.match(
    dear.lines[0]!,
    /^no evaluations: one of 273 images takes 136\.5 s, and two do not fit into 3% .*--evaluate-every N/,
  );
  const few = await chosen({ steps: 6000 }, costing(1e-4, { most: 40 }));
  assert.match(few.lines[0]!, /^no evaluations: tiny needs at least 273 images, and there are 40/);
  const none = await chosen({ steps: 6000, evaluateEvery: null }, costing(1e-4));
  assert.equal(none.lines, []);
});

test.run();
