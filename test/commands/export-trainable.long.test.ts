// `dcgan export --trainable` end to end: packages of a real run and of a preset, driven by a loop that knows only the format.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import { graphNames } from '../../runtime-web/format/training/graph-names.ts';
import { parseTrainable } from '../../runtime-web/format/training/parse-trainable.ts';
import { decodeSafetensors } from '../../runtime-web/format/training/safetensors.ts';
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';
import type { TrainablePackage, TrainingRole } from '../../runtime-web/format/training/trainable.ts';
import { loadCheckpoint } from '../../trainer/run/checkpoint.ts';
import { readStats } from '../../trainer/run/stats.ts';
import { trainByGraphs } from '../export/train-by-graphs.ts';
import { dcgan, labelledPictures } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { skipIf } from '../shared/skip.ts';

const test = suite('dcgan export --trainable');
const root = temporaryFolder();
const classes = ['left', 'middle', 'right'];
const steps = 20;

async function succeed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dcgan(...args);
  assert.is(code, 0, stderr);
  return stdout;
}

const jsonOf = (folder: string): unknown => JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
const opened = (folder: string): TrainablePackage => parseTrainable(jsonOf(folder), 'model.json');
const reader =
  (folder: string, { trainable }: TrainablePackage) =>
  async (role: TrainingRole) =>
    readFileSync(join(folder, trainable.files[role]!.file));

/** A run of 20 steps with a report for each, of classes and hinge with lazy R1. */
async function trainedRun() {
  const data = await labelledPictures(45, classes);
  const config = join(root, 'config.json');
  const values = {
    ...{
      data,
      imageSize: 16,
      baseWidth: 4,
      latent: 8,
      batch: 8,
      steps,
      flip: true,
      threads: 2,
      sampleCount: 4,
    },
    ...{ engine: 'onnx-cpu', objective: 'hinge', r1: 1, r1Every: 4, condition: 'label', criticSteps: 2 },
    ...{ reportEvery: 1, sampleEvery: steps, checkpointEvery: steps, evaluateEvery: null, augment: 'color' },
  };
  writeFileSync(config, JSON.stringify(values));
  await succeed('train', '--config', config, '--out', join(root, 'runs'));
  return { data, run: join(root, 'runs', readdirSync(join(root, 'runs'))[0]!) };
}

/** The images of the data folder, class by class, decoded without the trainer. */
async function decoded(data: string) {
  const files = classes.flatMap((name, label) =>
    readdirSync(join(data, name))
      .sort()
      .map((file) => ({ path: join(data, name, file), label })),
  );
  const images = await Promise.all(files.map(({ path }) => sharp(path).removeAlpha().raw().toBuffer()));
  return {
    count: files.length,
    images: Float32Array.from(Buffer.concat(images), (byte) => byte / 127.5 - 1),
    labels: Int32Array.from(files, ({ label }) => label),
    condition: null,
  };
}

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.is(a.length, b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

test("a run's package repeats the run from its seed, and goes on from its state", async () => {
  const { data, run } = await trainedRun();
  await succeed('export', run, '--trainable', '--state');
  const folder = join(run, 'model');
  const model = parseModel(jsonOf(folder), 'model.json');
  const found = opened(folder);
  const { files, config, phases, parity } = found.trainable;
  assert.equal(Object.keys(files), [
    ...['step', 'stepRegularised', 'critic', 'criticRegularised', 'sample', 'statistics', 'judge', 'state'],
  ]);
  assert.equal(
    phases.map(({ file, times, due }) => [file, times, due]),
    [
      ['critic', 1, [{ every: 4, isDue: false }]],
      ['criticRegularised', 1, [{ every: 4, isDue: true }]],
      ['step', 1, [{ every: 4, isDue: false }]],
      ['stepRegularised', 1, [{ every: 4, isDue: true }]],
    ],
  );
  for (const { file, bytes, sha256 } of [...Object.values(model.files), ...Object.values(files)]) {
    const content = readFileSync(join(folder, file));
    assert.equal([content.length, createHash('sha256').update(content).digest('hex')], [bytes, sha256], file);
  }
  for (const { maxDifference, tolerance } of parity) assert.ok(maxDifference < tolerance);
  assert.ok(
    parity.some(({ maxDifference }) => maxDifference > 0),
    'compared with itself?',
  );
  assert.is(config['data'], data.split('/').at(-1));

  const byGraphs = await trainByGraphs(found, reader(folder, found), await decoded(data), steps);
  const stats = await readStats(join(run, 'stats.jsonl'));
  assert.is(stats.length, steps);
  stats.forEach((line, i) => {
    for (const name of ['dLoss', 'gLoss', 'dReal', 'dFake'] as const) {
      const [got, expected] = [byGraphs.lines[i]![name]!, line[name]!];
      assert.ok(Math.abs(got - expected) < 1e-3 * Math.max(1, Math.abs(expected)), `step ${i + 1}: ${name}`);
    }
  });

  const seeds = [0, 1, 2, 3, 4];
  const generator = await ort.InferenceSession.create(join(folder, model.files.generator.file));
  const inputs = Object.entries(seedInputs(model, seeds)).map(
    ([name, { data: values, shape }]) => [name, new ort.Tensor('float32', values, [...shape])] as const,
  );
  const { images } = await generator.run(Object.fromEntries(inputs));
  assert.ok(largest(await byGraphs.sample(seeds), images!.data as Float32Array) < 0.02, 'from the seed');

  const saved = decodeSafetensors(readFileSync(join(folder, files.state!.file)), 'state');
  assert.equal(Object.keys(saved.tensors).sort(), found.trainable.state.map(({ name }) => name).sort());
  const sampling = await ort.InferenceSession.create(join(folder, files.sample!.file));
  const feeds = Object.fromEntries([
    ...sampling.inputNames
      .filter((name) => saved.tensors[name] !== undefined)
      .map((name) => {
        const { data: values, shape } = saved.tensors[name]!;
        return [name, new ort.Tensor('float32', values as Float32Array, [...shape])];
      }),
    ...inputs.map(([name, tensor]) => [graphNames.input(name), tensor]),
  ]) as Record<string, ort.Tensor>;
  const drawn = await sampling.run(feeds);
  const ofState = drawn[graphNames.output('images')]!.data as Float32Array;
  assert.ok(largest(ofState, images!.data as Float32Array) < 1e-4, 'from the state');

  // The copy is a checkpoint like any other, without the folders of the machine.
  const { metadata } = await loadCheckpoint(join(folder, files.state!.file));
  assert.equal([metadata.step, metadata.config.data], [steps, config['data']]);

  await succeed('export', run);
  assert.is(parseModel(jsonOf(folder), 'model.json').trainable, null);
  assert.not.ok(readdirSync(folder).some((file) => file.startsWith('step') || file.endsWith('safetensors')));
});

test('a package without a run has no generator, and says so to who looks for one', async () => {
  const config = join(root, 'classes.json');
  const values = {
    ...{ imageSize: 16, baseWidth: 4, latent: 8, batch: 4 },
    condition: 'label',
    classNames: 'a,b',
  };
  writeFileSync(config, JSON.stringify(values));
  const out = join(root, 'preset');
  for (let made = 0; made < 2; made++) {
    await succeed('export', '--trainable', '--config', config, '--out', out);
    const { conditioning, trainable } = opened(out);
    assert.equal(conditioning, { kind: 'classes', names: ['a', 'b'] });
    assert.equal(Object.keys(trainable.files), ['step', 'sample', 'statistics', 'judge']);
    assert.equal(readdirSync(out).sort(), [
      'judge.onnx',
      'model.json',
      'sample.onnx',
      'statistics.onnx',
      'step.onnx',
    ]);
  }
  const { code, stderr } = await dcgan('sample', out, '--out', join(root, 'x.png'));
  assert.is(code, 2, stderr);
  assert.match(
    stderr,
    /got networks to train, expected a model with a trained generator; train them in a page with <dcgan-trainer>/,
  );
});

test('StyleGAN2 with a lazy path length penalty exports, and its gate runs the penalty where it is due', async () => {
  const config = join(root, 'config.json');
  const values = { network: 'stylegan2', imageSize: 16, baseWidth: 4, latent: 8, batch: 4, mappingLayers: 2 };
  writeFileSync(config, JSON.stringify({ ...values, pathLength: 2, pathLengthEvery: 4 }));
  const out = join(root, 'style');
  await succeed('export', '--trainable', '--config', config, '--out', out);
  const { parity } = opened(out).trainable;
  const figures = parity.filter(({ role }) => role === 'stepPath' || role === 'stepRegularisedPath');
  assert.ok(figures.length >= 2);
  for (const { maxDifference, tolerance } of figures) assert.ok(maxDifference < tolerance);
});

const python = process.env['DCGAN_PYTHON'] ?? 'python3';
const isMissing = spawnSync(python, ['-c', 'import onnx']).status !== 0;
const missing = `${python} has no package 'onnx'; name a Python that has one in DCGAN_PYTHON`;
const inPython = skipIf(isMissing, missing, test);
inPython("onnx's checker accepts the files", () => {
  const folders = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const files = folders.filter((name) => name.endsWith('.onnx')).map((name) => join(root, name));
  assert.ok(files.length > 3);
  const script =
    'import onnx, sys\nfor path in sys.argv[1:]: onnx.checker.check_model(path, full_check=True)';
  const { status, stderr } = spawnSync(python, ['-c', script, ...files], { encoding: 'utf8' });
  assert.is(status, 0, stderr);
});

test.run();
