// Every objective, condition and network exports: 20 steps of a package's graphs are the trainer's.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { findBlockSize } from '../../trainer/engine/block-size.ts';
import { objectiveNames } from '../../trainer/objectives/table.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { configOf, trainBothWays } from './trained-both-ways.ts';
import { skipIf } from '../shared/skip.ts';

const test = suite('networks to train, every kind');

const variants: Readonly<Record<string, Partial<TrainConfig>>> = {
  'the usual method': {},
  ...Object.fromEntries(objectiveNames.map((objective) => [objective, { objective }])),
  'hinge with lazy R1': { objective: 'hinge', r1: 1, r1Every: 4 },
  'wgan-gp with 2 updates of D': { objective: 'wgan-gp', criticSteps: 2 },
  'relativistic with lazy R1 and R2 in every update of D': {
    objective: 'relativistic',
    criticSteps: 2,
    r1: 0.5,
  },
  unrolled: { unroll: 2 },
  'classes, by projection': { condition: 'label', labelDiscriminator: 'projection' },
  'classes, as maps': { condition: 'label' },
  attributes: { condition: 'attributes', labelColumn: 'glasses,smile' },
  numbers: { condition: 'numbers', labelColumn: 'yaw,hairLength', labelDiscriminator: 'projection' },
  "InfoGAN's codes": { condition: 'info', codes: 'categorical:3,continuous:1' },
  'grey images': { channels: 1 },
  'transparent images': { channels: 4 },
  'attention and spectral norm': { attention: 8, spectralNorm: 'both' },
  'dropout, a joined batch and label smoothing': {
    dropout: 0.3,
    discriminatorBatch: 'joined',
    labelSmoothing: 0.1,
  },
  'uniform latents, nearest neighbours, layer norm': {
    latentDistribution: 'uniform',
    upsampling: 'nearest',
    discriminatorNorm: 'layer',
  },
  DiffAugment: { augment: 'color,translation,cutout' },
  'DiffAugment with a probability': { augment: 'color,cutout', augmentProbability: 0.4 },
  'ADA, moved by its controller': { augment: 'ada', adaTarget: 0, adaImages: 100 },
  'every schedule': {
    schedule: 'cosine',
    learningRateEnd: 1e-4,
    warmup: 3,
    burnIn: 60,
    beta2End: 0.9,
    r1: 1,
    penaltyEnd: 0.1,
    averageHalfLife: 100,
    averageRampUp: 0.5,
  },
  'no averages': { averageDecay: 0 },
  modern: { network: 'modern' },
  'StyleGAN at full size': { network: 'stylegan', growFrom: null, mappingLayers: 2 },
  'StyleGAN2 with its penalties': {
    network: 'stylegan2',
    mappingLayers: 2,
    pathLength: 2,
    pathLengthEvery: 4,
    r1: 1,
    r1Every: 8,
  },
  'StyleGAN2 of classes without mixing': {
    network: 'stylegan2',
    mappingLayers: 2,
    mixing: 0,
    condition: 'label',
  },
};

const folder = temporaryFolder();
/** The files of all variants. */
const paths: string[] = [];

/** Variants in which ONNX Runtime sums over values in an order that depends on their place in memory, or whose rows are rounded. */
const isRounded = ({ network, attention, condition }: Partial<TrainConfig>): boolean =>
  network?.startsWith('stylegan') === true || attention != null || condition === 'numbers';

for (const [name, values] of Object.entries(variants)) {
  test(`${name}: as the trainer trains`, async () => {
    const { losses, isSameState, images, spread, files } = await trainBothWays(configOf(values));
    for (const [role, bytes] of files) {
      const path = join(folder, `${role} of ${name}.onnx`);
      writeFileSync(path, bytes);
      paths.push(path);
    }
    if (isRounded(values)) {
      assert.ok(losses < 1e-5, `${losses}`);
      assert.ok(images < 1e-4, `${images}`);
    } else assert.equal({ losses, isSameState, images }, { losses: 0, isSameState: true, images: 0 });
    assert.ok(spread > 1e-3, `${spread}`);
  });
}

test("the trainer's engine with blocks gives the same losses and nearly the same images", async () => {
  const { losses, images } = await trainBothWays(configOf({ baseWidth: 16 }), await findBlockSize());
  assert.ok(losses < 1e-3, `${losses}`);
  assert.ok(images < 0.05, `${images}`);
});

const python = process.env['DCGAN_PYTHON'] ?? 'python3';
const isMissing = spawnSync(python, ['-c', 'import onnx']).status !== 0;
const missing = `${python} has no package 'onnx'; name a Python that has one in DCGAN_PYTHON`;
const inPython = skipIf(isMissing, missing, test);
inPython("onnx's checker accepts the files of all of them", () => {
  assert.ok(paths.length > 60, `${paths.length}`);
  const script =
    'import onnx, sys\nfor path in sys.argv[1:]: onnx.checker.check_model(path, full_check=True)';
  const { status, stderr } = spawnSync(python, ['-c', script, ...paths], { encoding: 'utf8' });
  assert.is(status, 0, stderr);
});

test.run();
