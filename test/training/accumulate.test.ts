// Gradient accumulation: a step in parts equals the step of the whole batch, which other suites hold against PyTorch, for networks
// without statistics of a batch; with batch norm its gradient is the mean of the parts' own.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import type { NamedHostTensors } from '../../trainer/engine/engine.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { held } from '../../trainer/held.ts';
import { openPlan } from '../../trainer/run/open-plan.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { partOf } from '../../trainer/training/step-inputs.ts';
import { assertClose, largestDifference } from '../shared/closeness.ts';
import { smallConfig } from '../shared/small-config.ts';

const test = suite('accumulate');

const style: TrainConfig = {
  ...smallConfig,
  network: 'stylegan',
  discriminatorNorm: 'none',
  latentDistribution: 'normal',
  mappingLayers: 2,
  batch: 16,
  learningRate: 1e-3,
};
const classes: Conditioning = { kind: 'classes', names: ['a', 'b', 'c'] };

/** The state after two steps on random images, and the outputs of the second. */
async function trained(config: TrainConfig, conditioning: Conditioning = null) {
  await using engine = held((await selectEngine(config)).engine);
  const state = planTraining(config, conditioning).initialState(new Random(1));
  const open = await openPlan({ config, conditioning, engine, state });
  const random = new Random(2);
  const { batch, channels } = config;
  const batches = {
    next: async () => ({
      images: random.fillLatent(new Float32Array(batch * 16 ** 2 * channels), 'uniform'),
      labels: conditioning && Int32Array.from({ length: batch }, (_, i) => i % 3),
    }),
  };
  const noise = new Random(3);
  const fetch = ['dLoss', 'gLoss', 'dReal', 'dFake'];
  let outputs: NamedHostTensors = {};
  for (const stepNumber of [1, 2]) {
    outputs = await open.train({ random: noise, batches, stepNumber, fetch });
  }
  const [all, saved] = [await engine.readState(), await open.readState()];
  await open.dispose();
  return { outputs, all, saved };
}

const methods: Readonly<Record<string, readonly [Partial<TrainConfig>, Conditioning]>> = {
  'wgan-gp with two critic steps': [{ objective: 'wgan-gp', criticSteps: 2 }, null],
  'hinge with lazy R1, augmentation and label projection': [
    { objective: 'hinge', r1: 1, r1Every: 2, augment: 'color', labelDiscriminator: 'projection' },
    classes,
  ],
  'ADA with a fixed probability': [{ augment: 'ada', augmentProbability: 0.7 }, null],
  "relativistic pairing with ADA's signs": [{ objective: 'relativistic', augment: 'ada' }, null],
  "StyleGAN2's networks with lazy R1": [{ network: 'stylegan2', r1: 1, r1Every: 2 }, null],
  'relativistic pairing with lazy R1 and R2': [
    { objective: 'relativistic', r1: 1, r2: 0.5, r1Every: 2 },
    null,
  ],
};

const modern: Partial<TrainConfig> = {
  network: 'modern',
  objective: 'relativistic',
  r1: 1,
  r2: 1,
  r1Every: 2,
};
const all: typeof methods = { ...methods, "R3GAN's networks, classes": [modern, classes] };

for (const [name, [values, conditioning]] of Object.entries(all)) {
  test(`${name}: two steps in four parts are two steps`, async () => {
    const whole = await trained({ ...style, ...values }, conditioning);
    const parts = await trained({ ...style, ...values, accumulate: 4 }, conditioning);
    for (const [key, { data }] of Object.entries(whole.outputs)) {
      const difference = largestDifference(parts.outputs[key]!.data, data);
      assert.ok(difference < 1e-4, `${key}: ${difference} from ${data[0]}`);
    }
    assert.equal(Object.keys(parts.saved), Object.keys(whole.saved));
    for (const [key, { data }] of Object.entries(whole.saved)) {
      if (key.startsWith('moments/')) assertClose(parts.saved[key]!.data, data, 2e-3, key);
    }
  });
}

test('between two steps the sums are zero, and no checkpoint holds them', async () => {
  const { all, saved } = await trained({ ...style, accumulate: 2 });
  const sums = Object.keys(all).filter((name) => !(name in saved));
  assert.ok(sums.length > 0 && sums.every((name) => name.startsWith('gradients/')));
  assert.ok(sums.every((name) => (all[name]!.data as Float32Array).every((value) => value === 0)));
});

test('with batch norm the first gradient of D is the mean of the gradients of its parts', async () => {
  const config = { ...smallConfig, batch: 8 };
  const plan = planTraining({ ...config, accumulate: 2 });
  const ofPart = planTraining({ ...config, batch: 4 });
  const random = new Random(5);
  const state = plan.initialState(random);
  const images = random.fillLatent(new Float32Array(8 * 16 * 16 * 3), 'uniform');
  const inputs = plan.phases.at(-1)!.makeInputs(random, { images, labels: null }, 1, 0);
  await using engine = held((await selectEngine(config)).engine);
  await engine.writeState({ ...state, ...plan.transientState() });
  const phase = ofPart.phases.at(-1)!;
  const name = 'discriminator/block2/kernel';
  const first = `moments/first/${name}`;
  const mean = new Float32Array(state[name]!.data.length);
  const compiled = await engine.compile(phase.update, phase.inputs);
  for (const part of [0, 1]) {
    await engine.writeState(state);
    await compiled.run(partOf(inputs, phase.inputs, part));
    // Adam's first moment after one update is (1 - β1) g.
    const moment = (await engine.readState([first]))[first]!.data;
    mean.forEach((_, i) => (mean[i]! += moment[i]! / (1 - config.beta1) / 2));
  }
  await engine.writeState(state);
  const [sumD] = plan.phases.at(-1)!.passes;
  const summing = await engine.compile(sumD!.update, sumD!.inputs);
  for (const part of [0, 1]) await summing.run(partOf(inputs, sumD!.inputs, part));
  const sum = (await engine.readState([`gradients/${name}`]))[`gradients/${name}`]!;
  assertClose(sum.data, mean, 1e-4, 'the gradient');
});

test('each image is in one part, with those that share its minibatch deviation', () => {
  const inputs = {
    z: { shape: [16, 1], dtype: 'float32', data: Float32Array.from({ length: 16 }, (_, i) => i) },
    rate: { shape: [], dtype: 'float32', data: Float32Array.of(0.5) },
  } as const;
  const specs = { z: { shape: [8, 1], dtype: 'float32' }, rate: { shape: [], dtype: 'float32' } } as const;
  const parts = [0, 1].map((index) => partOf(inputs, specs, index));
  // In a batch of 16 image i shares its group with i + 4, i + 8 and i + 12; in one of 8, with i + 2, i + 4 and i + 6.
  assert.equal([...parts[0]!['z']!.data], [0, 1, 4, 5, 8, 9, 12, 13]);
  assert.equal([...parts[1]!['z']!.data], [2, 3, 6, 7, 10, 11, 14, 15]);
  assert.equal([...parts[1]!['rate']!.data], [0.5]);
});

test.run();
