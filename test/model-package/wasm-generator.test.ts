// Generating in WebAssembly: runtimes that run native code instead are detected.
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import type { NamedHostTensors } from '../../trainer/engine/engine.ts';
import { ExportError } from '../../trainer/model-package/export-error.ts';
import { foldGenerator } from '../../trainer/frozen/fold.ts';
import { openNativeGenerator } from '../../trainer/model-package/native-generator.ts';
import { encodeGenerator } from '../../trainer/export/onnx-generator.ts';
import { maxDifference } from '../../trainer/export/gates/parity-gate.ts';
import { drawOnWasm } from '../../trainer/model-package/wasm-generator.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { smallConfig } from '../shared/small-config.ts';
import { randomState } from '../export/random-state.ts';
import { failure } from '../shared/failure.ts';

const test = suite('generator files');
const folder = temporaryFolder();
const file = join(folder, 'generator.onnx');
const { latent: latentDim } = smallConfig;
const { signal } = new AbortController();
const { resolve } = createRequire(import.meta.url);

function encode(isHalf: boolean): Uint8Array {
  const frozen = foldGenerator(smallConfig, randomState(smallConfig));
  return encodeGenerator(frozen, { name: 'tiny', latentDim, isHalf });
}

function latents(count: number): Float32Array {
  return new Random(count).fillLatent(new Float32Array(count * latentDim), 'uniform');
}

/** Writes a module that pretends to be onnxruntime-web; returns its URL. */
async function impostor(name: string, source: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, source);
  return pathToFileURL(path).href;
}

const asInputs = (data: Float32Array): NamedHostTensors => ({
  z: { shape: [data.length / latentDim, latentDim], dtype: 'float32', data },
});

test.before(async () => {
  await writeFile(file, encode(false));
});

test('the batch is a symbol: one file draws any number, on both runtimes, and each image is the same', async () => {
  const native = await openNativeGenerator(encode(false), { latentDim, threads: 2 });
  try {
    const batches = [latents(1), latents(3), latents(8)];
    const wasm = await drawOnWasm({ file, runs: batches.map(asInputs), signal });
    assert.match(wasm.runtime, /^onnxruntime-web \d+\.\d+\.\d+ wasm$/);
    for (const [i, z] of batches.entries()) {
      const images = await native.draw(z);
      const count = z.length / latentDim;
      assert.equal(images.shape, [count, 16, 16, 3]);
      assert.equal(wasm.images[i]!.shape, [count, 16, 16, 3]);
      const apart = maxDifference(images, wasm.images[i]!);
      assert.ok(apart < 1e-5, `wasm differs by ${apart}`);
      const size = images.data.length / count;
      for (let k = 0; k < count; k++) {
        const alone = await native.draw(z.slice(k * latentDim, (k + 1) * latentDim));
        const together = { ...alone, data: images.data.slice(k * size, (k + 1) * size) };
        const difference = maxDifference(alone, together);
        assert.ok(difference < 1e-6, `image ${k} of ${count} differs by ${difference}`);
      }
    }
  } finally {
    await native.dispose();
  }
});

test('weights have their own names in the file, and inputs and outputs those of the format', () => {
  for (const isHalf of [false, true]) {
    const text = Buffer.from(encode(isHalf)).toString('latin1');
    for (const name of ['generator/project/kernel', 'generator/block1/bias', 'generator/image/kernel']) {
      assert.ok(text.includes(name), name);
    }
    assert.not(text.includes('statistics/'));
  }
});

test('half-precision weights are half the bytes and nearly the same picture', async () => {
  const [full, half] = [encode(false), encode(true)];
  const weights = Object.values(foldGenerator(smallConfig, randomState(smallConfig)).parameters).reduce(
    (sum, { data }) => sum + data.length,
    0,
  );
  const saved = full.length - half.length;
  // Two bytes a weight are saved, less a cast for each of the six tensors.
  assert.ok(saved < weights * 2 && saved > weights * 2 - 6 * 200, `${saved} of ${weights * 2}`);
  const images = await Promise.all(
    [full, half].map(async (model) => {
      const generator = await openNativeGenerator(model, { latentDim, threads: 1 });
      const drawn = await generator.draw(latents(2));
      await generator.dispose();
      return drawn;
    }),
  );
  const difference = maxDifference(images[0]!, images[1]!);
  assert.ok(difference > 0 && difference < 2 / 255, `${difference}`);
});

test('onnxruntime-web on the native library is detected', async () => {
  // Both packages in one process share one table of backends, and the default one is then the native library.
  const runtime = await impostor(
    'native.mjs',
    `import { createRequire } from 'node:module';
     const require = createRequire(${JSON.stringify(import.meta.url)});
     require(${JSON.stringify(resolve('onnxruntime-node'))});
     const ort = require(${JSON.stringify(resolve('onnxruntime-web'))});
     export const { Tensor, env } = ort;
     export const InferenceSession = { create: (model) => ort.InferenceSession.create(model) };`,
  );
  const error = await failure(drawOnWasm({ file, runs: [asInputs(latents(2))], signal, runtime }));
  assert.instance(error, ExportError);
  assert.match(error.message, /did not compute on wasm \(.*\.node\); its outputs prove nothing/);
});

test('images that were not generated in WebAssembly are detected', async () => {
  const runtime = await impostor(
    'empty.mjs',
    `export class Tensor {}
     export const env = { wasm: {}, versions: { web: '1.0.0' } };
     const images = { dims: [1, 16, 16, 3], data: new Float32Array(768) };
     export const InferenceSession = { create: async () => ({ run: async () => ({ images }) }) };`,
  );
  const error = await failure(drawOnWasm({ file, runs: [asInputs(latents(1))], signal, runtime }));
  assert.match(error.message, 'no wasm module was started');
});

test('a file that is no model, and a process that dies, are errors with the reason', async () => {
  const bad = join(folder, 'bad.onnx');
  await writeFile(bad, 'not a model');
  const broken = await failure(drawOnWasm({ file: bad, runs: [asInputs(latents(1))], signal }));
  assert.instance(broken, ExportError);
  assert.match(broken.message, /^onnxruntime-web cannot run bad\.onnx: .*protobuf/);

  const runtime = await impostor('dying.mjs', 'process.exit(7);');
  const dead = await failure(drawOnWasm({ file, runs: [asInputs(latents(1))], signal, runtime }));
  assert.match(dead.message, 'its process ended with exit code 7');
});

test('aborting ends the process and throws the reason', async () => {
  const runtime = await impostor(
    'sleeping.mjs',
    'await new Promise((resolve) => setTimeout(resolve, 60_000));',
  );
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error('enough')), 300);
  const started = Date.now();
  const error = await failure(
    drawOnWasm({ file, runs: [asInputs(latents(1))], signal: abort.signal, runtime }),
  );
  assert.is(error.message, 'enough');
  assert.ok(Date.now() - started < 20_000);
});

test.run();
