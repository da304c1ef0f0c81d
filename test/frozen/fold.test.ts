// The folded generator against the unfolded one, replayed on tfjs's own backend.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { inputName, outputName, recordStateFunction } from '../../trainer/engine/state-function.ts';
import { foldGenerator } from '../../trainer/frozen/fold.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { record } from '../graph/trace/checked-record.ts';
import { replay } from '../../trainer/graph/trace/replay.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { relativeError } from '../shared/closeness.ts';
import { smallConfig } from '../shared/small-config.ts';
import { randomState } from '../export/random-state.ts';

const test = suite('foldGenerator()');

test.before(async () => {
  await tf.setBackend('cpu');
});

function latents({ latent, latentDistribution }: TrainConfig, count: number): HostTensor {
  const data = Float32Array.from(
    Array.from({ length: count }, (_, seed) => [...latentFromSeed(seed, latent, latentDistribution)]).flat(),
  );
  return { shape: [count, latent], dtype: 'float32', data };
}

async function drawUnfolded(
  config: TrainConfig,
  state: Record<string, HostTensor>,
  z: HostTensor,
): Promise<HostTensor> {
  const { graph } = recordStateFunction(planTraining(config).sample, state, { z });
  const outputs = await replay(graph, { ...state, [inputName('z')]: z });
  return outputs[outputName('images')]!;
}

async function drawFolded(
  config: TrainConfig,
  state: Record<string, HostTensor>,
  z: HostTensor,
): Promise<HostTensor> {
  const { parameters, generate } = foldGenerator(config, state);
  const graph = record(({ z, ...given }) => ({ images: generate(given, z!) }), { z, ...parameters });
  return (await replay(graph, { z, ...parameters }))['images']!;
}

const variants: readonly (readonly [string, Partial<TrainConfig>])[] = [
  ['transposed convolutions, convolutional head', {}],
  ['transposed convolutions, dense head', { head: 'dense' }],
  ['nearest neighbour, convolutional head', { upsampling: 'nearest' }],
  [
    'nearest neighbour, dense head, kernel 5, grey',
    { upsampling: 'nearest', head: 'dense', kernel: 5, channels: 1 },
  ],
  ['weights that are not averaged, 32x32', { averageDecay: 0, imageSize: 32, baseWidth: 2 }],
  ['attention and spectral norm', { attention: 8, spectralNorm: 'both', baseWidth: 8 }],
  [
    'attention and spectral norm, nearest neighbour, dense head, not averaged',
    { attention: 8, spectralNorm: 'both', upsampling: 'nearest', head: 'dense', averageDecay: 0 },
  ],
];

for (const [name, change] of variants) {
  test(`gives the unfolded generator's images: ${name}`, async () => {
    const config = { ...smallConfig, ...change };
    const state = randomState(config);
    const z = latents(config, 2);
    const unfolded = await drawUnfolded(config, state, z);
    const folded = await drawFolded(config, state, z);
    assert.equal(folded.shape, [2, config.imageSize, config.imageSize, config.channels]);
    const error = relativeError(folded.data, unfolded.data);

    assert.ok(error < 2e-5, `error ${error}`);
    const [least, most] = [Math.min(...unfolded.data), Math.max(...unfolded.data)];
    assert.ok(most - least > 0.1, `the images are flat: ${least} to ${most}`);
  });
}

test('leaves kernels and biases only', () => {
  const { parameters } = foldGenerator(smallConfig, randomState(smallConfig));
  assert.equal(Object.keys(parameters).sort(), [
    'generator/block1/bias',
    'generator/block1/kernel',
    'generator/image/bias',
    'generator/image/kernel',
    'generator/project/bias',
    'generator/project/kernel',
  ]);
});

test('takes the averaged weights and leaves the state as it is', () => {
  const state = randomState(smallConfig);
  const before = structuredClone(state);
  const { parameters } = foldGenerator(smallConfig, state);
  assert.is(
    relativeError(parameters['generator/image/kernel']!.data, state['averaged/generator/image/kernel']!.data),
    0,
  );
  for (const [name, { data }] of Object.entries(before)) assert.is(relativeError(state[name]!.data, data), 0);
});

test('a state without statistics is refused by name', () => {
  const state = randomState(smallConfig);
  Reflect.deleteProperty(state, 'statistics/generator/block1/mean');
  assert.throws(() => foldGenerator(smallConfig, state), /no entry 'statistics\/generator\/block1\/mean'/);
});

test.run();
