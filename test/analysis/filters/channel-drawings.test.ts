// Drawings of single filters: one unit alone draws its kernel, a filter without effect draws nothing, and a mask equals zeroed
// weights.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../runtime-web/format/random.ts';
import { drawChannels, largest } from '../../../trainer/analysis/filters/channel-drawings.ts';
import { openGeneratorProbe } from '../../../trainer/analysis/filters/generator-probe.ts';
import { insideOf } from '../../../trainer/training/architectures/table.ts';
import { drawingKernels, seeingKernels } from '../../../trainer/analysis/filters/kernel-pictures.ts';
import type { TrainConfig } from '../../../trainer/config/fields.ts';
import { selectEngine } from '../../../trainer/engine/select-engine.ts';
import { foldGenerator } from '../../../trainer/frozen/fold.ts';
import type { HostTensor } from '../../../trainer/graph/trace/graph.ts';
import { randomState } from '../../export/random-state.ts';
import { assertClose, relativeError } from '../../shared/closeness.ts';
import { smallConfig } from '../../shared/small-config.ts';

const test = suite('what filters of a generator draw');
const { signal } = new AbortController();
const random = new Random(3);
const z = random.fillLatent(new Float32Array(6 * 8), 'uniform');

async function opened(config: TrainConfig, layerName: string, change: Record<string, HostTensor> = {}) {
  const generator = foldGenerator(config, randomState(config));
  const parameters = { ...generator.parameters, ...change };
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: 1 });
  await engine.writeState(parameters);
  const layer = insideOf(config)
    .layers(config)
    .generator.find(({ name }) => name === layerName)!;
  const probe = await openGeneratorProbe(engine, generator, config, layer);
  return { probe, parameters, engine };
}

test('hidden layers are all but the image, smallest first', () => {
  assert.equal(insideOf(smallConfig).layers({ ...smallConfig, imageSize: 32 }).generator, [
    { name: 'generator/project', size: [4, 4], filters: 16 },
    { name: 'generator/block1', size: [8, 8], filters: 8 },
    { name: 'generator/block2', size: [16, 16], filters: 4 },
  ]);
});

for (const upsampling of ['transposed', 'nearest'] as const) {
  test(`one unit of the last hidden layer draws its kernel: ${upsampling}`, async () => {
    const config: TrainConfig = { ...smallConfig, upsampling };
    const bias = { shape: [3], dtype: 'float32', data: new Float32Array(3) } as const;
    const { probe, parameters, engine } = await opened(config, 'generator/block1', {
      'generator/image/bias': bias,
    });
    // So weak that tanh is a line.
    const given = new Float32Array(8 * 8 * 4);
    given[(4 * 8 + 4) * 4 + 2] = 1e-3;
    const drawn = await probe.drawFrom(given);
    const kernel = drawingKernels(config, parameters['generator/image/kernel']!)[2]!;
    // Behind the upsampling a unit is two by two pixels.
    const [reach, first] = upsampling === 'transposed' ? [1, 7] : [2, 6];
    const expected = new Float32Array(16 * 16 * 3);
    for (let y = 0; y < 4 * 4 * 3; y++) {
      const [row, column, c] = [Math.floor(y / 12), Math.floor(y / 3) % 4, y % 3];
      for (let i = 0; i < reach * reach; i++) {
        const [down, right] = [first + row + Math.floor(i / reach), first + column + (i % reach)];
        expected[(down * 16 + right) * 3 + c]! += kernel.data[y]!;
      }
    }
    const scale = Math.max(...drawn.map(Math.abs)) / Math.max(...expected.map(Math.abs));
    assertClose(
      drawn,
      expected.map((value) => value * scale),
      1e-3,
      'picture',
    );
    await probe.dispose();
    await engine.dispose();
  });
}

test('a mask does what a kernel without the filter does, and the layer’s own activations stay', async () => {
  const { probe, parameters, engine } = await opened(smallConfig, 'generator/block1');
  const mask = Float32Array.of(1, 0, 1, 1);
  const plain = await probe.draw(z, { withActivations: true });
  const masked = await probe.draw(z, { mask, withActivations: true });
  assert.equal(plain.images.length, 6 * 768);
  assert.is(relativeError(masked.activations, plain.activations), 0);
  // The last kernel [4, 4, channels, filters] with its second filter zero.
  const kernel = parameters['generator/image/kernel']!;
  const data = Float32Array.from(kernel.data, (value, i) => (i % 4 === 1 ? 0 : value));
  await engine.writeState({ 'generator/image/kernel': { ...kernel, data } });
  assertClose((await probe.draw(z)).images, masked.images, 1e-5, 'pictures');
  assert.ok(relativeError(masked.images, plain.images) > 1e-3);
  assert.equal(probe.layer.filters, 4);
  await probe.dispose();
  await engine.dispose();
});

test('filters are ranked by what they change; one that draws nothing changes nothing', async () => {
  const kernel = foldGenerator(smallConfig, randomState(smallConfig)).parameters['generator/image/kernel']!;
  const idle = Float32Array.from(kernel.data, (value, i) => (i % 4 === 3 ? 0 : value));
  const { probe, engine } = await opened(smallConfig, 'generator/block1', {
    'generator/image/kernel': { ...kernel, data: idle },
  });
  const seen: number[] = [];
  const { effects, drawings } = await drawChannels(probe, smallConfig, {
    z,
    filters: 3,
    examples: 2,
    signal,
    onProgress: (done) => seen.push(done),
  });
  assert.equal(seen, [1, 2, 3, 4]);
  assert.is(effects[3], 0);
  assert.equal(
    drawings.map(({ filter }) => filter),
    largest(effects, 3),
  );
  const [first] = drawings;
  assert.is(first!.effect, Math.max(...effects));
  assert.equal([first!.alone.height, first!.alone.width], [4, 4]);
  for (const { latent, before, after, difference } of first!.examples) {
    const own = (await probe.draw(z.slice(latent * 8, (latent + 1) * 8))).images;
    assertClose(before.data, own, 1e-6, 'before');
    const change = after.data.map((value, i) => value - before.data[i]!);
    const most = Math.max(...change.map(Math.abs));
    assertClose(
      difference.data,
      change.map((value) => value / most),
      1e-5,
      'difference',
    );
  }
  // The examples are those that change most.
  const changeOf = (example: (typeof drawings)[0]['examples'][0]): number =>
    example.after.data.reduce((sum, value, i) => sum + Math.abs(value - example.before.data[i]!), 0);
  assert.ok(changeOf(first!.examples[0]!) >= changeOf(first!.examples[1]!));
  await probe.dispose();
  await engine.dispose();
});

test('a generator that draws NaN is refused with what to do', async () => {
  const bias = { shape: [3], dtype: 'float32', data: Float32Array.of(NaN, 0, 0) } as const;
  const { probe, engine } = await opened(smallConfig, 'generator/block1', { 'generator/image/bias': bias });
  try {
    await probe.draw(z);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /the generator's output has NaN.*earlier --checkpoint/);
  }
  await probe.dispose();
  await engine.dispose();
});

test('kernels become pictures, one a filter, each by its own largest weight', () => {
  const data = Float32Array.from({ length: 2 * 2 * 3 * 2 }, (_, i) => i - 10);
  const kernel = { shape: [2, 2, 3, 2], dtype: 'float32', data } as const;
  const [, second] = seeingKernels(kernel);
  assert.equal([second!.height, second!.width, second!.channels], [2, 2, 3]);
  const own = [-9, -7, -5, -3, -1, 1, 3, 5, 7, 9, 11, 13];
  assertClose(
    second!.data,
    own.map((value) => value / 13),
    1e-6,
    'kernel',
  );
  assert.equal(drawingKernels({ upsampling: 'transposed' }, kernel)[1]!.data, second!.data);
  assert.throws(
    () => seeingKernels({ shape: [1, 1, 2, 1], dtype: 'float32', data: new Float32Array(2) }),
    /kernel: got 2 channels, expected 1, 3 or 4/,
  );
});

test.run();
