// A whole export: a package if all files agree with the checkpoint, otherwise nothing.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Model } from '../../runtime-web/format/model.ts';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import type { Engine } from '../../trainer/engine/engine.ts';
import { ExportError } from '../../trainer/model-package/export-error.ts';
import { exportModel, type ExportOptions } from '../../trainer/export/export-model.ts';
import { exportRun } from '../../trainer/export/export-run.ts';
import { findCheckpoint } from '../../trainer/run/find-checkpoint.ts';
import { foldGenerator } from '../../trainer/frozen/fold.ts';
import { UserError } from '../../trainer/errors.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { smallConfig } from '../shared/small-config.ts';
import { randomState } from './random-state.ts';
import { makeTinyRun } from './tiny-run.ts';
import { failure } from '../shared/failure.ts';

const test = suite('exportModel()');
const root = temporaryFolder();
const { signal } = new AbortController();

type Freeze = NonNullable<ExportOptions['freeze']>;

async function withEngine<T>(use: (engine: Engine) => Promise<T>): Promise<T> {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 2 });
  try {
    return await use(engine);
  } finally {
    await engine.dispose();
  }
}

function optionsFor(engine: Engine, out: string, change: Partial<ExportOptions> = {}): ExportOptions {
  return {
    config: smallConfig,
    plan: planTraining(smallConfig),
    engine,
    state: randomState(smallConfig),
    name: 'tiny',
    training: {
      method: 'dcgan',
      dataset: { name: 'tiny', images: null, classes: null },
      images: 0,
      steps: 0,
      seconds: 0,
      seed: 1,
      engine: 'onnx-cpu',
      configHash: '0'.repeat(64),
    },
    out,
    signal,
    ...change,
  };
}

/** A fold with one number of a parameter changed. */
function sabotaged(name: string, by: (value: number) => number): Freeze {
  return (config, state) => {
    const frozen = foldGenerator(config, state);
    const tensor = frozen.parameters[name]!;
    const data = Float32Array.from(tensor.data);
    data[0] = by(data[0]!);
    return { ...frozen, parameters: { ...frozen.parameters, [name]: { ...tensor, data } } };
  };
}

test('a run becomes a package whose files are as its model.json says', async () => {
  const run = await makeTinyRun(join(root, 'runs'), smallConfig);
  const { checkpoint, complaints } = await findCheckpoint(run, null);
  assert.equal(complaints, []);
  const messages: string[] = [];
  const result = await withEngine((engine) =>
    exportRun({ folder: run, checkpoint, engine, signal, onProgress: (message) => messages.push(message) }),
  );
  assert.is(result.folder, run.model);
  assert.equal(result.warnings, []);
  assert.ok(messages.length > 0);

  const model = parseModel(JSON.parse(await readFile(join(run.model, 'model.json'), 'utf8')), 'model.json');
  assert.equal(model, result.model);
  assert.is(model.name, 'tiny-dcgan');
  assert.equal([model.width, model.channels, model.latent.dim], [16, 3, 8]);
  assert.equal(model.training?.dataset, { name: 'tiny', images: 12, classes: ['a', 'b'] });
  assert.equal([model.training?.steps, model.training?.images, model.training?.seconds], [7, 28, 2]);
  assert.is(model.training?.engine, 'onnx-cpu on onnxruntime-node');
  const config = await readFile(run.config);
  assert.is(model.training?.configHash, createHash('sha256').update(config).digest('hex'));

  const names = Object.values(model.files).map(({ file }) => file);
  assert.equal((await readdir(run.model)).sort(), ['model.json', ...names].sort());
  for (const { file, bytes, sha256 } of Object.values(model.files)) {
    const content = await readFile(join(run.model, file));
    assert.is(content.length, bytes);
    assert.is(createHash('sha256').update(content).digest('hex'), sha256);
  }
  assert.equal((await readdir(run.path)).sort(), ['checkpoints', 'config.json', 'model']);
  const preview = await sharp(join(run.model, 'preview.png')).metadata();
  assert.equal([preview.width, preview.height], [64, 64]);
});

test('the gate compares both runtimes with the checkpoint, and records the differences', async () => {
  const out = join(root, 'figures');
  const { model } = await withEngine((engine) => exportModel(optionsFor(engine, out)));
  const { figures, seeds } = model.parity;
  assert.equal(seeds, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  assert.equal(
    figures.map(({ role, runtime, against }) =>
      `${role} ${runtime} | ${against}`.replaceAll(/ \d+\.\d+\.\d+/g, ''),
    ),
    [
      'generator onnxruntime-node cpu | checkpoint on onnx-cpu',
      'generator onnxruntime-web wasm | checkpoint on onnx-cpu',
      'generator onnxruntime-web wasm | onnxruntime-node cpu',
      'generatorFp16 onnxruntime-node cpu | generator on onnxruntime-node cpu',
      'generatorFp16 onnxruntime-web wasm | generator on onnxruntime-web wasm',
    ],
  );
  for (const { role, maxDifference, tolerance } of figures) {
    assert.is(tolerance, role === 'generator' ? 1e-4 : 2 / 255);
    assert.ok(maxDifference > 0, `${role}: compared with itself?`);
    assert.ok(maxDifference < tolerance);
  }
  // Half precision and float32 differ in the images.
  assert.ok(figures[3]!.maxDifference > 10 * figures[0]!.maxDifference);
});

test('the fp16 file is about half the size if it is mostly weights', async () => {
  const config = { ...smallConfig, baseWidth: 32 };
  const plan = planTraining(config);
  const { model, warnings } = await withEngine(async (engine) => {
    await engine.writeState(plan.initialState(new Random(1)));
    await plan.refreshStatistics(engine);
    const state = await engine.readState();
    return exportModel(optionsFor(engine, join(root, 'half'), { config, plan, state }));
  });
  assert.equal(warnings, []);
  const share = model.files.generatorFp16!.bytes / model.files.generator.bytes;
  assert.ok(share > 0.5 && share < 0.55, `${share}`);
});

test('a wrong fold is detected, and nothing is written', async () => {
  const out = join(root, 'sabotaged', 'model');
  await mkdir(dirname(out), { recursive: true });
  for (const [name, by] of [
    ['generator/image/bias', (value: number) => value + 1e-3],
    ['generator/project/kernel', (value: number) => value * 1.5 + 0.1],
    ['generator/image/kernel', () => NaN],
  ] as const) {
    const error = await failure(
      withEngine((engine) => exportModel(optionsFor(engine, out, { freeze: sabotaged(name, by) }))),
    );
    assert.instance(error, ExportError, error.stack);
    assert.instance(error, UserError);
    assert.match(
      error.message,
      /^no model was exported: generator\.onnx draws other pictures than it should/,
    );
    assert.match(error.message, /onnxruntime-web .* wasm against checkpoint on onnx-cpu/);
    assert.match(error.message, name.endsWith('image/kernel') ? 'NaN on' : 'expected less than 0.00010');
    assert.not.match(error.message, /\n/);
    assert.equal(await readdir(dirname(out)), []);
  }
});

test('a failed export leaves the package that was there', async () => {
  const out = join(root, 'kept');
  await withEngine((engine) => exportModel(optionsFor(engine, out)));
  const before = await readFile(join(out, 'model.json'), 'utf8');
  const freeze = sabotaged('generator/image/bias', (value) => value + 1);
  await failure(withEngine((engine) => exportModel(optionsFor(engine, out, { freeze }))));
  assert.is(await readFile(join(out, 'model.json'), 'utf8'), before);
  assert.equal(
    (await readdir(root)).filter((entry) => entry.startsWith('kept')),
    ['kept'],
  );

  const { model } = await withEngine((engine) =>
    exportModel(optionsFor(engine, out, { state: randomState(smallConfig, 6) })),
  );
  assert.is.not(model.files.generator.sha256, (JSON.parse(before) as Model).files.generator.sha256);
  assert.equal(
    (await readdir(root)).filter((entry) => entry.startsWith('kept')),
    ['kept'],
  );
});

test('with weights too large for half precision the fp16 file is omitted, with a warning', async () => {
  const out = join(root, 'overflow');
  // One factor 1e6 up and down again: nothing to float32, infinite in half precision.
  const freeze: Freeze = (config, state) => {
    const frozen = foldGenerator(config, state);
    const kernel = frozen.parameters['generator/block1/kernel']!;
    const data = Float32Array.from(kernel.data, (value) => value * 2 ** 20);
    return {
      ...frozen,
      parameters: { ...frozen.parameters, 'generator/block1/kernel': { ...kernel, data } },
      generate: (given, z) =>
        frozen.generate(
          { ...given, 'generator/block1/kernel': tf.div(given['generator/block1/kernel']!, 2 ** 20) },
          z,
        ),
    };
  };
  const { model, warnings } = await withEngine((engine) => exportModel(optionsFor(engine, out, { freeze })));
  assert.is(warnings.length, 1);
  assert.match(warnings[0]!, /^generator\.fp16\.onnx is left out of the model: .*NaN/);
  assert.not('generatorFp16' in model.files);
  assert.equal((await readdir(out)).sort(), ['generator.onnx', 'model.json', 'preview.png']);
  assert.ok(model.parity.figures.every(({ role }) => role === 'generator'));
});

test('a folder that holds anything else is left alone', async () => {
  const out = join(root, 'precious');
  await mkdir(out);
  await writeFile(join(out, 'thesis.txt'), 'years of work');
  const error = await failure(withEngine((engine) => exportModel(optionsFor(engine, out))));
  assert.instance(error, UserError);
  assert.match(error.message, 'holds other files than a model package');
  assert.equal(await readdir(out), ['thesis.txt']);

  const model = join(root, 'with-notes');
  await withEngine((engine) => exportModel(optionsFor(engine, model)));
  await writeFile(join(model, 'notes.txt'), 'mine');
  const refused = await failure(withEngine((engine) => exportModel(optionsFor(engine, model))));
  assert.match(refused.message, 'holds notes.txt, which is no part of the package');
});

test('a folder that cannot be written to is an error of one line', async () => {
  const file = join(root, 'a-file');
  await writeFile(file, '');
  for (const out of [file, join(file, 'model')]) {
    const error = await failure(withEngine((engine) => exportModel(optionsFor(engine, out))));
    assert.instance(error, UserError, error.stack);
    assert.match(error.message, /^cannot write the model package .*: a part of its path is a file/);
  }
});

test('aborting leaves nothing', async () => {
  const out = join(root, 'aborted', 'model');
  const abort = new AbortController();
  const error = await failure(
    withEngine((engine) =>
      exportModel(
        optionsFor(engine, out, {
          signal: abort.signal,
          onProgress: (message) => {
            if (message.startsWith('comparing generator.fp16')) abort.abort();
          },
        }),
      ),
    ),
  );
  assert.is(error.name, 'AbortError');
  assert.equal(await readdir(dirname(out)), []);
});

test('a checkpoint is found by its name, and a wrong name lists the others', async () => {
  const run = await makeTinyRun(join(root, 'several'), smallConfig, [10, 20]);
  for (const name of [
    'step-000010',
    '10',
    'step-000010.safetensors',
    'checkpoints/step-000010.safetensors',
  ]) {
    assert.is((await findCheckpoint(run, name)).checkpoint.metadata.step, 10);
  }
  assert.is((await findCheckpoint(run, null)).checkpoint.metadata.step, 20);
  for (const name of ['step-000011', 'latest', '']) {
    const error = await failure(findCheckpoint(run, name));
    assert.instance(error, UserError);
    assert.match(error.message, 'there are: step-000020, step-000010');
  }
});

test.run();
