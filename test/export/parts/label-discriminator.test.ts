// Discriminators that receive labels, attributes or numbers: their files against the networks in training, by the real command too.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Conditioning, Model } from '../../../runtime-web/format/model.ts';
import { parseModel } from '../../../runtime-web/format/parse-model.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../../trainer/config/fields.ts';
import { openDataset } from '../../../trainer/data/dataset.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { encodeDiscriminator } from '../../../trainer/export/parts/discriminator.ts';
import { fitPlattScaling } from '../../../trainer/frozen/platt-scaling.ts';
import { readLabelled } from '../../../trainer/frozen/read-labelled.ts';
import type { HostTensor } from '../../../trainer/graph/trace/graph.ts';
import { held } from '../../../trainer/held.ts';
import { toFloats } from '../../../trainer/pictures/pixels.ts';
import { loadNewestCheckpoint } from '../../../trainer/run/checkpoint.ts';
import { insideOf, networkFamilies } from '../../../trainer/training/architectures/table.ts';
import { modelOf, planTraining } from '../../../trainer/training/plan.ts';
import { seedInputs } from '../../../runtime-web/format/training/seed-inputs.ts';
import { runModel } from '../../graph/lower/run-graph.ts';
import { relativeError } from '../../shared/closeness.ts';
import {
  dcgan,
  dcganInTurn,
  jsonLines,
  labelledPictures,
  smallPictures,
  smallRun,
} from '../../shared/command-line.ts';
import { smallConfig } from '../../shared/small-config.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('discriminators with labels');
const names = ['a', 'b', 'c'];
const classes: Conditioning = { kind: 'classes', names };
const numbers: Conditioning = {
  kind: 'numbers',
  numbers: [
    { name: 'age', least: 0, most: 100 },
    { name: 'turn', least: -30, most: 30 },
  ],
  examples: [[25, 0]],
};
const attributes: Conditioning = { kind: 'attributes', names: ['glasses', 'hat'], examples: [[0, 1]] };
const tensor = (shape: readonly number[], data: ArrayLike<number>): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(data),
});

/** Logits of D as a training step computes them. Labels are joined to the images here if D does not project them. */
async function inTraining(
  config: TrainConfig,
  conditioning: Conditioning,
  state: Readonly<Record<string, HostTensor>>,
  images: HostTensor,
  labels: HostTensor,
): Promise<Float32Array> {
  const stage = { resolution: 16, isFading: false };
  const architecture = networkFamilies[config.network].architecture(config, conditioning, stage);
  const [n, columns] = labels.shape as [number, number];
  const joined = Array.from({ length: n * 256 }, (_, pixel) => [
    ...images.data.slice(3 * pixel, 3 * pixel + 3),
    ...labels.data.slice(Math.floor(pixel / 256) * columns, (Math.floor(pixel / 256) + 1) * columns),
  ]);
  const isMapped = config.labelDiscriminator === 'maps';
  const given = isMapped ? tensor([n, 16, 16, 3 + columns], joined.flat()) : images;
  await using engine = held((await selectEngine({ engine: 'onnx-cpu', threads: 1 })).engine);
  const own = Object.entries(state).filter(([name]) => name.startsWith('discriminator/'));
  await engine.writeState(Object.fromEntries(own));
  const inputs = { images: given, labels };
  await using compiled = held(
    await engine.compile((parameters, { images: x, labels: y }) => {
      const { logits } = architecture.discriminate(parameters, {
        ...{ images: x!, labels: y!, masks: {}, inputs: {} },
      });
      return { outputs: { logits } };
    }, inputs),
  );
  return (await compiled.run(inputs))['logits']!.data as Float32Array;
}

const plain: TrainConfig = { ...smallConfig, objective: 'relativistic', discriminatorNorm: 'none' };
const cases: readonly (readonly [title: string, TrainConfig, Exclude<Conditioning, null>])[] = [
  ['DCGAN with numbers as maps', plain, numbers],
  ['DCGAN that projects classes', { ...plain, labelDiscriminator: 'projection' }, classes],
  ['DCGAN with layer norm and attributes', { ...plain, discriminatorNorm: 'layer' }, attributes],
  ['R3GAN with classes as maps', { ...plain, network: 'modern' }, classes],
  ['R3GAN that projects classes', { ...plain, network: 'modern', labelDiscriminator: 'projection' }, classes],
];
for (const [title, config, conditioning] of cases) {
  test(`${title}: the file computes what training computes, for other labels something else`, async () => {
    const random = new Random(3);
    const state = Object.fromEntries(
      Object.entries(planTraining(config, conditioning).initialState(random)).map(
        ([name, { shape, data }]) => [
          name,
          tensor(
            shape,
            Array.from(data, (value) => value + 0.2 * random.normal()),
          ),
        ],
      ),
    );
    const images = tensor(
      [5, 16, 16, 3],
      Array.from({ length: 5 * 768 }, () => 2 * random.uniform() - 1),
    );
    const columns = conditioning.kind === 'classes' ? 3 : 2;
    const name = conditioning.kind === 'classes' ? 'labels' : 'condition';
    const labelsFrom = (turn: number): HostTensor =>
      tensor(
        [5, columns],
        Array.from({ length: 5 * columns }, (_, i) =>
          columns === 3 ? Number(i % 3 === (Math.floor(i / 3) + turn) % 3) : Math.sin(i + turn),
        ),
      );
    const frozen = insideOf(config).freezeDiscriminator(config, state, {}, conditioning);
    const shape = { width: 16, height: 16, channels: 3 } as const;
    const file = encodeDiscriminator(frozen, { name: 'tiny', ...shape, conditioning, isHalf: false });
    const found: Float32Array[] = [];
    for (const turn of [0, 1]) {
      const labels = labelsFrom(turn);
      const { logits } = await runModel(file, { images, [name]: labels });
      assert.equal(logits!.shape, [5]);
      const expected = await inTraining(config, conditioning, state, images, labels);
      assert.ok(relativeError(logits!.data, expected) < 1e-4, `${logits!.data}, expected ${expected}`);
      found.push(logits!.data as Float32Array);
    }
    assert.ok(relativeError(found[1]!, found[0]!) > 1e-3);
  });
}

// 63 pictures, of classes by turns, and a discriminator with batch norm, whose statistics are those of all pictures.
const data = await labelledPictures(63, names);
const flags = ['--condition', 'label', '--objective', 'non-saturating', '--discriminator-norm', 'batch'];
const trained = await dcgan(...smallRun(data, temporaryFolder(), 12), ...flags);
const run = String(jsonLines(trained.stdout).at(-1)?.['runDir']);
const out = join(temporaryFolder(), 'model');

/** All pictures and their labels, in the order of the classes. */
async function pictures(): Promise<{ readonly images: HostTensor; readonly labels: HostTensor }> {
  const files = names.flatMap((name) =>
    readdirSync(join(data, name))
      .sort()
      .map((file) => join(data, name, file)),
  );
  const bytes = await Promise.all(files.map((file) => sharp(file).raw().toBuffer()));
  const rows = names.flatMap((_, c) =>
    Array.from({ length: 21 }, () => names.map((__, k) => Number(k === c))),
  );
  return {
    images: tensor([63, 16, 16, 3], toFloats(Buffer.concat(bytes))),
    labels: tensor([63, 3], rows.flat()),
  };
}

test('export of a class-conditional run: the file has labels, and its probabilities are calibrated with them', async () => {
  assert.is(trained.code, 0, trained.stderr);
  const { code, stderr } = await dcgan('export', run, '--discriminator', '--out', out, '--json');
  assert.is(code, 0, stderr);
  const model: Model = parseModel(JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')), 'model.json');
  const file = readFileSync(join(out, 'discriminator.onnx'));
  const { images, labels } = await pictures();
  const { scale, offset } = model.calibration ?? { scale: 1, offset: 0 };
  const raw = (logits: HostTensor): Float32Array =>
    Float32Array.from(logits.data, (logit) => (logit - offset) / scale);
  const real = raw((await runModel(file, { images, labels }))['logits']!);
  // 1,024 images of 63 in batches of 64: nearly the statistics of one batch of all.
  const { state, metadata } = (await loadNewestCheckpoint(join(run, 'checkpoints')))!.checkpoint;
  const expected = await inTraining(metadata.config, classes, state, images, labels);
  assert.ok(relativeError(real, expected) < 0.02, `${relativeError(real, expected)}`);
  const seeds = Array.from({ length: 63 }, (_, i) => 3_000_000_000 + i);
  const { z, labels: asked } = seedInputs(modelOf(metadata.config, classes), seeds);
  const generator = readFileSync(join(out, 'generator.onnx'));
  const { images: drawn } = await runModel(generator, { z: z!, labels: asked! });
  const fit = fitPlattScaling(
    real,
    raw((await runModel(file, { images: drawn!, labels: asked! }))['logits']!),
  );
  if (model.calibration === null) assert.ok(fit.scale < 0.05, `${fit.scale}`);
  else {
    assert.is(model.calibration.protocol['images'], 63);
    assert.ok(Math.abs(scale / fit.scale - 1) < 5e-3, `${scale}, expected ${fit.scale}`);
    assert.ok(Math.abs(offset - fit.offset) < 5e-3 * Math.max(1, Math.abs(fit.offset)), `${offset}`);
  }
});

test('images without the labels, or of other classes, are refused in one line, and restoring still is', async () => {
  const elsewhere = join(temporaryFolder(), 'model');
  for (const [args, message] of [
    [
      ['--discriminator', '--data', await smallPictures(20)],
      /has no classes, and the discriminator was trained on images of a, b, c; give --data with images of these classes/,
    ],
    [
      ['--discriminator', '--data', await labelledPictures(20, ['x', 'y'])],
      /has the classes x, y, and the discriminator was trained on images of a, b, c/,
    ],
    [['--restoring'], /its discriminator is given labels beside images, and --restoring only works without/],
  ] as const) {
    const { code, stderr } = await dcganInTurn('export', run, ...args, '--out', elsewhere);
    assert.is(code, 2, stderr);
    const errors = stderr
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('warning: '));
    assert.is(errors.length, 1, stderr);
    assert.match(errors[0]!, message);
  }
});

test('readLabelled(): classes go by name, numbers are scaled to [-1, 1]', async () => {
  const shape = { width: 16, height: 16, channels: 3, cacheFolder: temporaryFolder() } as const;
  const two = await openDataset({ data: await labelledPictures(4, ['c', 'b']), ...shape });
  const { labels } = await readLabelled(two, [0, 1, 2, 3], {
    config: { classNames: null },
    conditioning: classes,
  });
  // Folders are sorted: b, b, c, c.
  assert.equal(Array.from(labels!.data), [0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1]);
  await two.close();
});

test.run();
