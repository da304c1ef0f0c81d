// The restoring file: standard ONNX, a symbolic batch, the same arithmetic on every runtime, and a gate that detects differences.
import { square } from '../../../runtime-web/format/image-shape.ts';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseModel } from '../../../runtime-web/format/parse-model.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { ExportError } from '../../../trainer/model-package/export-error.ts';
import { foldGenerator } from '../../../trainer/frozen/fold.ts';
import { encodeRestoring, gateRestoring } from '../../../trainer/export/parts/restoring.ts';
import { halfBits, halfRounded } from '../../../trainer/graph/lower/half.ts';
import { restoringInputs, restoringParameters } from '../../../trainer/restoring/named-step.ts';
import type { RestoringNetworks } from '../../../trainer/restoring/restoring-step.ts';
import type { HostTensor } from '../../../trainer/graph/trace/graph.ts';
import { assertClose } from '../../shared/closeness.ts';
import { dcgan, dcganInTurn, jsonLines, smallPictures, smallRun } from '../../shared/command-line.ts';
import { decodeModel } from '../../graph/lower/decode-model.ts';
import { runModel } from '../../graph/lower/run-graph.ts';
import { smallDiscriminator } from '../../restoring/fixture.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { smallConfig } from '../../shared/small-config.ts';
import { randomState } from '../random-state.ts';

const test = suite('restoring file');
const state = randomState(smallConfig);
const { latent: latentDim, imageSize } = smallConfig;
const shape = { latentDim, ...square(imageSize), channels: 3 } as const;
const networks = {
  generator: foldGenerator(smallConfig, state),
  discriminator: smallDiscriminator(smallConfig, state),
  distribution: 'normal',
} as const;
const bytes = encodeRestoring(networks, { name: 'tiny', ...shape });
const { signal } = new AbortController();

/** Inputs for so many pictures, drawn from a seed; the first of more are those of fewer. */
function inputsFor(count: number): Record<string, HostTensor> {
  const random = new Random(4);
  return Object.fromEntries(
    Object.entries(restoringInputs(count, shape)).map(([name, spec]) => {
      const size = spec.shape.reduce((product, dim) => product * dim, 1);
      const own = new Random(random.uint32());
      const scale = name === 'second' ? 1e-3 : 0.5;
      const data = Float32Array.from({ length: size }, () => scale * own.uniform());
      if (name === 'update') data[0] = 3;
      return [name, { ...spec, dtype: 'float32', data }];
    }),
  );
}

test('its operators are ONNX’s own, its inputs and outputs as promised', () => {
  const { graph, opset_import: sets } = decodeModel(bytes);
  assert.equal(
    sets.map(({ domain }) => domain),
    [''],
  );
  assert.ok(graph.node.every(({ domain }) => (domain ?? '') === ''));
  assert.equal(
    graph.input.map(({ name }) => name),
    [
      'z',
      'first',
      'second',
      'update',
      'rate',
      'image',
      'weights',
      'colour',
      'luminance',
      'realism',
      'typical',
    ],
  );
  assert.equal(
    graph.output.map(({ name }) => name),
    ['nextZ', 'nextFirst', 'nextSecond', 'loss', 'images'],
  );
});

test('weights are half precision, the batch is a symbol, and a picture’s update is its own', async () => {
  const weights = Object.values(restoringParameters(networks)).reduce(
    (sum, { data }) => sum + data.length,
    0,
  );
  assert.ok(bytes.length < 2 * weights + 60_000, `${bytes.length} bytes for ${weights} weights`);
  const [one, five] = [await runModel(bytes, inputsFor(1)), await runModel(bytes, inputsFor(5))];
  for (const [name, { data, shape: dims }] of Object.entries(five)) {
    assert.is(dims[0], 5);
    assert.equal(one[name]!.shape, [1, ...dims.slice(1)]);
    assertClose(data.slice(0, data.length / 5), one[name]!.data, 1e-5, name);
  }
});

test('halfRounded() rounds to half precision', () => {
  // NumPy 2.4: np.float16([...]).astype(np.float32)
  const values = Float32Array.of(0.1, -1 / 3, 65504, 1e-7, 6e-8, 0, 70000, -2.5);
  const expected = [
    0.0999755859375,
    -0.333251953125,
    65504,
    1.1920928955078125e-7,
    5.960464477539063e-8,
    0,
    Infinity,
    -2.5,
  ];
  assert.equal(Array.from(halfRounded(values)), expected);
  for (const value of halfRounded(values)) assert.is(halfRounded(Float32Array.of(value))[0], value);
  assert.is(halfBits(0.1), 0x2e66);
});

async function gate(file: Uint8Array, given: RestoringNetworks = networks) {
  const path = join(temporaryFolder(), 'restoring.onnx');
  await writeFile(path, file);
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  const random = new Random(8);
  const float = (dims: readonly number[], next: () => number): HostTensor => ({
    shape: dims,
    dtype: 'float32',
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, next),
  });
  try {
    return await gateRestoring({
      file: path,
      engine,
      networks: given,
      z: float([3, latentDim], () => random.normal()),
      images: float([3, imageSize, imageSize, 3], () => 2 * random.uniform() - 1),
      signal,
    });
  } finally {
    await engine.dispose();
  }
}

test('the gate passes a file that moves latents as the engine does, in Node and in WebAssembly', async () => {
  const uniform = { ...networks, distribution: 'uniform' } as const;
  const figures = [
    ...(await gate(bytes)),
    ...(await gate(encodeRestoring(uniform, { name: 'tiny', ...shape }), uniform)),
  ];
  assert.is(figures.length, 6);
  for (const { role, maxDifference, tolerance, runtime, against } of figures) {
    assert.is(role, 'restoring');
    assert.ok(
      maxDifference < tolerance && maxDifference > 0,
      `${runtime} against ${against}: ${maxDifference}`,
    );
  }
  assert.match(figures[1]!.runtime, /^onnxruntime-web .* wasm$/);
  assert.match(figures[1]!.against, 'step on onnx-cpu, 5 updates');
});

test('a file with another discriminator, or one that does not run, is refused', async () => {
  const bias = state['discriminator/logit/kernel']!;
  const other = { ...state, 'discriminator/logit/kernel': { ...bias, data: bias.data.map((v) => v * 1.3) } };
  const discriminator = smallDiscriminator(smallConfig, other as typeof state);
  for (const [file, message] of [
    [
      encodeRestoring({ ...networks, discriminator }, { name: 'tiny', ...shape }),
      /restoring\.onnx moves latents elsewhere than it should, by up to .* on onnxruntime-node .* against step on onnx-cpu/,
    ],
    [new TextEncoder().encode('no model'), /onnxruntime-node cannot run restoring\.onnx/],
  ] as const) {
    await gate(file).then(
      () => assert.unreachable(),
      (error: Error) => {
        assert.instance(error, ExportError);
        assert.match(error.message, message);
      },
    );
  }
});

test('export --restoring adds it to the package; data of another kind, and --data alone, are refused', async () => {
  const trained = await dcgan(...smallRun(await smallPictures(), temporaryFolder(), 4));
  const run = String(jsonLines(trained.stdout).at(-1)!['runDir']);
  const out = join(temporaryFolder(), 'model');
  const { code, stderr } = await dcgan('export', run, '--restoring', '--out', out, '--json');
  assert.is(code, 0, stderr);
  const model = parseModel(JSON.parse(await readFile(join(out, 'model.json'), 'utf8')), 'model.json');
  assert.is(model.files.restoring!.file, 'restoring.onnx');
  assert.is((await readFile(join(out, 'restoring.onnx'))).length, model.files.restoring!.bytes);
  assert.is(model.parity.figures.filter(({ role }) => role === 'restoring').length, 3);
  for (const [args, message] of [
    [['--restoring', '--data', '/nowhere'], /\/nowhere: no such file or folder/],
    [['--data', 'avatars'], /images are for --discriminator, --restoring and --steering alone/],
  ] as const) {
    const refused = await dcganInTurn('export', run, ...args, '--out', join(temporaryFolder(), 'model'));
    assert.is(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, message);
    assert.is(refused.stderr.trim().split('\n').length, 1);
  }
});

test.run();
