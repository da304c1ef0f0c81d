// FreezeD: the frozen layers are neither written nor differentiated, the others are updated as without, and G's gradient passes through D
// as it then is.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import type { NamedHostTensors, NamedTensors } from '../../trainer/engine/engine.ts';
import { inputName, nextName, recordStateFunction } from '../../trainer/engine/state-function.ts';
import { UserError } from '../../trainer/errors.ts';
import { registerGradients } from '../../trainer/graph/trace/gradients/register.ts';
import { replay } from '../../trainer/graph/trace/replay.ts';
import { byBatch } from '../../trainer/networks/batch-norm.ts';
import { discriminate } from '../../trainer/networks/discriminator.ts';
import { generate } from '../../trainer/networks/generator.ts';
import { named } from '../../trainer/networks/state.ts';
import { nonSaturating } from '../../trainer/objectives/non-saturating.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { assertClose } from '../shared/closeness.ts';
import { shaped, smallConfig } from '../shared/small-config.ts';

const test = suite('freezeD');
test.before(async () => {
  await tf.setBackend('cpu');
  registerGradients();
});

/** One step of a configuration on the same numbers, as a graph and by its results. */
async function stepOf(values: Partial<TrainConfig>) {
  const config = { ...smallConfig, from: '/run', learningRate: 0.05, ...values };
  const plan = planTraining(config);
  const phase = plan.phases.at(-1)!;
  const random = new Random(11);
  const state = plan.initialState(random);
  const images = random.fillLatent(new Float32Array(config.batch * 16 * 16 * 3), 'uniform');
  const inputs = phase.makeInputs(random, { images, labels: null }, 1, 0);
  const { graph, writes } = recordStateFunction(phase.update, state, phase.inputs);
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [inputName(name), tensor]));
  return { state, inputs, graph, writes, next: await replay(graph, { ...state, ...feeds }) };
}

const eager = (tensors: NamedHostTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );

test('the first layers and their moments are not written; the rest of D is as without', async () => {
  const [plain, frozen] = [await stepOf({}), await stepOf({ freezeD: 1 })];
  const left = plain.writes.filter((name) => !frozen.writes.includes(name));
  assert.equal(
    left.sort(),
    ['', 'moments/first/', 'moments/second/']
      .flatMap((prefix) => ['kernel', 'bias'].map((part) => `${prefix}discriminator/block1/${part}`))
      .sort(),
  );
  const others = frozen.writes.filter((name) => name.includes('discriminator/'));
  assert.ok(others.length > 0);
  for (const name of others) {
    assert.equal(frozen.next[nextName(name)]!.data, plain.next[nextName(name)]!.data, name);
  }
});

test('a step with frozen layers computes fewer kernels', async () => {
  const counts = await Promise.all(
    [0, 1, 2].map(async (freezeD) => (await stepOf({ freezeD })).graph.nodes.length),
  );
  assert.ok(counts[0]! > counts[1]! && counts[1]! > counts[2]!, counts.join());
});

test("G's gradient is that through the partly updated D", async () => {
  const { state, inputs, next } = await stepOf({ freezeD: 2 });
  const [tensors, given] = [eager(state), eager(inputs)];
  const D = Object.fromEntries(
    Object.entries(named(tensors, 'discriminator/')).map(([name, old]) => {
      const changed = next[nextName(name)];
      return [name, changed === undefined ? old : tf.tensor(changed.data, [...old.shape])];
    }),
  );
  const name = 'generator/image/kernel';
  const gradient = tf.grad((kernel: tf.Tensor) => {
    const G = { ...named(tensors, 'generator/'), [name]: kernel };
    const images = generate(shaped(smallConfig), G, given['z']!, byBatch);
    return nonSaturating({ labelSmoothing: 0 }).generatorLoss(
      discriminate(shaped(smallConfig), D, images, byBatch),
    );
  })(tensors[name]!);
  const found = (next[nextName(`moments/first/${name}`)]!.data as Float32Array).map((value) => value / 0.5);
  assertClose(found, gradient.dataSync() as Float32Array, 1e-4, name);
});

test('more layers than there are is an error with their number', () => {
  assert.throws(
    () => planTraining({ ...smallConfig, from: '/run', freezeD: 3 }),
    (error: unknown) =>
      error instanceof UserError && error.message.startsWith('--freeze-d 3: the discriminator has 2 layers'),
  );
});

test.run();
