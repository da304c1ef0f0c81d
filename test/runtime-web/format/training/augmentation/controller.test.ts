// ADA's controller: its steps by the published rule, and the sign that it reads from a training step.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../../../../trainer/config/fields.ts';
import { outputName, recordStateFunction } from '../../../../../trainer/engine/state-function.ts';
import { AugmentationController } from '../../../../../runtime-web/format/training/augmentation/controller.ts';
import { planTraining } from '../../../../../trainer/training/plan.ts';
import { runLowered } from '../../../../graph/lower/run-graph.ts';
import { smallConfig } from '../../../../shared/small-config.ts';

const test = suite('controller');

const settings = { augment: 'ada', augmentProbability: null, adaTarget: 0.6, adaImages: 1000 } as const;

/** The probabilities after each step of 10 images with these signs, from `probability` on. */
function after(signs: readonly number[], probability = 0): readonly number[] {
  const none = { sum: 0, steps: 0 };
  const controller = AugmentationController.of(settings, { probability, signs: none, reported: none })!;
  return signs.map((sign) => {
    controller.addStep(sign, 10);
    return Number(controller.probability.toFixed(9));
  });
}

test('the probability rises while D is too sure of real images, every fourth step, and falls otherwise', () => {
  assert.equal(after(Array(9).fill(0.9)), [0, 0, 0, 0.04, 0.04, 0.04, 0.04, 0.08, 0.08]);
  assert.equal(after(Array(4).fill(0.5), 0.3), [0.3, 0.3, 0.3, 0.26]);
  // The mean of four steps counts, not the last one.
  assert.equal(after([1, 1, 1, -0.5], 0.3).at(-1), 0.34);
  assert.equal(after([1, 1, -1, 1], 0.3).at(-1), 0.26);
  assert.equal(after(Array(4).fill(0.6), 0.3).at(-1), 0.3);
});

test('it moves from 0 to 1 in the images of --ada-images, and stays in between', () => {
  const rising = after(Array(120).fill(1));
  assert.is(rising.findIndex((value) => value >= 1) + 1, 100);
  assert.is(rising.at(-1), 1);
  assert.is(after(Array(8).fill(-1), 0.05).at(-1), 0);
});

test('runs without ADA, or with a fixed probability, have no controller', () => {
  assert.is(AugmentationController.of({ ...settings, augment: 'color' }), null);
  assert.is(AugmentationController.of({ ...settings, augment: null }), null);
  assert.is(AugmentationController.of({ ...settings, augmentProbability: 0.2 }), null);
});

test('a saved controller goes on as it was', () => {
  const signs = Array.from({ length: 23 }, (_, i) => Math.sin(i * 3));
  const whole = AugmentationController.of(settings)!;
  let parts = AugmentationController.of(settings)!;
  for (const [i, sign] of signs.entries()) {
    whole.addStep(sign, 64);
    parts.addStep(sign, 64);
    if (i % 5 === 0) {
      whole.beginReport();
      parts.beginReport();
    }
    parts = AugmentationController.of(settings, JSON.parse(JSON.stringify(parts.saved)))!;
  }
  assert.equal(parts.saved, whole.saved);
});

/** The sign of a step whose D gives every image `bias` more than about 0. */
async function signWith(bias: number, values: Partial<TrainConfig> = {}): Promise<number> {
  const config: TrainConfig = { ...smallConfig, discriminatorNorm: 'none', augment: 'ada', ...values };
  const plan = planTraining(config);
  const phase = plan.phases.at(-1)!;
  const random = new Random(3);
  const state = plan.initialState(random);
  (state['discriminator/logit/bias']!.data as Float32Array).fill(bias);
  const images = random.fillLatent(new Float32Array(config.batch * 16 * 16 * 3), 'uniform');
  const inputs = phase.makeInputs(random, { images, labels: null }, 1, 0);
  const { graph } = recordStateFunction(phase.update, state, phase.inputs);
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [`input/${name}`, tensor]));
  const outputs = await runLowered(graph, { ...state, ...feeds });
  return outputs[outputName('dSign')]!.data[0]!;
}

test('the sign is that of D for real images, from the level between real and generated', async () => {
  assert.is(await signWith(3), 1);
  assert.is(await signWith(-3), -1);
  // Least squares have targets of 1 and 0.
  assert.is(await signWith(0.3, { objective: 'least-squares' }), -1);
  assert.is(await signWith(0.7, { objective: 'least-squares' }), 1);
});

test("a pair's sign is that of the difference of its two scores", async () => {
  const signs = [
    await signWith(3, { objective: 'relativistic' }),
    await signWith(-3, { objective: 'relativistic' }),
  ];
  assert.is(signs[0], signs[1]);
});

test.run();
