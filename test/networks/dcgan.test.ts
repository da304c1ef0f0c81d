// The networks against the paper's figure 1 and section 3, and against each other's options.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../runtime-web/format/random.ts';
import {
  discriminate,
  discriminatorParameters,
  summariseDiscriminator,
} from '../../trainer/networks/discriminator.ts';
import { generate, generatorParameters, summariseGenerator } from '../../trainer/networks/generator.ts';
import { initialise, type ParameterSpecs } from '../../trainer/networks/network.ts';
import { upsample } from '../../trainer/networks/upsample.ts';
import { presets } from '../../trainer/config/presets.ts';
import { byBatch } from '../../trainer/networks/batch-norm.ts';
import { shaped, smallConfig } from '../shared/small-config.ts';

const test = suite('networks');
test.before(async () => {
  await tf.setBackend('cpu');
});

const paper = shaped({ ...smallConfig, ...presets['paper-64']!.values });
const count = (specs: ParameterSpecs): number =>
  Object.values(specs).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

function tensors(specs: ParameterSpecs): Record<string, tf.Tensor> {
  const host = initialise(specs, new Random(7));
  return Object.fromEntries(
    Object.entries(host).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );
}

test("paper-64's generator has the layers of figure 1", () => {
  assert.equal(
    summariseGenerator(paper).map((layer) => layer.outputShape.join('x')),
    ['4x4x1024', '8x8x512', '16x16x256', '32x32x128', '64x64x3'],
  );
  const weights = 100 * 4 * 4 * 1024 + 25 * (1024 * 512 + 512 * 256 + 256 * 128 + 128 * 3);
  const affine = 2 * (1024 + 512 + 256 + 128);
  assert.is(count(generatorParameters(paper)), weights + affine + 3);
  assert.equal(generatorParameters(paper)['generator/block1/kernel']!.shape, [5, 5, 512, 1024]);
});

test("paper-64's discriminator mirrors it", () => {
  assert.equal(
    summariseDiscriminator(paper).map((layer) => layer.outputShape.join('x')),
    ['32x32x128', '16x16x256', '8x8x512', '4x4x1024', '1'],
  );
  const weights = 25 * (3 * 128 + 128 * 256 + 256 * 512 + 512 * 1024) + 4 * 4 * 1024;
  const affine = 2 * (256 + 512 + 1024);
  assert.is(count(discriminatorParameters(paper)), weights + affine + 128 + 1);
});

test("the 64x64 network of width 64 and kernel 4 has PyTorch's example's weights", () => {
  const options = shaped({ ...smallConfig, imageSize: 64, baseWidth: 64, latent: 100 });
  // netG and netD of pytorch/examples dcgan print 3,576,704 and 2,765,568 parameters; they have no biases.
  assert.is(count(generatorParameters(options)), 3_576_704 + 3);
  assert.is(count(discriminatorParameters(options)), 2_765_568 + 64 + 1);
});

test('layer summaries add up to all parameters', () => {
  const sum = (layers: { parameters: number }[]): number =>
    layers.reduce((total, l) => total + l.parameters, 0);
  assert.is(sum(summariseGenerator(paper)), count(generatorParameters(paper)));
  assert.is(sum(summariseDiscriminator(paper)), count(discriminatorParameters(paper)));
});

for (const imageSize of [16, 32]) {
  for (const kernel of [4, 5] as const) {
    for (const upsampling of ['transposed', 'nearest'] as const) {
      for (const head of ['convolutional', 'dense'] as const) {
        test(`${imageSize} px, kernel ${kernel}, ${upsampling}, ${head}: shapes and ranges`, () => {
          const options = shaped({ ...smallConfig, imageSize, kernel, upsampling, head, baseWidth: 2 });
          tf.tidy(() => {
            const z = tf.tensor2d(new Random(1).fillLatent(new Float32Array(2 * 8), 'normal'), [2, 8]);
            const images = generate(options, tensors(generatorParameters(options)), z, byBatch);
            assert.equal(images.shape, [2, imageSize, imageSize, 3]);
            const pixels = images.dataSync();
            assert.ok(pixels.every((value) => value >= -1 && value <= 1));
            assert.ok(Math.max(...pixels) - Math.min(...pixels) > 1e-6, 'the picture is not flat');
            const logits = discriminate(options, tensors(discriminatorParameters(options)), images, byBatch);
            assert.equal(logits.shape, [2]);
          });
        });
      }
    }
  }
}

test('initial weights have mean 0 and deviation 0.02, scales mean 1, biases are zero', () => {
  const host = initialise(generatorParameters(shaped({ ...smallConfig, baseWidth: 64 })), new Random(3));
  const moments = (values: ArrayLike<number>): [number, number] => {
    const list = Array.from(values);
    const mean = list.reduce((a, b) => a + b, 0) / list.length;
    return [mean, Math.sqrt(list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length)];
  };
  const [mean, deviation] = moments(host['generator/block1/kernel']!.data);
  assert.ok(Math.abs(mean) < 2e-4, `mean ${mean}`);
  assert.ok(Math.abs(deviation - 0.02) < 2e-4, `deviation ${deviation}`);
  assert.ok(Math.abs(moments(host['generator/project/scale']!.data)[0] - 1) < 0.01);
  assert.ok(host['generator/image/bias']!.data.every((value) => value === 0));
});

test('upsample() repeats each pixel twice in both directions', () => {
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  assert.equal(Array.from(upsample(x).dataSync()), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
});

test('a zero mask switches a block of D off', () => {
  const options = shaped({ ...smallConfig, head: 'dense' as const });
  tf.tidy(() => {
    const parameters = tensors(discriminatorParameters(options));
    const images = tf.tensor(
      new Random(5).fillLatent(new Float32Array(2 * 16 * 16 * 3), 'normal'),
      [2, 16, 16, 3],
    );
    const last = 'discriminator/block2';
    const off = discriminate(options, parameters, images, byBatch, {
      masks: { [last]: tf.zeros([2, 1, 1, 8]) },
    });
    assert.equal(Array.from(off.dataSync()), [0, 0], 'only the bias, zero, is left');
  });
});

test.run();
