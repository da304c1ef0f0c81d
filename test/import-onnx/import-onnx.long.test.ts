// `dcgan import FILE.onnx`: files of other programs become packages that give the images of the untouched file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import type { Model } from '../../runtime-web/format/model.ts';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import { halfBits } from '../../trainer/graph/lower/half.ts';
import { dcgan, jsonLines } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { dcganFile, float16, latentDim, saved, side } from './onnx-files.ts';

const test = suite('dcgan import FILE.onnx');
const seeds = [0, 1, 2, 42, 77];

/** Imports files; the package's folder and model. Throws with the command's complaint. */
async function imported(files: string | readonly string[], ...flags: readonly string[]) {
  const out = join(temporaryFolder(), 'model');
  const { code, stdout, stderr } = await dcgan('import', ...[files].flat(), '--out', out, '--json', ...flags);
  assert.is(code, 0, stderr);
  const last = jsonLines(stdout).at(-1)!;
  assert.is(last['model'], out);
  const model = parseModel(JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')), 'model.json');
  return { out, model, warnings: last['warnings'] as readonly string[] };
}

/** Runs a file of the package for seeds in one batch, with the plain runtime. */
async function draw(out: string, model: Model, file = 'generator.onnx', labels?: readonly number[]) {
  const session = await ort.InferenceSession.create(join(out, file));
  const { dim, distribution } = model.latent;
  const z = new Float32Array(seeds.length * dim);
  seeds.forEach((seed, i) => z.set(latentFromSeed(seed, dim, distribution), i * dim));
  const feeds: Record<string, ort.Tensor> = { z: new ort.Tensor('float32', z, [seeds.length, dim]) };
  if (labels !== undefined) {
    feeds['labels'] = new ort.Tensor('float32', Float32Array.from(labels), [
      seeds.length,
      labels.length / seeds.length,
    ]);
  }
  const { images } = await session.run(feeds);
  assert.equal(images!.dims, [seeds.length, model.imageSize, model.imageSize, model.channels]);
  return Array.from(images!.data as Float32Array);
}

/** The image of one seed from the untouched file, as [channel, y, x] or as the file has it. */
async function untouched(
  path: string,
  seed: number,
  type: 'float32' | 'float16' = 'float32',
): Promise<number[]> {
  const session = await ort.InferenceSession.create(path);
  const z = latentFromSeed(seed, latentDim, 'normal');
  const data = type === 'float16' ? Uint16Array.from(z, halfBits) : z;
  const input = new ort.Tensor(type, data, [1, latentDim, 1, 1]);
  const { image } = await session.run({ 'input.1': input });
  return Array.from(image!.data as Float32Array);
}

/** NCHW of one image → NHWC. */
const toNhwc = (image: readonly number[], channels = 3): number[] =>
  image.map((_, i) => image[(i % channels) * side * side + Math.floor(i / channels)]!);

function assertClose(found: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.is(found.length, expected.length);
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
  assert.ok(worst < tolerance, `differs by ${worst}`);
}

test('a generator as PyTorch exports it: NCHW, any batch', async () => {
  const path = saved(dcganFile());
  const { out, model, warnings } = await imported(path);
  assert.equal(warnings, []);
  const expected: number[] = [];
  for (const seed of seeds) expected.push(...toNhwc(await untouched(path, seed)));
  assertClose(await draw(out, model), expected, 1e-5);
  assertClose(await draw(out, model, 'generator.fp16.onnx'), expected, 2 / 255);
  assert.is(model.training, null);
  assert.is(model.name, 'netG');
  assert.equal([model.imageSize, model.channels, model.latent], [8, 3, { dim: 20, distribution: 'normal' }]);
  assert.is(model.origin?.producer, 'pytorch 2.3.0');
});

test.run();
