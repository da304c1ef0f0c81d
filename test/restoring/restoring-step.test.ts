// The loss of restoring, its gradient and its updates: PyTorch's numbers, and finite differences of the loss itself.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import type { Engine, NamedHostTensors, StateFunction } from '../../trainer/engine/engine.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import {
  imagesAndLoss,
  restoringStep,
  type RestoringNetworks,
} from '../../trainer/restoring/restoring-step.ts';
import type { HostTensor, TensorSpec } from '../../trainer/graph/trace/graph.ts';
import { valueAndGradients } from '../../trainer/graph/trace/value-and-gradients.ts';
import * as tf from '@tensorflow/tfjs-core';
import { assertClose } from '../shared/closeness.ts';
import { restoringFixture, waveInputs, waveNetworks, waveTerms } from './fixture.ts';

const test = suite('restoring step');
const scalar = (value: number): HostTensor => ({ shape: [], dtype: 'float32', data: Float32Array.of(value) });
const terms = Object.fromEntries(Object.entries(waveTerms).map(([name, value]) => [name, scalar(value)]));
const networksFor = (distribution: 'normal' | 'uniform'): RestoringNetworks => ({
  ...waveNetworks(),
  distribution,
});

async function withNetworks<T>(
  networks: RestoringNetworks,
  use: (run: (fn: StateFunction, inputs: NamedHostTensors) => Promise<NamedHostTensors>) => Promise<T>,
): Promise<T> {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  await engine.writeState({ ...networks.generator.parameters, ...networks.discriminator.parameters });
  const compiled = new Map<StateFunction, Awaited<ReturnType<Engine['compile']>>>();
  try {
    return await use(async (fn, inputs) => {
      const specs = Object.fromEntries(
        Object.entries(inputs).map(([name, { shape, dtype }]): [string, TensorSpec] => [
          name,
          { shape, dtype },
        ]),
      );
      if (!compiled.has(fn)) compiled.set(fn, await engine.compile(fn, specs));
      return compiled.get(fn)!.run(inputs);
    });
  } finally {
    await engine.dispose();
  }
}

const given = (inputs: Readonly<Record<string, tf.Tensor>>) => ({
  z: inputs['z']!,
  first: inputs['first']!,
  second: inputs['second']!,
  update: inputs['update']!,
  rate: inputs['rate']!,
  target: inputs['target']!,
  weights: inputs['weights']!,
  terms: {
    colour: inputs['colour']!,
    luminance: inputs['luminance']!,
    realism: inputs['realism']!,
    typical: inputs['typical']!,
  },
});

for (const distribution of ['normal', 'uniform'] as const) {
  const expected = restoringFixture[distribution];

  test(`${distribution}: pictures, losses and the gradient at z are PyTorch's`, async () => {
    const networks = networksFor(distribution);
    const fn: StateFunction = (state, inputs) => {
      const { loss, images } = imagesAndLoss(networks, state, given(inputs));
      const { gradients } = valueAndGradients(
        () => tf.sum(imagesAndLoss(networks, state, given(inputs)).loss),
        [inputs['z']!],
      );
      return { outputs: { loss, images, gradient: gradients[0]! } };
    };
    await withNetworks(networks, async (run) => {
      const outputs = await run(fn, { ...waveInputs, ...terms });
      assertClose(outputs['images']!.data, expected.images, 1e-5, 'images');
      assertClose(outputs['loss']!.data, expected.loss, 1e-5, 'loss');
      assertClose(outputs['gradient']!.data, expected.gradient, 1e-4, 'gradient');
    });
  });

  test(`${distribution}: three updates move z where PyTorch's Adam moves it`, async () => {
    const networks = networksFor(distribution);
    const fn: StateFunction = (state, inputs) => ({
      outputs: { ...restoringStep(networks, state, given(inputs)) },
    });
    await withNetworks(networks, async (run) => {
      const zeros: HostTensor = { shape: [2, 8], dtype: 'float32', data: new Float32Array(16) };
      let [z, first, second]: readonly HostTensor[] = [waveInputs.z, zeros, zeros];
      for (let update = 1; update <= 3; update++) {
        const inputs = { ...waveInputs, z: z!, first: first!, second: second! };
        const next = await run(fn, { ...inputs, update: scalar(update), rate: scalar(0.1), ...terms });
        [z, first, second] = [next['z'], next['first'], next['second']];
        if (update === 1) assertClose(next['loss']!.data, expected.loss, 1e-5, 'loss');
      }
      assertClose(z!.data, expected.afterThree, 1e-4, 'z');
      if (distribution === 'uniform') assert.ok(z!.data.every((value) => Math.abs(value) <= 1));
    });
  });
}

test('the gradient is what finite differences of the loss say, in directions at random', async () => {
  const networks = networksFor('normal');
  const fn: StateFunction = (state, inputs) => {
    const { gradients, value } = valueAndGradients(
      () => tf.sum(imagesAndLoss(networks, state, given(inputs)).loss),
      [inputs['z']!],
    );
    return { outputs: { loss: value, gradient: gradients[0]! } };
  };
  await withNetworks(networks, async (run) => {
    const random = new Random(3);
    const at = (z: Float32Array) => run(fn, { ...waveInputs, z: { ...waveInputs.z, data: z }, ...terms });
    const start = waveInputs.z.data as Float32Array;
    const { gradient } = await at(start);
    for (let trial = 0; trial < 8; trial++) {
      const direction = random.fillLatent(new Float32Array(start.length), 'normal');
      const step = 3e-4;
      const moved = (sign: number) => at(start.map((value, i) => value + sign * step * direction[i]!));
      const [ahead, behind] = [await moved(1), await moved(-1)];
      const slope = (ahead['loss']!.data[0]! - behind['loss']!.data[0]!) / (2 * step);
      const expected = direction.reduce((sum, value, i) => sum + value * gradient!.data[i]!, 0);
      const scale = Math.hypot(...gradient!.data) * Math.hypot(...direction);
      assert.ok(
        Math.abs(slope - expected) < 0.01 * scale,
        `${slope} by differences, ${expected} by the gradient`,
      );
    }
  });
});

test('a picture has its own loss and its own update, whatever else is in the batch', async () => {
  const networks = networksFor('normal');
  const fn: StateFunction = (state, inputs) => ({
    outputs: { ...restoringStep(networks, state, given(inputs)) },
  });
  const half = ({ shape, dtype, data }: HostTensor, which: number): HostTensor => ({
    shape: [1, ...shape.slice(1)],
    dtype,
    data: data.slice((which * data.length) / 2, ((which + 1) * data.length) / 2),
  });
  const zeros: HostTensor = { shape: [2, 8], dtype: 'float32', data: new Float32Array(16) };
  const pair = { ...waveInputs, first: zeros, second: zeros };
  const settings = { update: scalar(1), rate: scalar(0.1), ...terms };
  await withNetworks(networks, async (run) => {
    const together = await run(fn, { ...pair, ...settings });
    const alone: StateFunction = (state, inputs) => fn(state, inputs);
    for (const which of [0, 1]) {
      const one = Object.fromEntries(Object.entries(pair).map(([name, value]) => [name, half(value, which)]));
      const outputs = await run(alone, { ...one, ...settings });
      for (const name of ['z', 'loss', 'images']) {
        assertClose(outputs[name]!.data, half(together[name]!, which).data, 1e-5, `${name} of ${which}`);
      }
    }
  });
});

test.run();
