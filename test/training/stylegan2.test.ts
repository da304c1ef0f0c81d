// StyleGAN2's networks: whole training steps against PyTorch's in float64 (scripts/fixtures/stylegan2.py), and the frozen halves against
// the whole generator.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { imageShape } from '../../trainer/config/image-size.ts';
import { inputName, nextName, recordStateFunction } from '../../trainer/engine/state-function.ts';
import { checkGraph } from '../../trainer/graph/trace/check-graph.ts';
import { registerGradients } from '../../trainer/graph/trace/gradients/register.ts';
import type { Graph, HostTensor } from '../../trainer/graph/trace/graph.ts';
import { replay } from '../../trainer/graph/trace/replay.ts';
import { pathMeanName } from '../../trainer/training/architectures/stylegan2.ts';
import { freezeGenerator } from '../../trainer/training/architectures/table.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { runLowered, type HostTensors } from '../graph/lower/run-graph.ts';
import { record } from '../graph/trace/checked-record.ts';
import { wave } from '../restoring/fixture.ts';
import { largestDifference } from '../shared/closeness.ts';
import { smallConfig } from '../shared/small-config.ts';
import { assertStep, type ExpectedStep } from './step-fixture.ts';

const test = suite('stylegan2');
test.before(async () => {
  await tf.setBackend('cpu');
  registerGradients();
});

const fixture = JSON.parse(readFileSync('test/fixtures/stylegan2.json', 'utf8')) as Readonly<
  Record<string, ExpectedStep & { readonly pathMean?: number }>
>;

const config: TrainConfig = {
  ...smallConfig,
  network: 'stylegan2',
  discriminatorNorm: 'none',
  latentDistribution: 'normal',
  mappingLayers: 2,
  averageDecay: 0,
  learningRate: 0.01,
};
const classes: Conditioning = { kind: 'classes', names: ['a', 'b', 'c'] };

/** The fixture's methods: settings, classes, and the number of steps. */
const methods: Readonly<Record<string, readonly [Partial<TrainConfig>, Conditioning?, number?]>> = {
  r1: [{ r1: 2.5 }],
  'path length': [{ pathLength: 2 }],
  'hinge, labels projected, r1 and path length': [
    { objective: 'hinge', condition: 'label', labelDiscriminator: 'projection', r1: 2.5, pathLength: 1.5 },
    classes,
  ],
  'relativistic, r1 and r2, labels as maps': [
    { objective: 'relativistic', condition: 'label', r1: 2.5, r2: 1.5 },
    classes,
  ],
  '16x24 with transparency, path length': [{ imageSize: '16x24', channels: 4, pathLength: 3 }],
  'three steps with r1 and path length': [{ r1: 2.5, pathLength: 2 }, null, 3],
};

const float = (shape: readonly number[], ...data: number[]): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(data),
});

/** A state of waves: the fixture's. */
function wavesOf(settings: TrainConfig, conditioning: Conditioning = null, pathMean = 0.3): HostTensors {
  const state: HostTensors = {};
  let [g, d] = [0, 80];
  const initial = planTraining(settings, conditioning).initialState(new Random(1));
  for (const [key, { shape }] of Object.entries(initial)) {
    const isG = key.startsWith('generator/');
    const isParameter = isG || key.startsWith('discriminator/');
    state[key] = isParameter
      ? wave(isG ? g++ : d++, shape, key.includes('mapping') ? 30 : 0.8)
      : wave(0, shape, 0, key === pathMeanName ? pathMean : 0);
  }
  return state;
}

function prepare(name: string) {
  const [values, conditioning = null, steps = 1] = methods[name]!;
  const settings = { ...config, ...values };
  const plan = planTraining(settings, conditioning);
  const phase = plan.phases.find(({ isDue }) => isDue(1))!;
  // The three steps begin before the first mean.
  const state = wavesOf(settings, conditioning, steps > 1 ? 0 : 0.3);
  const { width, height, channels } = imageShape(settings);
  const labels = [0, 2, 1, 2].flatMap((hot) => [0, 1, 2].map((c) => Number(c === hot)));
  const first = [0, 1, 2, 3].flatMap((k) => Array.from({ length: 6 }, (_, i) => Number(i <= k || k === 3)));
  const given: HostTensors = {
    real: wave(50, [4, height, width, channels], 0.8),
    z: wave(51, [4, 8], 1.2),
    labels: float([4, 3], ...labels),
    'style/z': wave(54, [4, 8], 1.2),
    'style/first': float([4, 6], ...first),
    'style/path-noise': wave(55, [2, height, width, channels], 1),
  };
  let noise = 200;
  const inputs: HostTensors = {};
  for (const [key, { shape }] of Object.entries(phase.inputs)) {
    if (key.startsWith('style/noise/')) inputs[key] = wave(noise++, shape, 1.1);
    else if (given[key] !== undefined) inputs[key] = given[key];
  }
  /** The feeds of a step, 1 for the first. */
  const feedsAt = (step: number, from: HostTensors): HostTensors => ({
    ...from,
    ...Object.fromEntries(Object.entries(inputs).map(([key, tensor]) => [inputName(key), tensor])),
    ...Object.fromEntries(
      ['criticRate', 'learningRate'].map((rate) => [inputName(rate), float([], settings.learningRate)]),
    ),
    ...Object.fromEntries(['criticUpdate', 'update'].map((count) => [inputName(count), float([], step)])),
  });
  const { graph } = recordStateFunction(phase.update, state, phase.inputs);
  checkGraph(graph);
  return { settings, graph, feedsAt, state, steps };
}

/** The state after some steps. */
async function advanced(
  graph: Graph,
  state: HostTensors,
  steps: number,
  feedsAt: (step: number, from: HostTensors) => HostTensors,
) {
  let at = state;
  for (let step = 1; step <= steps; step++) {
    const outputs = await runLowered(graph, feedsAt(step, at));
    at = Object.fromEntries(Object.keys(at).map((name) => [name, outputs[nextName(name)] ?? at[name]!]));
  }
  return at;
}

for (const [name, expected] of Object.entries(fixture)) {
  test(`${name}: the step is PyTorch's`, async () => {
    const { settings, graph, feedsAt, state, steps } = prepare(name);
    const feeds = feedsAt(steps, await advanced(graph, state, steps - 1, feedsAt));
    const outputs = await assertStep(graph, feeds, expected, {
      beta1: settings.beta1,
      // Kernels of 6x6 take plain JavaScript seconds; their own suites replay every kernel.
      ways: ['lowered'],
      within: steps > 1 ? 5e-3 : 1e-3,
    });
    const moved = Object.keys(graph.outputs).filter((output) =>
      /^next\/(generator|discriminator)\//.test(output.replace(nextName(''), 'next/')),
    );
    assert.equal([...new Set(moved)].sort(), Object.keys(expected.gradients).map(nextName).sort());
    const mean = outputs[nextName(pathMeanName)];
    if (expected.pathMean === undefined) assert.is(mean, undefined);
    else assert.ok(Math.abs(mean!.data[0]! - expected.pathMean) < 1e-5, `${mean!.data[0]}`);
  });
}

test('the methods tested are those of the fixture', () => {
  assert.equal(Object.keys(methods), Object.keys(fixture));
});

test("frozen: the same images as the plan's, by halves too", async () => {
  const state = wavesOf(config);
  for (const key of Object.keys(state)) {
    if (key.startsWith('statistics/noise/')) state[key] = wave(7, state[key]!.shape, 1);
  }
  const z = wave(3, [5, 8], 1.3);
  const { graph } = recordStateFunction(planTraining(config).sample, state, { z });
  const [expected] = Object.values(await replay(graph, { ...state, [inputName('z')]: z }));
  assert.equal(expected!.shape, [5, 16, 16, 3]);
  const { parameters, generate, styles, layers } = freezeGenerator(config, state);
  assert.equal(styles!.layers, [4, 8, 8, 16, 16, 16]);
  const frozen = record(
    ({ z: latents, ...given }) => {
      const w = styles!.map(given, latents!);
      const each = tf.tile(tf.reshape(w, [5, 1, 8]), [1, 6, 1]);
      return {
        whole: generate(given, latents!),
        halves: styles!.synthesise(given, each),
        layers: layers(given, latents!)['images']!,
      };
    },
    { z, ...parameters },
  );
  const drawn = await replay(frozen, { z, ...parameters });
  for (const name of ['whole', 'halves', 'layers']) {
    const difference = largestDifference(drawn[name]!.data, expected!.data);
    assert.ok(difference < 1e-5, `${name} differs by ${difference}`);
  }
  const values = expected!.data as Float32Array;
  assert.ok(Math.max(...values) - Math.min(...values) > 0.1);
});

test('each step has one variant: with path length, with R1, with both, or plain', () => {
  const variants = (values: Partial<TrainConfig>): string[] =>
    Array.from({ length: 6 }, (_, i) =>
      planTraining({ ...config, ...values })
        .phases.filter(({ isDue }) => isDue(i + 1))
        .map(({ name }) => name)
        .join(),
    );
  const lazy = { pathLength: 2, pathLengthEvery: 3, r1: 1, r1Every: 2 };
  assert.equal(variants(lazy), [
    ...['step/plain', 'step/regularised', 'step/plain+path', 'step/regularised'],
    ...['step/plain', 'step/regularised+path'],
  ]);
  assert.equal(
    new Set(variants({ ...lazy, r1Every: 1 })),
    new Set(['step/regularised', 'step/regularised+path']),
  );
  const withCritic = planTraining({ ...config, ...lazy, criticSteps: 2 }).phases.map(({ name }) => name);
  assert.equal(
    withCritic.filter((name) => name.startsWith('critic/')),
    ['critic/plain', 'critic/regularised'],
  );
  const other = planTraining({ ...smallConfig, pathLength: 2, pathLengthEvery: 3 });
  assert.equal(
    other.phases.map(({ name }) => name),
    ['step/plain'],
    'other networks have no path length',
  );
});

test.run();
