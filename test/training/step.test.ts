// The step: one generator pass that serves both updates, gradients equal to those of two separate passes, and
// every option of it the same lowered as replayed.
import { imageShape } from '../../trainer/config/image-size.ts';
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import type { NamedHostTensors, NamedTensors } from '../../trainer/engine/engine.ts';
import { nextName, outputName, recordStateFunction } from '../../trainer/engine/state-function.ts';
import { discriminate } from '../../trainer/networks/discriminator.ts';
import { generate } from '../../trainer/networks/generator.ts';
import { nonSaturating } from '../../trainer/objectives/non-saturating.ts';
import { named } from '../../trainer/networks/state.ts';
import { byBatch } from '../../trainer/networks/batch-norm.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { checkGraph } from '../../trainer/graph/trace/check-graph.ts';
import { registerGradients } from '../../trainer/graph/trace/gradients/register.ts';
import { replay } from '../../trainer/graph/trace/replay.ts';
import { assertClose, relativeError } from '../shared/closeness.ts';
import { shaped, smallConfig } from '../shared/small-config.ts';

const test = suite('step');
const objective = nonSaturating({ labelSmoothing: 0 });
test.before(async () => {
  await tf.setBackend('cpu');
  registerGradients();
});

/** A state, inputs and the recorded step for a config; moments are not zero, so that nothing cancels. */
function prepare(config: TrainConfig) {
  const plan = planTraining(config);
  const phase = plan.phases.at(-1)!;
  const random = new Random(11);
  const state: NamedHostTensors = Object.fromEntries(
    Object.entries(plan.initialState(random)).map(([name, tensor]) => {
      // Wider weights than at the start, so that both losses have gradients worth comparing.
      const data = (tensor.data as Float32Array).map((value) =>
        name.startsWith('moments/second') ? 0.01 : name.endsWith('kernel') ? value * 10 : value,
      );
      return [name, { ...tensor, data }];
    }),
  );
  const images = random.fillLatent(new Float32Array(config.batch * lengthOf(imageShape(config))), 'uniform');
  const inputs = phase.makeInputs(random, { images, labels: null }, 3, 0);
  const recorded = recordStateFunction(phase.update, state, phase.inputs);
  checkGraph(recorded.graph);
  const feeds = {
    ...state,
    ...Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [`input/${name}`, tensor])),
  };
  return { plan, state, inputs, recorded, feeds };
}

/** The gradient by the change of Adam's first moment: first' = β1 first + (1 - β1) g. */
function gradientOf(name: string, next: NamedHostTensors, beta1: number): Float32Array {
  return (next[nextName(`moments/first/${name}`)]!.data as Float32Array).map((value) => value / (1 - beta1));
}

const eager = (tensors: NamedHostTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );

test("the step's graph holds one generator pass", () => {
  const { recorded } = prepare(smallConfig);
  const { graph } = recorded;
  const tanhs = graph.nodes.filter((node) => node.kernel === 'Tanh');
  assert.is(tanhs.length, 1);
  // G's blocks are transposed convolutions; so are D's input gradients. Counted: those of image-to-image size forward.
  const intoG = graph.nodes.filter(
    (node) =>
      node.kernel === 'Conv2DBackpropInput' &&
      Object.values(node.inputs).some((id) => graph.inputs['generator/image/kernel'] === id),
  );
  assert.is(intoG.length, 1);
});

test('each pass of D changes its images once, though their loss and their mean outputs are asked for apart', () => {
  const { recorded } = prepare({ ...smallConfig, augment: 'ada' });
  const { graph } = recorded;
  // The masks of moved images; each multiplies once in a pass, and once more in the gradient of G's.
  const uses = (pass: string): number => {
    const mask = graph.inputs[`input/noise/${pass}/isMoved`];
    return graph.nodes.filter(
      ({ kernel, inputs }) => kernel === 'Multiply' && Object.values(inputs).includes(mask!),
    ).length;
  };
  assert.equal(['real', 'fake', 'generator'].map(uses), [1, 1, 2]);
});

test('gradients equal those of two separate passes through D and through G and D', async () => {
  const { state, inputs, recorded, feeds } = prepare(smallConfig);
  const next = await replay(recorded.graph, feeds);
  const tensors = eager(state);
  const given = eager(inputs);
  const G = named(tensors, 'generator/');
  const D = named(tensors, 'discriminator/');

  const fake = generate(shaped(smallConfig), G, given['z']!, byBatch);
  const forD = tf.grads((...values: tf.Tensor[]) => {
    const parameters = Object.fromEntries(Object.keys(D).map((name, i) => [name, values[i]!]));
    return objective.discriminatorLoss(
      discriminate(shaped(smallConfig), parameters, given['real']!, byBatch),
      discriminate(shaped(smallConfig), parameters, fake, byBatch),
    );
  })(Object.values(D));
  Object.keys(D).forEach((name, i) => {
    assertClose(gradientOf(name, next, smallConfig.beta1), forD[i]!.dataSync() as Float32Array, 1e-4, name);
  });

  const nextD = Object.fromEntries(
    Object.keys(D).map((name) => [name, tf.tensor(next[nextName(name)]!.data, [...state[name]!.shape])]),
  );
  const forG = tf.grads((...values: tf.Tensor[]) => {
    const parameters = Object.fromEntries(Object.keys(G).map((name, i) => [name, values[i]!]));
    const images = generate(shaped(smallConfig), parameters, given['z']!, byBatch);
    return objective.generatorLoss(discriminate(shaped(smallConfig), nextD, images, byBatch));
  })(Object.values(G));
  Object.keys(G).forEach((name, i) => {
    assertClose(gradientOf(name, next, smallConfig.beta1), forG[i]!.dataSync() as Float32Array, 1e-4, name);
  });
});

test("G's update sees D after its update, and none of D's update is differentiated", async () => {
  // Against D before its update the gradient is another one: the comparison above can fail.
  const { state, inputs, recorded, feeds } = prepare({ ...smallConfig, learningRate: 0.05 });
  const next = await replay(recorded.graph, feeds);
  const tensors = eager(state);
  const given = eager(inputs);
  const name = 'generator/image/kernel';
  const stale = tf.grad((kernel: tf.Tensor) => {
    const G = { ...named(tensors, 'generator/'), [name]: kernel };
    const images = generate(shaped(smallConfig), G, given['z']!, byBatch);
    return objective.generatorLoss(
      discriminate(shaped(smallConfig), named(tensors, 'discriminator/'), images, byBatch),
    );
  })(tensors[name]!);
  const error = relativeError(gradientOf(name, next, 0.5), stale.dataSync() as Float32Array);
  assert.ok(error > 1e-3, `only ${error} away from the gradient through the old D`);
});

test('the averaged weights move towards the weights by one minus the decay', async () => {
  const { state, inputs, recorded, feeds } = prepare(smallConfig);
  const next = await replay(recorded.graph, feeds);
  const decay = inputs['averageDecay']!.data[0]!;
  assertClose([decay], [(1 + 3) / (10 + 3)], 1e-6, 'the decay of update 3 while warming up');
  const name = 'generator/block1/kernel';
  const expected = (state[`averaged/${name}`]!.data as Float32Array).map(
    (value, i) => decay * value + (1 - decay) * next[nextName(name)]!.data[i]!,
  );
  assertClose(next[nextName(`averaged/${name}`)]!.data, expected, 1e-6, 'average');
});

test('outputs are the mean probabilities of the D that was updated', async () => {
  const { state, inputs, recorded, feeds } = prepare(smallConfig);
  const next = await replay(recorded.graph, feeds);
  const logits = discriminate(
    shaped(smallConfig),
    named(eager(state), 'discriminator/'),
    eager(inputs)['real']!,
    byBatch,
  );
  assertClose(next[outputName('dReal')]!.data, tf.mean(tf.sigmoid(logits)).dataSync(), 1e-5, 'dReal');
});

test('dropout masks are zero or 1 / (1 - rate) and drawn anew for every pass', () => {
  const { inputs } = prepare({ ...smallConfig, dropout: 0.5, batch: 16 });
  const real = inputs['noise/real/discriminator/block1']!.data as Float32Array;
  const fake = inputs['noise/fake/discriminator/block1']!.data as Float32Array;
  assert.ok(real.every((value) => value === 0 || value === 2));
  const kept = real.filter((value) => value === 2).length / real.length;
  assert.ok(kept > 0.25 && kept < 0.75, `${kept} kept`);
  assert.not.equal(Array.from(real), Array.from(fake));
});

test('recording one step twice gives the same graph', () => {
  assert.equal(prepare(smallConfig).recorded.graph.nodes, prepare(smallConfig).recorded.graph.nodes);
});

test('recording a 64x64 step leaves no tensor behind', () => {
  const before = tf.memory().numTensors;
  prepare({ ...smallConfig, imageSize: 64 });
  assert.is(tf.memory().numTensors, before);
});

test.run();
