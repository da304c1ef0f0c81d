// The verdict on a run: hand-made statistics of each kind, the records of the demo's trained models, and advice that can be taken.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveConfig } from '../../trainer/config/config.ts';
import { configKeys, defaultConfig, fieldOf, flagOf, type TrainConfig } from '../../trainer/config/fields.ts';
import { resolveOverDefault } from '../../trainer/config/presets.ts';
import { objectiveNames } from '../../trainer/objectives/table.ts';
import { readStats, type StatsLine } from '../../trainer/run/stats.ts';
import { verdictOf, type Verdict } from '../../trainer/run/verdict.ts';
import { healthyLine } from './healthy-line.ts';

const test = suite('verdict');

/** A run of `count` reports, 50 steps apart, with a grid in every second one; healthy where `change` says nothing. */
function run(count: number, change: (step: number, index: number) => Partial<StatsLine> = () => ({})) {
  return Array.from({ length: count }, (_, index): StatsLine => {
    const step = (index + 1) * 50;
    return { ...healthyLine(step), diversity: index % 2 === 1 ? 0.8 : null, ...change(step, index) };
  });
}

const judge = (lines: readonly StatsLine[], change: Partial<TrainConfig> = {}): Verdict =>
  verdictOf(lines, { ...defaultConfig, ...change });

/** The statistics of each kind of run. */
const records = {
  healthy: run(20),
  'too early': run(5),
  diverged: run(20, (step) => (step > 800 ? { gLoss: 400 } : {})),
  collapsed: run(20, (_, i) => (i % 2 === 1 && i > 10 ? { diversity: 0.05 } : {})),
  collapsing: run(20, (_, i) => (i % 2 === 1 && i > 15 ? { diversity: 0.3 } : {})),
  unstable: run(20, (_, i) => (i % 2 === 1 && i > 10 ? { diversity: 1.5 } : {})),
  'discriminator too strong': run(20, (step) => (step > 700 ? { dReal: 0.99, dFake: 0.002 } : {})),
  'discriminator too weak': run(20, () => ({ dReal: 0.505, dFake: 0.495 })),
  'past its best': run(20, (step) =>
    step % 200 === 0
      ? { frechet: { 200: 40, 400: 20, 600: 10 }[step] ?? 15, network: 'dcgan-features 1, no FID' }
      : {},
  ),
} satisfies Record<Verdict['kind'], readonly StatsLine[]>;

for (const [kind, lines] of Object.entries(records)) {
  test(`statistics of a run that is ${kind}`, () => {
    const verdict = judge(lines);
    assert.is(verdict.kind, kind);
    assert.not.match(verdict.title, '\n');
    assert.ok(verdict.figures.length > 0);
    for (const figure of verdict.figures) assert.match(figure, /\d/);
    assert.is(verdict.advice.length > 0, kind !== 'healthy' && kind !== 'too early');
  });
}

test('a run without figures is too early to judge', () => {
  assert.is(judge([]).kind, 'too early');
});

test('a loss that is not a number is a divergence, however early', () => {
  const lines = [...run(1), { ...healthyLine(60), dLoss: null, collapse: 'dLoss is NaN' }];
  const { kind, figures } = judge(lines);
  assert.is(kind, 'diverged');
  assert.is(figures[0], 'At step 60, dLoss is NaN.');
});

test('the figures are those of the record', () => {
  const lines = run(20, (step) =>
    step % 200 === 0 ? { frechet: 4000 / step, network: 'dcgan-features 1, no FID' } : {},
  );
  assert.equal(judge(lines).figures, [
    'The discriminator gives real images a probability of 0.80 and generated ones 0.20.',
    'Samples are 0.80 times as varied as real images.',
    'The Fréchet distance (dcgan-features 1, no FID) is 4.000 at step 1000, the lowest so far.',
  ]);
});

test('scores are no probabilities: a critic far ahead is healthy, and a hinge loss near zero is not', () => {
  const scores = { dReal: 40, dFake: -40, dLoss: -80, gLoss: 40 };
  const critic = judge(
    run(20, () => scores),
    { objective: 'wgan-gp', discriminatorNorm: 'layer' },
  );
  assert.is(critic.kind, 'healthy');
  assert.match(critic.figures[0] ?? '', /mean score of 40\.00/);
  assert.is(judge(run(20), { objective: 'hinge' }).kind, 'healthy');
  const saturated = run(20, () => ({ ...scores, dLoss: 0.001 }));
  assert.is(judge(saturated, { objective: 'hinge' }).kind, 'discriminator too strong');
});

test('scores of pairs are told by their difference, and a loss of pairs near zero is a discriminator too strong', () => {
  const paired = { objective: 'relativistic', discriminatorNorm: 'none' } as const;
  const wandering = run(20, (step) => ({ dReal: step + 2.5, dFake: step, dLoss: 0.3, gLoss: 2.6 }));
  const healthy = judge(wandering, paired);
  assert.is(healthy.kind, 'healthy');
  assert.is(
    healthy.figures[0],
    'The discriminator gives real images a mean score 2.50 higher than generated ones.',
  );
  const behind = judge(
    run(20, () => ({ dReal: -3, dFake: -2.5 })),
    paired,
  );
  assert.match(behind.figures[0] ?? '', /mean score 0\.50 lower/);
  // The mean loss of pairs whose scores differ by 8 is 0.0003, of those that differ by 7, 0.0009.
  const lossAt = (d: number): Partial<StatsLine> => ({ dReal: d, dFake: 0, dLoss: Math.log1p(Math.exp(-d)) });
  const sure = judge(
    run(20, () => lossAt(8)),
    { ...paired, r1: 0.5, r2: 0.5, r1Every: 4 },
  );
  assert.is(sure.kind, 'discriminator too strong');
  assert.ok(sure.advice.some(({ flags, isForResume }) => flags === '--r1 2 --r2 2' && isForResume));
  assert.is(
    judge(
      run(20, () => lossAt(7)),
      paired,
    ).kind,
    'healthy',
  );
});

test('the whole records of the trained models of the demo are healthy, and nearly all of their beginnings', async () => {
  for (const name of readdirSync(join('demo', 'training'))) {
    const folder = join('demo', 'training', name);
    const lines = await readStats(join(folder, 'stats.jsonl'));
    const values = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
    const config = resolveOverDefault([{ source: name, values }]);
    assert.is(verdictOf(lines, config).kind, 'healthy', name);
    const kinds = lines.map((_, i) => verdictOf(lines.slice(0, i + 1), config).kind);
    const alarms = kinds.filter((kind) => kind !== 'healthy' && kind !== 'too early');
    assert.ok(alarms.length <= 0.02 * lines.length, `${name}: ${alarms.join(', ')}`);
  }
});

test('every advice changes a setting, and the run accepts it', () => {
  const settings: Partial<TrainConfig>[] = [
    ...objectiveNames.map((objective) => resolveOverDefault([{ source: 'x', values: { objective } }])),
    resolveOverDefault([{ source: 'x', values: { network: 'stylegan' } }]),
    resolveOverDefault([{ source: 'x', values: { network: 'modern' } }]),
    { labelSmoothing: 0.1, dropout: 0.3, learningRate: 0.1, evaluateEvery: null },
  ];
  for (const change of settings) {
    const config = { ...defaultConfig, ...change };
    for (const lines of Object.values(records)) {
      for (const { flags, isForResume } of verdictOf(lines, config).advice) {
        const words = flags.split(' ');
        const layer: Record<string, unknown> = {};
        for (let i = 0; i < words.length; i += 2) {
          const key = configKeys.find((name) => flagOf(name) === words[i])!;
          layer[key] = fieldOf(key).rule.parse(words[i + 1]!);
          assert.is.not(layer[key], config[key], flags);
          if (isForResume) assert.ok(fieldOf(key).mayChange, flags);
        }
        resolveConfig([
          { source: 'run', values: { ...config } },
          { source: 'flags', values: layer, hasImplied: false },
        ]);
      }
    }
  }
});

test.run();
