// StyleGAN2's discriminator (Karras 2019, section 4.1 and figure 7c): at each resolution two 3x3 convolutions, the second one halving
// with a filter, beside a halving 1x1 convolution whose outputs are added. Sums are divided by √2. The layers at the base are those of
// StyleGAN's discriminator, with the minibatch standard deviation.
import * as tf from '@tensorflow/tfjs-core';
import { levels } from '../config/stages.ts';
import type { NamedTensors } from '../engine/engine.ts';
import { equalised, gains, plain, type Equalised } from './equalised.ts';
import { countParameters, parameter, type LayerSummary } from './network.ts';
import {
  baseParameters,
  judgeBase,
  layersAt,
  rectifiedLayer,
  type StyleDiscriminatorOptions,
  type StyleDiscriminatorOutput,
} from './style-discriminator.ts';
import { styleWidth } from './style-generator.ts';

/** Shapes and initial distributions of all parameters. Biases have the rectifier's gain too, and the divisor √2 is in the weights. */
export function residualDiscriminatorParameters(
  options: StyleDiscriminatorOptions,
): Record<string, Equalised> {
  const { channels } = options;
  const sizes = levels(options);
  const specs: Record<string, Equalised> = {};
  for (const [i, size] of [...sizes.entries()].reverse()) {
    if (i === 0) continue;
    const name = layersAt(size);
    const [width, next] = [styleWidth(options, size), styleWidth(options, sizes[i - 1]!)];
    if (i === sizes.length - 1) {
      specs[`${name}/image/kernel`] = equalised([1, 1, channels, width], channels);
      specs[`${name}/image/bias`] = plain([width], { factor: gains.rectified });
    }
    specs[`${name}/first/kernel`] = equalised([3, 3, width, width], 9 * width);
    specs[`${name}/first/bias`] = plain([width], { factor: gains.rectified });
    specs[`${name}/second/kernel/3x3`] = equalised([3, 3, width, next], 9 * width, {
      gain: gains.rectified * Math.SQRT1_2,
      resampling: 'smooth down',
    });
    specs[`${name}/second/bias`] = plain([next], { factor: gains.rectified * Math.SQRT1_2 });
    specs[`${name}/skip/kernel/1x1`] = equalised([1, 1, width, next], width, {
      gain: gains.linear * Math.SQRT1_2,
      resampling: 'smooth down',
    });
  }
  return { ...specs, ...baseParameters(options, gains.rectified) };
}

/**
 * Images [b, height, width, channels] → logits; labels are one-hot classes, attributes or numbers [b, columns], required with projection.
 * Takes prepared parameters (`equalised.ts`). Throws RangeError if a projection lacks its labels.
 */
export function discriminateResidually(
  options: StyleDiscriminatorOptions,
  parameters: NamedTensors,
  images: tf.Tensor,
  labels: tf.Tensor | null,
): StyleDiscriminatorOutput {
  const sizes = levels(options).slice(1).reverse();
  let x = rectifiedLayer(parameters, `${layersAt(sizes[0]!)}/image`, images);
  for (const name of sizes.map(layersAt)) {
    const kernel = parameter(parameters, `${name}/skip/kernel`) as tf.Tensor4D;
    const skip = tf.conv2d(x as tf.Tensor4D, kernel, 2, 'same');
    const inner = rectifiedLayer(parameters, `${name}/first`, x);
    x = tf.add(skip, rectifiedLayer(parameters, `${name}/second`, inner, 2));
  }
  return judgeBase(options, parameters, x, labels);
}

/** Summary of the discriminator's layers. */
export function summariseResidualDiscriminator(options: StyleDiscriminatorOptions): LayerSummary[] {
  const specs = residualDiscriminatorParameters(options);
  const sizes = levels(options);
  const layer = (name: string, outputShape: number[]): LayerSummary => ({
    name,
    outputShape,
    parameters: countParameters(specs, `${name}/`),
  });
  return [
    ...[...sizes.entries()].reverse().flatMap(([i, size]) => {
      const { width, height } = size;
      const channels = styleWidth(options, size);
      const name = layersAt(size);
      const first = layer(`${name}/first`, [height, width, channels]);
      if (i === 0) return [first, layer(`${name}/dense`, [channels])];
      const half = [height / 2, width / 2, styleWidth(options, sizes[i - 1]!)];
      return [
        ...(i === sizes.length - 1 ? [layer(`${name}/image`, [height, width, channels])] : []),
        ...[first, layer(`${name}/second`, half), layer(`${name}/skip`, half)],
      ];
    }),
    layer('discriminator/logit', [1]),
  ];
}
