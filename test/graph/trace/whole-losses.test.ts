// Losses of a whole DCGAN of 16 x 16 pixels, written here in plain tfjs ops, with their gradients at every
// parameter: PyTorch's in float64. R1 and the critic's penalty are derivatives of derivatives through all of D.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { batchNorm } from '../../../trainer/networks/batch-norm.ts';
import { registerGradients } from '../../../trainer/graph/trace/gradients/register.ts';
import { stopGradient } from '../../../trainer/graph/trace/stop-gradient.ts';
import { valueAndGradients } from '../../../trainer/graph/trace/value-and-gradients.ts';
import { assertClose } from '../../shared/closeness.ts';
import { fixture } from './derivative-fixture.ts';
import { normalised, slopePenalty } from './derivative-ops.ts';

await tf.setBackend('cpu');
registerGradients();

const tensors = Object.fromEntries(
  Object.entries(fixture.dcgan.tensors).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
);
const at = (name: string): tf.Tensor => tensors[name]!;
const kernel = (name: string): tf.Tensor4D => at(name) as tf.Tensor4D;

function generator(): tf.Tensor {
  let x = tf.reshape(tf.matMul(at('z'), at('g/project')), [-1, 4, 4, 8]);
  x = tf.relu(batchNorm(x, at('g/scale0'), at('g/offset0')));
  x = tf.conv2dTranspose(x as tf.Tensor4D, kernel('g/up1'), [4, 8, 8, 4], 2, 'same');
  x = tf.relu(batchNorm(x, at('g/scale1'), at('g/offset1')));
  x = tf.conv2dTranspose(x as tf.Tensor4D, kernel('g/up2'), [4, 16, 16, 3], 2, 'same');
  return tf.tanh(tf.add(x, at('g/bias2')));
}

type Norm = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) => tf.Tensor;
const byBatch: Norm = (x, scale, offset) => batchNorm(x, scale, offset);
const byImage: Norm = (x, scale, offset) => normalised(x, [1, 2, 3], scale, offset);

function discriminator(images: tf.Tensor, norm: Norm): tf.Tensor {
  let x = tf.add(tf.conv2d(images as tf.Tensor4D, kernel('d/down1'), 2, 'same'), at('d/bias1')) as tf.Tensor;
  x = tf.conv2d(tf.leakyRelu(x, 0.2) as tf.Tensor4D, kernel('d/down2'), 2, 'same');
  x = tf.leakyRelu(norm(x, at('d/scale2'), at('d/offset2')), 0.2);
  return tf.add(tf.matMul(tf.reshape(x, [-1, 128]), at('d/logit')), at('d/bias3'));
}

/** The gradient of D's logits at the images. */
function slope(images: tf.Tensor, norm: Norm): tf.Tensor {
  return valueAndGradients(() => tf.sum(discriminator(images, norm)), [images]).gradients[0]!;
}

const real = at('real');
const softMean = (logits: tf.Tensor): tf.Tensor => tf.mean(tf.softplus(logits));

const losses: Readonly<Record<string, () => tf.Tensor>> = {
  discriminator: () => {
    const fake = stopGradient(generator());
    return tf.add(softMean(tf.neg(discriminator(real, byBatch))), softMean(discriminator(fake, byBatch)));
  },
  generator: () => softMean(tf.neg(discriminator(generator(), byBatch))),
  r1: () => tf.mul(tf.mean(tf.sum(tf.square(slope(real, byBatch)), [1, 2, 3])), 5),
  critic: () => {
    const fake = stopGradient(generator());
    const mixed = tf.add(real, tf.mul(at('mix'), tf.sub(fake, real)));
    const difference = tf.sub(tf.mean(discriminator(fake, byImage)), tf.mean(discriminator(real, byImage)));
    return tf.add(difference, tf.mul(slopePenalty(slope(mixed, byImage)), 10));
  },
};

const whole = suite('losses of a whole DCGAN');

whole('the generated images are PyTorch’s', () => {
  tf.tidy(() => assertClose(generator().dataSync(), fixture.dcgan.images, 1e-5, 'images'));
});

for (const [name, { value, gradients }] of Object.entries(fixture.dcgan.losses)) {
  whole(`${name}: the loss and its gradients at all parameters are PyTorch’s`, () => {
    tf.tidy(() => {
      const names = Object.keys(gradients);
      const found = valueAndGradients(losses[name]!, names.map(at));
      assertClose(found.value.dataSync(), [value], 1e-5, 'loss');
      const tolerance = name === 'r1' || name === 'critic' ? 1e-4 : 1e-5;
      names.forEach((key, i) => assertClose(found.gradients[i]!.dataSync(), gradients[key]!, tolerance, key));
    });
  });
}

whole('D’s loss does not reach G’s parameters through stopGradient', () => {
  tf.tidy(() => {
    const [g] = valueAndGradients(losses['discriminator']!, [at('g/up1')]).gradients;
    assert.is(Math.max(...tf.abs(g!).dataSync()), 0);
    assert.throws(() => tf.grads(() => losses['discriminator']!())([at('g/up1')]), /gradient/);
  });
});

whole.run();
