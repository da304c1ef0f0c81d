// The phases of a plan: which updates a step has, in which order and how often.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { networkNames } from '../../trainer/config/networks.ts';
import { recordStateFunction } from '../../trainer/engine/state-function.ts';
import { registerGradients } from '../../trainer/graph/trace/gradients/register.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { smallConfig } from '../shared/small-config.ts';

const test = suite('planTraining()');

/** The updates of one step, in order: a phase's name for each of its runs. */
function updatesAt(stepNumber: number, values: Partial<TrainConfig>): string[] {
  return planTraining({ ...smallConfig, discriminatorNorm: 'none', ...values })
    .phases.filter((phase) => phase.isDue(stepNumber))
    .flatMap(({ name, times }) => Array.from({ length: times }, () => name));
}

test('a step is one update of both networks', () => {
  assert.equal(updatesAt(1, {}), ['step/plain']);
});

test('a critic is updated alone before the step', () => {
  assert.equal(updatesAt(1, { criticSteps: 3 }), ['critic/plain', 'critic/plain', 'step/plain']);
});

test('a penalty, R1 or R2, is in every step by default', () => {
  const regularised = ['critic/regularised', 'step/regularised'];
  assert.equal(updatesAt(1, { r1: 1, criticSteps: 2 }), regularised);
  assert.equal(updatesAt(1, { r2: 1, criticSteps: 2 }), regularised);
});

test('lazy penalties are in every r1Every-th step only', () => {
  const lazy = { r1: 1, r1Every: 3, criticSteps: 2 };
  const plain = ['critic/plain', 'step/plain'];
  assert.equal(
    [1, 2, 3, 4].map((stepNumber) => updatesAt(stepNumber, lazy)),
    [plain, plain, ['critic/regularised', 'step/regularised'], plain],
  );
  assert.equal(updatesAt(3, { r2: 1, r1Every: 3 }), ['step/regularised']);
});

test("the critic takes no inputs of the generator's update", () => {
  const [critic, step] = planTraining({ ...smallConfig, criticSteps: 2 }).phases;
  assert.not('learningRate' in critic!.inputs);
  assert.ok('learningRate' in step!.inputs);
});

test('codes of images that are no squares: every family records its step', async () => {
  registerGradients();
  const codes: Conditioning = {
    kind: 'codes',
    codes: [{ name: 'code', kind: 'choice', choices: ['a', 'b', 'c'] }],
  };
  for (const network of networkNames) {
    const given = {
      ...smallConfig,
      network,
      imageSize: '16x24',
      condition: 'info',
      discriminatorNorm: 'none',
    };
    const plan = planTraining(given as TrainConfig, codes);
    const state = plan.initialState(new Random(1));
    const { update, inputs } = plan.phases.at(-1)!;
    recordStateFunction(update, state, inputs);
    // Q reads 4x6 pixels.
    const [features, units] = state['discriminator/codes/hidden/kernel']!.shape;
    assert.is(features! % 24, 0, network);
    assert.is(units, 128);
  }
});

test.run();
