// The shortest command line of a configuration: it makes the configuration again, and is no longer than the one that was given.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveWithRecipe } from '../../trainer/config/apply-recipe.ts';
import { fromFlags, type ConfigLayer } from '../../trainer/config/config.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { presets, resolveOverDefault } from '../../trainer/config/presets.ts';
import { shortestFlags } from '../../trainer/config/shortest-flags.ts';

const test = suite('shortest flags');

const images = 5000;

/** The configuration of flags over a preset, or without a preset over the recipe for so many images. */
function resolve(preset: string | null, values: Partial<TrainConfig>): TrainConfig {
  const flags: ConfigLayer = { source: fromFlags, values };
  if (preset !== null)
    return resolveOverDefault([{ source: preset, values: presets[preset]!.values }, flags]);
  const isBuiltIn = (values.data ?? 'avatars') === 'avatars';
  return resolveWithRecipe({ base: [], given: [flags] }, 'modern', { isBuiltIn, images }).config;
}

const given: readonly (readonly [preset: string | null, values: Partial<TrainConfig>])[] = [
  [null, {}],
  [null, { data: '/photos', minutes: 60 }],
  [null, { images: 100_000, flip: true, engine: 'onnx-cpu', threads: 2 }],
  [null, { objective: 'wgan' }],
  [null, { objective: 'wgan-gp', learningRate: 2e-4 }],
  [null, { objective: 'wgan', criticSteps: 1 }],
  [null, { condition: 'label', data: '/photos', discriminatorLearningRate: 1e-4 }],
  [null, { network: 'stylegan', growFrom: null }],
  [null, { network: 'stylegan2' }],
  [null, { network: 'stylegan2', pathLength: 0, r1: 0.1 }],
  [null, { network: 'modern', blocks: 2 }],
  [null, { network: 'modern', objective: 'hinge', r1: 2 }],
  [null, { r1: 10 }],
  [null, { objective: 'relativistic' }],
  [null, { objective: 'relativistic', r1: 2 }],
  [null, { objective: 'hinge', r1: 1, r2: 1, r1Every: 4 }],
  [null, { imageSize: '32x48', channels: 4, data: '/photos' }],
  [null, { evaluateEvery: null, patience: null }],
  [null, { learningRateEnd: 1e-4, burnIn: 0.5, beta2End: 0.9 }],
  [null, { averageHalfLife: 5000 }],
  [null, { imageSize: 64, data: '/photos', minutes: 60 }],
  [null, { imageSize: 64 }],
  ['default', { data: '/photos' }],
  ['dcgan-64', { data: '/photos', minutes: 60 }],
  ['paper-64', { data: '/photos' }],
  ['fashion-mnist-32', { data: '/clothes', steps: 100 }],
];

for (const [preset, values] of given) {
  test(`${preset ?? 'default'} with ${JSON.stringify(values)}`, () => {
    const config = resolve(preset, values);
    const found = shortestFlags(config, images);
    const again = Object.fromEntries(found.keys.map((key) => [key, config[key]]));
    assert.equal(resolve(found.preset, again), config);
    const length = found.keys.length + (found.preset === null ? 0 : 1);
    assert.ok(length <= Object.keys(values).length + (preset === null ? 0 : 1), JSON.stringify(found));
  });
}

test('a preset that needs images is not chosen for the built-in faces', () => {
  const { values } = presets['fashion-mnist-32']!;
  const config = resolveOverDefault([{ source: 'x', values }]);
  assert.is.not(shortestFlags(config, images).preset, 'fashion-mnist-32');
});

test.run();
