// The discriminator's file and the masked generator's, by the real command, against the networks as they were trained.
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Model } from '../../../runtime-web/format/model.ts';
import { parseModel } from '../../../runtime-web/format/parse-model.ts';
import { latentFromSeed } from '../../../runtime-web/format/random.ts';
import { openRunData } from '../../../trainer/run/run-data.ts';
import { readImages } from '../../../trainer/data/read-images.ts';
import { openTrainedRun } from '../../../trainer/run/trained-run.ts';
import { discriminatorStatistics } from '../../../trainer/frozen/discriminator-statistics.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { ExportError } from '../../../trainer/model-package/export-error.ts';
import { writeDiscriminator } from '../../../trainer/export/parts/discriminator.ts';
import { writeMasked } from '../../../trainer/export/parts/masked.ts';
import { foldGenerator } from '../../../trainer/frozen/fold.ts';
import { gateNetwork } from '../../../trainer/export/gates/network-gate.ts';
import { normaliseWith } from '../../../trainer/networks/batch-norm.ts';
import { discriminate } from '../../../trainer/networks/discriminator.ts';
import type { HostTensor } from '../../../trainer/graph/trace/graph.ts';
import { relativeError } from '../../shared/closeness.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures } from '../../shared/command-line.ts';
import { runModel } from '../../graph/lower/run-graph.ts';
import { packageBytes } from '../../shared/package-bytes.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { shaped, smallConfig } from '../../shared/small-config.ts';
import { randomState } from '../random-state.ts';
import { makeTinyRun } from '../tiny-run.ts';

const test = suite('export --discriminator --masks');
const { signal } = new AbortController();
const root = temporaryFolder();
const pictures = await smallPictures();
const config = { ...smallConfig, data: pictures, baseWidth: 8 };
const run = await makeTinyRun(root, config);
const out = join(root, 'inside');
const exported = await dcgan('export', run.path, '--discriminator', '--masks', '--out', out, '--json');
const count = 5;
const z: HostTensor = {
  shape: [count, 8],
  dtype: 'float32',
  data: Float32Array.from(
    Array.from({ length: count }, (_, seed) => [...latentFromSeed(seed, 8, 'uniform')]).flat(),
  ),
};
const masksOf = (change: (layer: string, filter: number, image: number) => number) =>
  Object.fromEntries(
    [
      ['generator/project', 16],
      ['generator/block1', 8],
    ].map(([layer, filters]) => [
      `mask/${layer}`,
      {
        shape: [count, Number(filters)],
        dtype: 'float32' as const,
        data: Float32Array.from({ length: count * Number(filters) }, (_, i) =>
          change(String(layer), i % Number(filters), Math.floor(i / Number(filters))),
        ),
      },
    ]),
  );

const model = (): Model =>
  parseModel(JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')), 'model.json');

test('the package names both files, and each has been compared with the checkpoint on both runtimes', () => {
  assert.is(exported.code, 0, exported.stderr);
  const { files, parity, formatVersion } = model();
  assert.is(formatVersion, '1.7');
  assert.is(files.discriminator!.file, 'discriminator.onnx');
  assert.is(files.masked!.file, 'masked.onnx');
  for (const role of ['discriminator', 'masked']) {
    const figures = parity.figures.filter((figure) => figure.role === role);
    assert.equal(
      figures.map(({ runtime, against }) => `${runtime} | ${against}`.replaceAll(/ \d+\.\d+\.\d+/g, '')),
      ['onnxruntime-node cpu | checkpoint on onnx-cpu', 'onnxruntime-web wasm | checkpoint on onnx-cpu'],
    );
    for (const { maxDifference, tolerance } of figures) {
      assert.ok(maxDifference > 0 && maxDifference < tolerance, `${role}: ${maxDifference}`);
    }
  }
  assert.equal(
    readdirSync(out).filter((file) => !['model.json', 'preview.png'].includes(file)),
    ['discriminator.onnx', 'generator.fp16.onnx', 'generator.onnx', 'masked.onnx'],
  );
  // The checkpoint of the tiny run names other data.
  const last = jsonLines(exported.stdout).at(-1)!;
  assert.is(last['event'], 'done');
});

test('the discriminator’s file gives D’s outputs with fixed statistics, for any number of images', async () => {
  const opened = await openTrainedRun(run.path);
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  const { dataset } = await openRunData(opened, { data: null, signal });
  const statistics = await discriminatorStatistics(engine, opened, dataset);
  const bytes = readFileSync(join(out, 'discriminator.onnx'));
  const { scale, offset } = model().calibration ?? { scale: 1, offset: 0 };
  for (const indices of [[0], [3, 9, 27]]) {
    const images = {
      shape: [indices.length, 16, 16, 3],
      dtype: 'float32',
      data: await readImages(dataset, indices),
    } as const;
    const unfolded = await engine.compile(
      (state, { images: x, ...given }) => ({
        outputs: {
          logits: discriminate(shaped(opened.config), state, x!, (layer, y, scale, offset) =>
            normaliseWith(y, given[`${layer}/mean`]!, given[`${layer}/variance`]!, scale, offset),
          ),
        },
      }),
      { images, ...statistics },
    );
    const expected = await unfolded.run({ images, ...statistics });
    const found = await runModel(bytes, { images });
    assert.equal(Object.fromEntries(Object.entries(found).map(([name, { shape }]) => [name, shape])), {
      'discriminator/block1': [indices.length, 8, 8, 8],
      'discriminator/block2': [indices.length, 4, 4, 16],
      logits: [indices.length],
    });
    const raw = Float32Array.from(found['logits']!.data, (logit) => (logit - offset) / scale);
    assert.ok(relativeError(raw, expected['logits']!.data) < 0.01);
    await unfolded.dispose();
  }
  await engine.dispose();
  await dataset.close();
});

test('masks of ones change nothing, a zero switches one filter of one image off', async () => {
  const masked = await packageBytes(out, 'masked');
  const plain = await runModel(readFileSync(join(out, 'generator.fp16.onnx')), { z });
  const whole = await runModel(masked, { z, ...masksOf(() => 1) });
  assert.ok(relativeError(whole['images']!.data, plain['images']!.data) < 1e-5);

  const isOff = (layer: string, filter: number, image: number): boolean =>
    layer === 'generator/block1' && filter === 3 && image === 2;
  const cut = await runModel(masked, { z, ...masksOf((...at) => Number(!isOff(...at))) });
  const block = cut['generator/block1']!;
  assert.equal(block.shape, [count, 8, 8, 8]);
  const before = whole['generator/block1']!.data;
  block.data.forEach((value, i) => {
    const off = i % 8 === 3 && Math.floor(i / 512) === 2;
    assert.is(value, off ? 0 : before[i], `activation ${i}`);
  });
  const length = 16 * 16 * 3;
  for (let image = 0; image < count; image++) {
    const [now, then] = [cut, whole].map((outputs) =>
      outputs['images']!.data.slice(image * length, (image + 1) * length),
    );
    const error = relativeError(now!, then!);
    assert.ok(image === 2 ? error > 1e-3 : error < 1e-6, `image ${image}: ${error}`);
  }
});

test('a folded file that computes something else is refused, before its weights are halved', async () => {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  const state = randomState(smallConfig);
  await engine.writeState(state);
  const write = async (role: string, bytes: Uint8Array): Promise<string> => {
    const path = join(root, `sabotaged-${role}.onnx`);
    await writeFile(path, bytes);
    return path;
  };
  const options = { config: smallConfig, engine, state, name: 'tiny', metadata: {}, signal, write };
  const vector = (values: Float32Array): HostTensor => ({
    shape: [values.length],
    dtype: 'float32',
    data: values,
  });
  const statistics = {
    'discriminator/block2/mean': vector(new Float32Array(8).fill(0.1)),
    'discriminator/block2/variance': vector(new Float32Array(8).fill(0.5)),
  };
  const waves = new Float32Array(2 * 768).map((_, i) => Math.sin(i));
  const of = (data: Float32Array) => ({
    images: { shape: [2, 16, 16, 3], dtype: 'float32', data } as const,
  });
  const compared = of(waves);
  const calibration = null;
  const figures = await writeDiscriminator(options, { statistics, compared, calibration });
  assert.ok(figures.every(({ maxDifference }) => maxDifference > 1e-6 && maxDifference < 1e-2));

  // The state that is folded is not the one that the engine holds, by a thousandth of one bias.
  const bias = state['discriminator/block1/bias']!;
  const other = { ...bias, data: Float32Array.from(bias.data, (value, i) => value + Number(i === 0) / 500) };
  for (const attempt of [
    () =>
      writeDiscriminator(
        { ...options, state: { ...state, 'discriminator/block1/bias': other } },
        { statistics, compared, calibration },
      ),
    () => {
      const broken = of(waves.map((_, i) => (i ? 0 : NaN)));
      return writeDiscriminator(options, { statistics, compared: broken, calibration });
    },
    () => {
      const frozen = foldGenerator(smallConfig, state);
      const layers: typeof frozen.layers = (given, latent, alter) =>
        frozen.layers(given, latent, (layer, x) => (layer === 'generator/block1' ? x : alter!(layer, x)));
      const latents = { inputs: { z }, latentDim: 8, conditioning: null };
      return writeMasked({ ...options, generator: { ...frozen, layers }, latents });
    },
  ]) {
    try {
      await attempt();
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ExportError, (error as Error).stack);
      assert.match((error as Error).message, /computes something else than it should|has no output/);
    }
  }
  await engine.dispose();
});

test('the gate names files that do not run and outputs that are missing', async () => {
  const file = join(out, 'masked.onnx');
  const images = { shape: [count, 1], dtype: 'float32', data: new Float32Array(count) } as const;
  const request = { role: 'masked', file, against: 'x', isRelative: false, tolerance: 1, signal } as const;
  for (const [inputs, reference, message] of [
    [{ z }, { images }, /onnxruntime-node cannot run masked\.onnx/],
    [{ z, ...masksOf(() => 1) }, { poster: images }, /masked\.onnx has no output 'poster'/],
    [{ z, ...masksOf(() => 1) }, { images }, /'images' differs by NaN/],
  ] as const) {
    try {
      await gateNetwork({ ...request, inputs, reference });
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, message);
    }
  }
});

test('missing data, and --data without a use, are refused with one line and nothing written', async () => {
  const lost = await makeTinyRun(join(root, 'lost'), { ...config, data: '/nowhere/pictures' });
  const elsewhere = join(root, 'elsewhere');
  for (const [args, message] of [
    [['export', lost.path, '--discriminator', '--out', elsewhere], /images are not at hand .*give --data/],
    [
      ['export', lost.path, '--data', pictures, '--out', elsewhere],
      /images are for --discriminator, --restoring and --steering alone/,
    ],
    [
      ['export', run.path, '--discriminator', '--data', '/nowhere', '--out', elsewhere],
      /^error: .*\/nowhere/,
    ],
  ] as const) {
    const { code, stderr } = await dcganInTurn(...args);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
  }
  assert.not(readdirSync(root).includes('elsewhere'));
  const found = await dcgan('export', lost.path, '--discriminator', '--data', pictures, '--out', elsewhere);
  assert.is(found.code, 0, found.stderr);
  assert.ok(readdirSync(elsewhere).includes('discriminator.onnx'));
});

test.run();
