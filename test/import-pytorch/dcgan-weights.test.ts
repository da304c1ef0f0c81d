// The networks of PyTorch's dcgan example in our names: D's logits are PyTorch's, and state dicts that do not fit are refused.
import { square } from '../../runtime-web/format/image-shape.ts';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../trainer/errors.ts';
import {
  readDiscriminator,
  readGenerator,
  type StateDict,
} from '../../trainer/import-pytorch/dcgan-weights.ts';
import { openWeights } from '../../trainer/import-pytorch/open-weights.ts';
import type { FileTensor } from '../../trainer/import-pytorch/weight-file.ts';
import { byBatch } from '../../trainer/networks/batch-norm.ts';
import { discriminate } from '../../trainer/networks/discriminator.ts';
import { failure } from '../shared/failure.ts';
import { fixture, largestDifference, pytorchLogits } from './fixture.ts';

const test = suite('state dicts of PyTorch’s dcgan example');
const sizes = { imageSize: 16, channels: 3, baseWidth: 4, latent: 6 } as const;

/** A state dict of zeros with the shapes of a generator of the given sizes, of which `change` may be others. */
function zeros(
  { latent = 6, width = 4, channels = 3, layers = 3, prefix = 'main.' } = {},
  change: Readonly<Record<string, readonly number[] | null>> = {},
): StateDict {
  const shapes: Record<string, readonly number[] | null> = {};
  for (let i = 0; i < layers; i++) {
    const from = i === 0 ? latent : width * 2 ** (layers - 1 - i);
    const to = i === layers - 1 ? channels : width * 2 ** (layers - 2 - i);
    shapes[`${3 * i}.weight`] = [from, to, 4, 4];
    if (i === layers - 1) continue;
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      shapes[`${3 * i + 1}.${part}`] = [to];
    shapes[`${3 * i + 1}.num_batches_tracked`] = [];
  }
  const tensors = new Map<string, FileTensor>();
  for (const [key, shape] of Object.entries({ ...shapes, ...change })) {
    if (shape === null) continue;
    const size = shape.reduce((product, side) => product * side, 1);
    tensors.set(/^[a-z]/.test(key) ? key : prefix + key, {
      shape,
      read: () => Promise.resolve(new Float32Array(size)),
    });
  }
  return { path: 'netG.pth', tensors };
}

test('the sizes are those that the tensors tell', async () => {
  for (const prefix of ['', 'main.', 'module.main.', '_orig_mod.main.']) {
    assert.equal((await readGenerator(zeros({ prefix }))).sizes, sizes);
  }
  const deeper = await readGenerator(zeros({ latent: 128, width: 2, channels: 1, layers: 6 }));
  assert.equal(deeper.sizes, { imageSize: 128, channels: 1, baseWidth: 2, latent: 128 });
});

test("D's logits are PyTorch's", async () => {
  const path = fixture('netD.pth');
  const file = await openWeights(path);
  const tensors = await readDiscriminator({ path, tensors: file.tensors }, sizes);
  await file.close();
  const { images, logits } = pytorchLogits();
  const options = {
    ...sizes,
    ...square(16),
    kernel: 4,
    head: 'convolutional',
    discriminatorNorm: 'batch',
  } as const;
  const parameters: Record<string, tf.Tensor> = {
    'discriminator/block1/bias': tf.zeros([4]),
    'discriminator/logit/bias': tf.zeros([1]),
  };
  for (const [name, { data, shape }] of Object.entries(tensors))
    parameters[name] = tf.tensor(data, [...shape]);
  const got = discriminate(options, parameters, tf.tensor(images, [2, 16, 16, 3]), byBatch);
  assert.ok(logits.some((logit) => Math.abs(logit) > 0.1));
  assert.ok(largestDifference(got.dataSync(), logits) < 1e-5);
});

for (const [what, dict, message] of [
  [
    'a missing statistic',
    zeros({}, { '1.running_mean': null }),
    /main\.1\.running_mean is missing, expected \[8\]/,
  ],
  [
    'a wrong shape',
    zeros({}, { '3.weight': [8, 5, 4, 4] }),
    /main\.3\.weight is \[8, 5, 4, 4\], expected \[8, 4, 4, 4\]/,
  ],
  ['kernels of 5', zeros({}, { '3.weight': [8, 4, 5, 5] }), /expected \[8, 4, 4, 4\]/],
  ['a bias', zeros({}, { '0.bias': [8] }), /has main\.0\.bias, which pytorch\/examples' dcgan has not/],
  ['five channels', zeros({ channels: 5 }), /images have 5 channels, expected 1 or 3/],
  ['two convolutions', zeros({ layers: 2 }), /has 2 convolutions, expected 3 to 7/],
  ['a thousand convolutions', zeros({ layers: 8, width: 1 }), /has 8 convolutions, expected 3 to 7/],
  ['other names', zeros({}, { 'mapping.weight': [4, 4] }), /tensor 'mapping\.weight', .*torch\.onnx\.export/],
  ['two modules', zeros({}, { 'other.0.weight': [4] }), /several modules \(main\., other\.\)/],
  ['nothing', { path: 'netG.pth', tensors: new Map() }, /has no tensors/],
] as const) {
  test(`a generator with ${what} is refused`, async () => {
    const error = await failure(readGenerator(dict));
    assert.instance(error, UserError);
    assert.match(error.message, message);
    assert.not.match(error.message, /\n/);
  });
}

test('a discriminator as the generator, a generator as the discriminator, and other sizes are refused', async () => {
  const netD = await openWeights(fixture('netD.pth'));
  const ofD = { path: 'netD.pth', tensors: netD.tensors };
  assert.match((await failure(readGenerator(ofD))).message, /a discriminator's weights.*--discriminator/);
  assert.match((await failure(readDiscriminator(zeros(), sizes))).message, /a generator's weights/);
  for (const change of [{ baseWidth: 8 }, { channels: 1 }, { imageSize: 32 }] as const) {
    const error = await failure(readDiscriminator(ofD, { ...sizes, ...change }));
    assert.match(error.message, /not a discriminator of the generator's sizes .* leave --discriminator out/);
  }
  await netD.close();
});

test.run();
