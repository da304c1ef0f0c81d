// `dcgan import FILE.onnx`: files of other programs become packages that give the images of the untouched files, run here by
// onnxruntime-node alone.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import type { Model } from '../../runtime-web/format/model.ts';
import { parseModel } from '../../runtime-web/format/parse-model.ts';
import { halfBits, halfValue } from '../../trainer/graph/lower/half.ts';
import { dcgan, jsonLines } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import {
  classesFile,
  dcganFile,
  float16,
  float32,
  float64,
  int64,
  kerasFile,
  latentDim,
  rawWeights,
  saved,
  side,
  styleDim,
  styleFiles,
  tensor,
  uint8,
  withExternalData,
} from './onnx-files.ts';

const test = suite('dcgan import FILE.onnx');
const seeds = [0, 1, 2, 42, 77];

/** Imports files; the package's folder and model. Fails with the command's complaint. */
async function imported(files: string | readonly string[], ...flags: readonly string[]) {
  const out = join(temporaryFolder(), 'model');
  const { code, stdout, stderr } = await dcgan('import', ...[files].flat(), '--out', out, '--json', ...flags);
  assert.is(code, 0, stderr);
  const last = jsonLines(stdout).at(-1)!;
  assert.is(last['model'], out);
  assert.equal(last['warnings'], []);
  return { out, model: parseModel(JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')), 'model.json') };
}

/** The outputs of a file for inputs of one image or many, by the plain runtime. */
async function run(path: string, feeds: Readonly<Record<string, ort.Tensor>>) {
  const session = await ort.InferenceSession.create(path, { intraOpNumThreads: 1 });
  return session.run(feeds);
}

const floats = (data: Float32Array, dims: readonly number[]): ort.Tensor =>
  new ort.Tensor('float32', data, dims);
const z = (seed: number, distribution: 'normal' | 'uniform' = 'normal'): Float32Array =>
  latentFromSeed(seed, latentDim, distribution);

/** The package's images of all seeds in one batch, NHWC. */
async function draw(out: string, model: Model, file = 'generator.onnx', labels?: readonly number[]) {
  const all = Float32Array.from(seeds.flatMap((seed) => Array.from(z(seed, model.latent.distribution))));
  const { images } = await run(join(out, file), {
    z: floats(all, [seeds.length, latentDim]),
    ...(labels && {
      labels: floats(Float32Array.from(labels), [seeds.length, labels.length / seeds.length]),
    }),
  });
  assert.equal(images!.dims, [seeds.length, model.height, model.width, model.channels]);
  return Array.from(images!.data as Float32Array);
}

/** The untouched file's images of all seeds, one after another; `feeds` makes its inputs. */
async function untouched(
  path: string,
  feeds: (seed: number) => Readonly<Record<string, ort.Tensor>>,
  output = 'image',
): Promise<number[][]> {
  const images: number[][] = [];
  for (const seed of seeds) {
    const { data, type } = (await run(path, feeds(seed)))[output]!;
    const values = Array.from(data as Float32Array, Number);
    images.push(type === 'float16' && data instanceof Uint16Array ? values.map(halfValue) : values);
  }
  return images;
}

const dcganFeeds = (seed: number) => ({ 'input.1': floats(z(seed), [1, latentDim, 1, 1]) });

/** One image, channel by channel → pixel by pixel. */
function toNhwc(image: readonly number[], channels = 3): number[] {
  const plane = image.length / channels;
  return image.map((_, i) => image[(i % channels) * plane + Math.floor(i / channels)]!);
}

function assertClose(found: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.is(found.length, expected.length);
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
  assert.ok(worst < tolerance, `differs by ${worst}`);
  const spread = Math.max(...expected) - Math.min(...expected);
  assert.ok(spread > 0.1, 'images of one colour prove nothing');
}

test('a generator as PyTorch exports it: NCHW, any batch', async () => {
  const bytes = dcganFile();
  const path = saved(bytes);
  const { out, model } = await imported(path);
  const expected = (await untouched(path, dcganFeeds)).flatMap((image) => toNhwc(image));
  assertClose(await draw(out, model), expected, 1e-5);
  assertClose(await draw(out, model, 'generator.fp16.onnx'), expected, 2 / 255);
  assert.is(model.training, null);
  assert.is(model.name, 'netG');
  assert.equal([model.width, model.channels, model.latent], [8, 3, { dim: 20, distribution: 'normal' }]);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  assert.equal(model.origin, {
    format: 'onnx',
    files: [{ file: 'netG.onnx', bytes: bytes.length, sha256 }],
    producer: 'pytorch 2.3.0',
    settings: {
      opset: 17,
      latent: 'input.1 [n, 20, 1, 1]',
      image: 'image [n, 3, 8, 8]',
      layout: 'nchw',
      range: '-1..1',
      distribution: 'normal',
    },
  });
  const against = model.parity.figures
    .filter(({ role }) => role === 'generator')
    .map((figure) => figure.against);
  assert.is(against.filter((text) => /^netG\.onnx on onnxruntime-node .* cpu$/.test(text)).length, 2);
  const [half, full] = ['generatorFp16', 'generator'].map((role) => model.files[role as 'generator'].bytes);
  assert.ok(half! < 0.75 * full!, `${half} of ${full} bytes`);
});

test('a generator with its weights in a file beside it, as PyTorch saves it', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'netG.onnx');
  const whole = dcganFile();
  const [first, second] = ['main.0.weight', 'main.3.weight'].map((name) => rawWeights(whole, name));
  const data = Buffer.concat([first!, new Uint8Array(16), second!]);
  const location = 'netG.onnx.data';
  const outside = withExternalData(whole, 'main.0.weight', {
    ...{ location, offset: '0', length: `${first!.length}` },
  });
  const bytes = withExternalData(outside, 'main.3.weight', { location, offset: `${first!.length + 16}` });
  writeFileSync(path, bytes);
  writeFileSync(join(folder, location), data);
  const { out, model } = await imported(path);
  // The plain runtime reads the other file by itself.
  const expected = (await untouched(path, dcganFeeds)).flatMap((image) => toNhwc(image));
  assertClose(await draw(out, model), expected, 1e-5);
  const facts = (file: string, content: Uint8Array) => ({
    ...{ file, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') },
  });
  assert.equal(model.origin!.files, [facts('netG.onnx', bytes), facts(location, data)]);
});

test('half and double precision: the package computes in float32', async () => {
  for (const [type, name, Values] of [
    [float16, 'float16', (seed: number) => Uint16Array.from(z(seed), halfBits)],
    [float64, 'float64', (seed: number) => Float64Array.from(z(seed))],
  ] as const) {
    const path = saved(dcganFile({ type, opset: 14 }));
    const feeds = (seed: number) => ({
      'input.1': new ort.Tensor(name, Values(seed) as never, [1, latentDim, 1, 1]),
    });
    // Without a double-precision convolution in the runtime, such a file cannot be run at all.
    if (type === float64) {
      const { code, stderr } = await dcgan('import', path, '--out', join(temporaryFolder(), 'model'));
      assert.is(code, 2);
      assert.match(stderr, /onnxruntime-node cannot open it: .*ConvTranspose/);
      continue;
    }
    const { out, model } = await imported(path);
    const expected = (await untouched(path, feeds)).flatMap((image) => toNhwc(image));
    assertClose(await draw(out, model), expected, 2 / 255);
  }
});

test('opset 11: Resize and Softmax in their old forms', async () => {
  const path = saved(
    dcganFile({
      opset: 11,
      last: [
        ['Resize', ['x', 'none', 'scales'], ['large'], { mode: { s: 'linear' } }],
        ['Unsqueeze', ['large'], ['five'], { axes: { ints: [1] } }],
        ['Softmax', ['five'], ['soft'], { axis: { i: 3 } }],
        ['Squeeze', ['soft'], ['four'], { axes: { ints: [1] } }],
        ['Mul', ['four', 'many'], ['bright']],
        ['Add', ['bright', 'black'], ['image']],
      ],
      weights: {
        ...{ scales: tensor([4], [1, 1, 2, 2]), none: tensor([0], []) },
        ...{ many: tensor([], [64]), black: tensor([], [-1]) },
      },
      output: [float32, ['batch', 3, 16, 16]],
    }),
  );
  const { out, model } = await imported(path, '--range', '-1..1');
  assert.is(model.width, 16);
  const expected = (await untouched(path, dcganFeeds)).flatMap((image) => toNhwc(image));
  assertClose(
    await draw(out, model),
    expected.map((value) => Math.min(1, value)),
    1e-4,
  );
});

test('opset 9: Upsample, Clip and Pad in their old forms; a batch of 1 that shapes repeat', async () => {
  const path = saved(
    dcganFile({
      opset: 9,
      batch: 1,
      last: [
        ['Upsample', ['x', 'scales'], ['large'], { mode: { s: 'nearest' } }],
        ['Pad', ['large'], ['padded'], { pads: { ints: [0, 0, 1, 1, 0, 0, 1, 1] }, value: { f: 0.5 } }],
        ['Clip', ['padded'], ['clipped'], { min: { f: -0.75 }, max: { f: 0.75 } }],
        ['Reshape', ['clipped', 'flat'], ['row']],
        ['Dropout', ['row'], ['kept'], { ratio: { f: 0.5 } }],
        ['Reshape', ['kept', 'square'], ['image']],
      ],
      weights: {
        scales: tensor([4], [1, 1, 2, 2]),
        flat: tensor([2], [1, 972], int64),
        square: tensor([4], [1, 3, 18, 18], int64),
      },
      output: [float32, [1, 3, 18, 18]],
    }),
  );
  const { out, model } = await imported(path);
  assert.is(model.width, 18);
  const expected = (await untouched(path, dcganFeeds)).flatMap((image) => toNhwc(image));
  assertClose(await draw(out, model), expected, 1e-5);
});

test("Keras' layout in [0, 1]", async () => {
  const path = saved(kerasFile(), 'keras model.onnx');
  const { out, model } = await imported(path, '--distribution', 'uniform', '--name', 'digits');
  assert.equal([model.name, model.width, model.channels], ['digits', side, 1]);
  assert.equal(model.latent, { dim: latentDim, distribution: 'uniform' });
  const feeds = (seed: number) => ({ input_1: floats(z(seed, 'uniform'), [1, latentDim]) });
  const images = await untouched(path, feeds, 'conv2d_transpose');
  const expected = images.flat().map((value) => 2 * value - 1);
  assertClose(await draw(out, model), expected, 1e-5);
});

test('bytes in [0, 255], NHWC', async () => {
  const path = saved(
    dcganFile({
      last: [
        ['Transpose', ['x'], ['nhwc'], { perm: { ints: [0, 2, 3, 1] } }],
        ['Mul', ['nhwc', 'half'], ['scaled']],
        ['Add', ['scaled', 'half'], ['light']],
        ['Cast', ['light'], ['image'], { to: { i: uint8 } }],
      ],
      weights: { half: tensor([], [127.5]) },
      output: [uint8, ['n', side, side, 3]],
    }),
  );
  const { out, model } = await imported(path);
  assert.is(model.origin?.settings['range'], '0..255');
  const expected = (await untouched(path, dcganFeeds)).flat().map((value) => value / 127.5 - 1);
  assertClose(await draw(out, model), expected, 1e-4);
});

test('a network without a last tanh: values outside of [-1, 1] are cut off', async () => {
  const path = saved(
    dcganFile({ last: [['Mul', ['x', 'more'], ['image']]], weights: { more: tensor([], [1.4]) } }),
  );
  const { out, model } = await imported(path);
  const expected = (await untouched(path, dcganFeeds)).flatMap((image) => toNhwc(image));
  assert.ok(expected.some((value) => Math.abs(value) > 1));
  const cut = expected.map((value) => Math.max(-1, Math.min(1, value)));
  assertClose(await draw(out, model), cut, 1e-5);
});

for (const kind of ['oneHot', 'index'] as const) {
  test(`classes, ${kind}; inputs and outputs that are called like ours`, async () => {
    const path = saved(classesFile(kind));
    const { out, model } = await imported(path, '--classes', 'shirt,shoe,bag,hat');
    assert.equal(model.conditioning, { kind: 'classes', names: ['shirt', 'shoe', 'bag', 'hat'] });
    const classOf = (i: number): number => (3 * i + 1) % 4;
    const oneHot = (i: number): number[] => [0, 1, 2, 3].map((c) => Number(c === classOf(i)));
    const images = await untouched(
      path,
      (seed) => ({
        noise: floats(z(seed), [1, latentDim]),
        labels:
          kind === 'oneHot'
            ? floats(Float32Array.from(oneHot(seeds.indexOf(seed))), [1, 4])
            : new ort.Tensor('int64', [BigInt(classOf(seeds.indexOf(seed)))], [1]),
      }),
      'images',
    );
    const labels = seeds.flatMap((_, i) => oneHot(i));
    assertClose(await draw(out, model, 'generator.onnx', labels), images.flat(), 1e-5);
    const sheet = join(out, '..', 'grid.png');
    const { code, stdout, stderr } = await dcgan(
      'sample',
      out,
      '--label',
      'bag',
      '--seeds',
      '0-3',
      '--out',
      sheet,
    );
    assert.is(code, 0, stderr);
    assert.match(stdout, /4 images of netG \(imported from netG\.onnx\)/);
  });
}

test('a mapping and a synthesis network, with a further input that --set fixes', async () => {
  const [mapping, synthesis] = styleFiles();
  const files = [saved(mapping, 'mapping.onnx'), saved(synthesis, 'synthesis.onnx')] as const;
  const { code, stderr } = await dcgan('import', ...files, '--out', join(temporaryFolder(), 'model'));
  assert.is(code, 2);
  assert.match(stderr, /the synthesis network takes ws \[n, 4, 10\], psi \[\], expected one/);
  const { out, model } = await imported(files, '--set', 'psi=0.5');
  assert.equal([model.styles?.dim, model.styles?.layers], [styleDim, [4, 4, 8, 8]]);
  const expected: number[] = [];
  const rows: number[] = [];
  for (const seed of seeds) {
    const { ws } = await run(files[0], { z: floats(z(seed), [1, latentDim]) });
    rows.push(...(ws!.data as Float32Array).subarray(0, styleDim));
    const { img } = await run(files[1], { ws: ws!, psi: floats(Float32Array.of(0.5), []) });
    expected.push(...toNhwc(Array.from(img!.data as Float32Array)));
  }
  assertClose(
    await draw(out, model),
    expected.map((value) => Math.max(-1, Math.min(1, value))),
    1e-5,
  );
  const all = Float32Array.from(seeds.flatMap((seed) => Array.from(z(seed))));
  const { w } = await run(join(out, 'mapping.onnx'), { z: floats(all, [seeds.length, latentDim]) });
  assert.equal(w!.dims, [seeds.length, styleDim]);
  assertClose(Array.from(w!.data as Float32Array), rows, 1e-2);
  assert.ok(model.files.synthesis !== undefined);
  // The mean of many styles is closer to their true mean than one style is.
  const mean = model.styles!.mean;
  const spread = (style: readonly number[]): number =>
    Math.hypot(...style.map((value, i) => value - mean[i]!));
  assert.ok(mean.length === styleDim && spread(rows.slice(0, styleDim)) > 0.1);
});

test('a package is replaced by one of the same files, and its directions stay', async () => {
  const path = saved(dcganFile());
  const { out, model } = await imported(path);
  const found = await dcgan('directions', out, '--method', 'sefa', '--count', '3', '--json');
  assert.is(found.code, 0, found.stderr);
  const again = await dcgan('import', path, '--out', out);
  assert.is(again.code, 0, again.stderr);
  assert.match(again.stdout, /read as {3}opset 17, latent input\.1 \[n, 20, 1, 1\]/);
  const json = JSON.parse(readFileSync(join(out, 'model.json'), 'utf8')) as Model;
  assert.equal(
    json.directions.map(({ name }) => name),
    ['principal 1', 'principal 2', 'principal 3'],
  );
  assert.equal(json.files, model.files);
});

test.run();
