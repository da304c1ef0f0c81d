// Steering by a classifier in closed form: the target rises or falls, preserved attributes stay, the gradient is that of the loss,
// and uniform latents keep their range.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import { OnnxEngine } from '../../trainer/engine/onnx-engine.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { foldGenerator } from '../../trainer/frozen/fold.ts';
import { openSteering } from '../../trainer/steering/steer-latents.ts';
import {
  steeringInputs,
  steeringParameters,
  steeringStep,
  type SteeringNetworks,
} from '../../trainer/steering/steering-step.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { randomState } from '../export/random-state.ts';
import { smallConfig } from '../shared/small-config.ts';

const test = suite('steering');
const dim = smallConfig.latent;

/** Predicts whether an image is red (binary) and how light it is (continuous). */
function networks(distribution: 'normal' | 'uniform'): SteeringNetworks {
  const weights: HostTensor = {
    shape: [3, 2],
    dtype: 'float32',
    data: Float32Array.from([30, 3, -15, 3, -15, 3]),
  };
  return {
    generator: foldGenerator(smallConfig, randomState(smallConfig)),
    classifier: {
      columns: [
        { name: 'red', kind: 'binary', values: null, range: [0, 1], group: 0 },
        { name: 'light', kind: 'continuous', values: null, range: [-1, 1], group: 1 },
      ],
      parameters: { 'classifier/weights': weights },
      classify: (parameters, images) =>
        tf.matMul(tf.mean(images, [1, 2]) as tf.Tensor2D, parameters['classifier/weights'] as tf.Tensor2D),
    },
    distribution,
  };
}

const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 2 });
assert.instance(engine, OnnxEngine);
test.after(() => engine.dispose());
const signal = new AbortController().signal;
const count = 40;
const latents = (distribution: 'normal' | 'uniform'): Float32Array =>
  new Random(3).fillLatent(new Float32Array(count * dim), distribution);
const column = (predictions: Float32Array, a: number): number[] =>
  Array.from({ length: predictions.length / 2 }, (_, i) => predictions[2 * i + a]!);
const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
const meanMove = (before: number[], after: number[]): number =>
  mean(before.map((value, i) => Math.abs(after[i]! - value)));

for (const distribution of ['normal', 'uniform'] as const) {
  test(`${distribution}: the target rises or falls, and preserved attributes move less than free ones`, async () => {
    const steering = await openSteering(engine, networks(distribution), dim);
    try {
      const request = { z: latents(distribution), count, attribute: 0, steps: 40, rate: 0.05, signal };
      const up = await steering.steer({ ...request, sign: 1, hold: 3 });
      const down = await steering.steer({ ...request, sign: -1, hold: 3 });
      const free = await steering.steer({ ...request, sign: 1, hold: 0 });
      const start = column(up.before.predictions, 0);
      column(up.after.predictions, 0).forEach((value, i) => assert.ok(value > start[i]! || value > 2));
      column(down.after.predictions, 0).forEach((value, i) => assert.ok(value < start[i]! || value < -2));
      const light = column(up.before.predictions, 1);
      const [held, loose] = [up, free].map(({ after }) => meanMove(light, column(after.predictions, 1)));
      assert.ok(held! < loose! / 2, `light moved by ${held} held and ${loose} not held`);
      if (distribution === 'uniform') assert.ok(up.z.every((value) => Math.abs(value) <= 1));
    } finally {
      await steering.dispose();
    }
  });
}

test("the update follows the loss's gradient: finite differences agree with Adam's first moment", async () => {
  const given = networks('normal');
  await engine.writeState(steeringParameters(given));
  const specs = steeringInputs(2, dim, 2);
  const compiled = await engine.compile(
    (state, inputs) => ({ outputs: steeringStep(given, state, inputs) }),
    specs,
  );
  try {
    const tensor = (name: string, values: ArrayLike<number>): HostTensor => ({
      ...specs[name]!,
      data: Float32Array.from(values),
    });
    const z = new Random(6).fillLatent(new Float32Array(2 * dim), 'normal');
    const zeros = new Float32Array(2 * dim);
    const run = (at: Float32Array) =>
      compiled.run({
        z: tensor('z', at),
        first: tensor('first', zeros),
        second: tensor('second', zeros),
        update: tensor('update', [1]),
        rate: tensor('rate', [0.05]),
        push: tensor('push', [1, 0, 0, -1]),
        start: tensor('start', [0, 0.4, 1.5, 0]),
        hold: tensor('hold', [0.7]),
      });
    const moment = (await run(z))['nextFirst']!.data as Float32Array;
    const lossAt = async (i: number, by: number): Promise<number> => {
      const moved = z.slice();
      moved[i]! += by;
      const { loss } = await run(moved);
      return loss!.data[0]! + loss!.data[1]!;
    };
    for (let i = 0; i < 2 * dim; i += 3) {
      const slope = ((await lossAt(i, 1e-3)) - (await lossAt(i, -1e-3))) / 2e-3;
      const gradient = moment[i]! / 0.1;
      assert.ok(
        Math.abs(slope - gradient) < 0.01 * Math.max(1, Math.abs(slope)),
        `coordinate ${i}: the loss rises by ${slope}, the gradient is ${gradient}`,
      );
    }
  } finally {
    await compiled.dispose();
  }
});

test.run();
