// Building blocks of GAN variants and of the analyses, with gradients if training needs them: recorded, lowered, against the
// replay.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import { record } from '../trace/checked-record.ts';
import { stopGradient } from '../../../trainer/graph/trace/stop-gradient.ts';
import { valueAndGradients } from '../../../trainer/graph/trace/value-and-gradients.ts';
import type { HostTensor } from '../../../trainer/graph/trace/graph.ts';
import { assertLowersRight } from './compare.ts';
import { Draw } from './kernel-cases/kernel-case.ts';

await tf.setBackend('cpu');

type T = tf.Tensor;
type Given = Readonly<Record<string, T>>;
const draw = new Draw(21);
const images = draw.floats([4, 8, 8, 6], -1, 1);
const kernel = draw.floats([4, 4, 6, 3], -0.3, 0.3);
const score = (x: T, w: T): T =>
  tf.sum(tf.leakyRelu(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'same')), [1, 2, 3]); // [b]

const idioms = suite('idioms');

/** The function and its gradient in every input that is a float. */
function trained(name: string, inputs: Record<string, HostTensor>, fn: (given: Given) => T): void {
  idioms(`${name}, with its gradients, is lowered right`, async () => {
    const graph = record((given) => {
      const floats = Object.keys(inputs).filter((key) => inputs[key]!.dtype === 'float32');
      const { value, gradients } = valueAndGradients(
        () => tf.mean(tf.square(tf.tanh(fn(given)))),
        floats.map((key) => given[key]!),
      );
      const named = floats.map((key, i) => [`gradient of ${key}`, gradients[i]!] as const);
      return { y: fn(given), value, ...Object.fromEntries(named) };
    }, inputs);
    await assertLowersRight(graph, inputs, name);
  });
}

/** The function alone. */
function computed(name: string, inputs: Record<string, HostTensor>, fn: (given: Given) => T | Given): void {
  idioms(`${name} is lowered right`, async () => {
    const graph = record((given) => {
      const result = fn(given);
      return result instanceof tf.Tensor ? { y: result } : result;
    }, inputs);
    await assertLowersRight(graph, inputs, name);
  });
}

trained(
  'the two-sided gradient penalty (Gulrajani 2017, section 4)',
  { x: images, w: kernel },
  ({ x, w }) => {
    const { gradients } = valueAndGradients(() => tf.sum(score(x!, w!)), [x!]);
    const norm = tf.sqrt(tf.add(tf.sum(tf.square(gradients[0]!), [1, 2, 3]), 1e-12));
    return tf.square(tf.sub(norm, 1));
  },
);

trained('R1 (Mescheder 2018, section 4)', { x: images, w: kernel }, ({ x, w }) => {
  const { gradients } = valueAndGradients(() => tf.sum(score(x!, w!)), [x!]);
  return tf.sum(tf.square(gradients[0]!), [1, 2, 3]);
});

trained('an unrolled step (Metz 2017, section 2.2)', { x: images, w: kernel }, ({ x, w }) => {
  const { gradients } = valueAndGradients(() => tf.mean(tf.softplus(score(x!, w!))), [w!]);
  return score(x!, tf.sub(w!, tf.mul(gradients[0]!, 0.1)));
});

trained('layer norm', { x: images, scale: draw.floats([6]) }, ({ x, scale }) => {
  const { mean, variance } = tf.moments(x!, [1, 2, 3], true);
  return tf.mul(tf.div(tf.sub(x!, mean), tf.sqrt(tf.add(variance, 1e-5))), scale!);
});

trained(
  'adaptive instance norm (Karras 2018, section 2)',
  { x: images, style: draw.floats([4, 12]) },
  ({ x, style }) => {
    const { mean, variance } = tf.moments(x!, [1, 2], true);
    const [scale, shift] = tf.split(tf.reshape(style!, [4, 1, 1, 12]), 2, 3);
    return tf.add(
      tf.mul(tf.mul(tf.sub(x!, mean), tf.rsqrt(tf.add(variance, 1e-8))), tf.add(scale!, 1)),
      shift!,
    );
  },
);

trained('pixel norm and minibatch deviation (Karras 2017, sections 3 and 4.2)', { x: images }, ({ x }) => {
  const normed = tf.mul(x!, tf.rsqrt(tf.add(tf.mean(tf.square(x!), 3, true), 1e-8)));
  const { variance } = tf.moments(normed, 0, true);
  const deviation = tf.mean(tf.sqrt(tf.add(variance, 1e-8)));
  return tf.concat([normed, tf.tile(tf.reshape(deviation, [1, 1, 1, 1]), [4, 8, 8, 1])], 3);
});

trained('blur and enlargement (Karras 2018, appendix B)', { x: images }, ({ x }) => {
  const taps = tf.tensor2d(
    [1, 2, 1, 2, 4, 2, 1, 2, 1].map((tap) => tap / 16),
    [3, 3],
  );
  const filter = tf.tile(tf.reshape(taps, [3, 3, 1, 1]), [1, 1, 6, 1]) as tf.Tensor4D;
  const larger = tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [16, 16]);
  return tf.depthwiseConv2d(larger, filter, 1, 'same');
});

trained(
  'growing, with fade-in (Karras 2017, section 2)',
  { x: images, alpha: draw.floats([], 0, 1) },
  (given) => {
    const x = given['x'] as tf.Tensor4D;
    const smooth = tf.image.resizeBilinear(x, [16, 16], false, true);
    const plain = tf.image.resizeNearestNeighbor(x, [16, 16]);
    const mixed = tf.add(tf.mul(smooth, given['alpha']!), tf.mul(plain, tf.sub(1, given['alpha']!)));
    return tf.avgPool(mixed as tf.Tensor4D, 2, 2, 'valid');
  },
);

trained(
  'spectral norm by one power iteration (Miyato 2018, appendix A)',
  { w: kernel, u: draw.floats([1, 3]) },
  ({ w, u }) => {
    const flat = tf.reshape(w!, [-1, 3]); // [h·w·in, out]
    const unit = (x: T): T => tf.div(x, tf.add(tf.norm(x), 1e-12));
    const v = stopGradient(unit(tf.matMul(u!, flat, false, true)));
    const right = stopGradient(unit(tf.matMul(v, flat)));
    return tf.div(w!, tf.sum(tf.mul(tf.matMul(v, flat), right)));
  },
);

trained(
  'softmax cross-entropy against labels (InfoGAN: Chen 2016, section 5)',
  { logits: draw.floats([5, 4], -4, 4), labels: draw.ints([5], 0, 3) },
  ({ logits, labels }) => {
    const target = tf.cast(tf.oneHot(labels as tf.Tensor1D, 4), 'float32');
    return tf.sub(tf.logSumExp(logits!, 1), tf.sum(tf.mul(target, logits!), 1));
  },
);

trained(
  'an embedded class in a projection (Miyato 2018)',
  { x: draw.floats([5, 6]), table: draw.floats([4, 6]), labels: draw.ints([5], 0, 3) },
  ({ x, table, labels }) => tf.sum(tf.mul(x!, tf.gather(table!, labels as tf.Tensor1D)), 1),
);

trained('a class as maps beside the image', { x: images, label: draw.floats([4, 3]) }, ({ x, label }) =>
  tf.concat([x!, tf.tile(tf.reshape(label!, [4, 1, 1, 3]), [1, 8, 8, 1])], 3),
);

trained(
  'differentiable augmentation (Zhao 2020): brightness, saturation, contrast, translation, cutout',
  {
    x: draw.floats([3, 8, 8, 3]),
    amounts: draw.floats([3, 1, 1, 1]),
    shifts: draw.ints([3, 8], 0, 9),
    corners: draw.floats([3, 1, 1, 1], 0, 5),
  },
  ({ x, amounts, shifts, corners }) => {
    const bright = tf.add(x!, amounts!);
    const grey = tf.mean(bright, 3, true);
    const saturated = tf.add(tf.mul(tf.sub(bright, grey), tf.mul(amounts!, 2)), grey);
    const mean = tf.mean(saturated, [1, 2, 3], true);
    const contrasted = tf.add(tf.mul(tf.sub(saturated, mean), tf.add(amounts!, 0.5)), mean);
    // Each image's rows are moved by a product with its own one-hot matrix.
    const padded = tf.pad(contrasted, [
      [0, 0],
      [1, 1],
      [0, 0],
      [0, 0],
    ]);
    const rows = tf.oneHot(shifts as tf.Tensor1D, 10); // [3, 8, 10]
    const moved = tf.matMul(tf.cast(rows, 'float32'), tf.reshape(padded, [3, 10, 24]));
    const place = tf.reshape(tf.range(0, 8), [1, 8, 1, 1]);
    const isOutside = tf.logicalOr(tf.less(place, corners!), tf.greaterEqual(place, tf.add(corners!, 3)));
    return tf.mul(tf.reshape(moved, [3, 8, 8, 3]), tf.cast(isOutside, 'float32'));
  },
);

trained('a mirrored and reflected edge', { x: images }, ({ x }) =>
  tf.concat(
    [
      tf.mirrorPad(
        x!,
        [
          [0, 0],
          [2, 2],
          [1, 3],
          [0, 0],
        ],
        'reflect',
      ),
      tf.reverse(
        tf.pad(x!, [
          [0, 0],
          [2, 2],
          [1, 3],
          [0, 0],
        ]),
        2,
      ),
    ],
    3,
  ),
);

computed(
  'the nearest of some centres (k-means: Coates and Ng 2011)',
  { x: draw.floats([20, 7]), centres: draw.floats([5, 7]) },
  ({ x, centres }) => {
    const lengths = (t: T): T => tf.sum(tf.square(t), 1);
    const distances = tf.add(
      tf.sub(tf.expandDims(lengths(x!), 1), tf.mul(tf.matMul(x!, centres!, false, true), 2)),
      lengths(centres!),
    ); // [20, 5]
    const nearest = tf.argMin(distances, 1);
    const chosen = tf.cast(tf.oneHot(nearest as tf.Tensor1D, 5), 'float32');
    const counts = tf.maximum(tf.sum(chosen, 0), 1);
    return { nearest, moved: tf.div(tf.matMul(chosen, x!, true), tf.expandDims(counts, 1)) };
  },
);

computed(
  'features: all layers max-pooled to 4x4 (Radford 2016, section 5.1)',
  { x: images, w: kernel },
  ({ x, w }) => {
    const y = tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
    const pooled = [x as tf.Tensor4D, y].map((t) => tf.reshape(tf.maxPool(t, 2, 2, 'valid'), [4, -1]));
    return tf.concat(pooled, 1);
  },
);

computed('guided backpropagation (Springenberg 2014, section 3.4)', { x: images, w: kernel }, ({ x, w }) => {
  const guidedRelu = tf.customGrad((t, save) => {
    (save as tf.GradSaveFunc)([t as T]);
    const gradFunc = (dy: T, saved: T[]): T => tf.mul(tf.relu(dy), tf.step(saved[0]!));
    return { value: tf.relu(t as T), gradFunc };
  });
  const first = (t: T): T => guidedRelu(tf.conv2d(t as tf.Tensor4D, w as tf.Tensor4D, 2, 'same'));
  return tf.grad((t: T) => tf.sum(tf.slice(first(t), [0, 1, 1, 2], [4, 1, 1, 1])))(x!);
});

computed(
  'filters switched off by a mask, and a spherical walk between latents',
  { x: images, mask: draw.bools([6]), a: draw.floats([1, 9]), b: draw.floats([1, 9]) },
  ({ x, mask, a, b }) => {
    const unit = (t: T): T => tf.div(t, tf.norm(t));
    const angle = tf.acos(tf.clipByValue(tf.sum(tf.mul(unit(a!), unit(b!))), -1, 1));
    const t = tf.reshape(tf.linspace(0, 1, 5), [5, 1]);
    const walk = tf.div(
      tf.add(tf.mul(a!, tf.sin(tf.mul(angle, tf.sub(1, t)))), tf.mul(b!, tf.sin(tf.mul(angle, t)))),
      tf.sin(angle),
    );
    return { masked: tf.where(mask!, x!, tf.zerosLike(x!)), walk };
  },
);

idioms.run();
