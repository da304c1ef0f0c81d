// DCGAN's generator (Radford 2016, section 3 and figure 1): z is projected to a small base (4x4 for squares), then each block doubles the size and halves
// the width. Every layer has batch norm and ReLU, except the last, which has tanh.
import * as tf from '@tensorflow/tfjs-core';
import type { ImageSize } from '../../runtime-web/format/image-shape.ts';
import type { NamedTensors } from '../engine/engine.ts';
import { attend, attentionName, attentionParameters } from './attention.ts';
import type { LayerWidth } from './statistic-names.ts';
import {
  countParameters,
  parameter,
  scaleInitial,
  weightInitial,
  zeroInitial,
  type LayerSummary,
  type Normalise,
  type ParameterSpecs,
} from './network.ts';
import { stagesOf } from '../config/stages.ts';
import { upsample } from './upsample.ts';

/** Options that determine a generator's shape; see TrainConfig. */
export interface GeneratorOptions extends ImageSize {
  readonly channels: number;
  readonly baseWidth: number;
  readonly kernel: number;
  readonly latent: number;
  readonly upsampling: 'transposed' | 'nearest';
  readonly head: 'convolutional' | 'dense';
  /** Shorter side of the block that self-attention follows. Default: none. */
  readonly attention?: number | null;
}

/** The blocks from the base to the image, with their input width, output width and output size. */
export function generatorBlocks({ width, height, channels, baseWidth, attention }: GeneratorOptions) {
  const { base, count } = stagesOf({ width, height });
  return Array.from({ length: count }, (_, i) => ({
    name: i === count - 1 ? 'generator/image' : `generator/block${i + 1}`,
    isImage: i === count - 1,
    isAttended: Math.min(base.height, base.width) * 2 ** (i + 1) === attention,
    from: baseWidth * 2 ** (count - 1 - i),
    to: i === count - 1 ? channels : baseWidth * 2 ** (count - 2 - i),
    /** Height and width. */
    size: [base.height * 2 ** (i + 1), base.width * 2 ** (i + 1)] as const,
  }));
}

/** The layers that batch norm follows, with their widths. */
export function normalisedLayers(options: GeneratorOptions): readonly LayerWidth[] {
  const blocks = generatorBlocks(options);
  return [
    { name: 'generator/project', channels: blocks[0]!.from },
    ...blocks.filter((block) => !block.isImage).map(({ name, to }) => ({ name, channels: to })),
  ];
}

/** Shapes and initial distributions of all of the generator's parameters. */
export function generatorParameters(options: GeneratorOptions): ParameterSpecs {
  const { kernel, latent, head, upsampling } = options;
  const blocks = generatorBlocks(options);
  const width = blocks[0]!.from;
  const normalised = (name: string, channels: number): ParameterSpecs => ({
    [`${name}/scale`]: { shape: [channels], initial: scaleInitial },
    [`${name}/offset`]: { shape: [channels], initial: zeroInitial },
  });
  const { base } = stagesOf(options);
  const projection =
    head === 'dense' ? [latent, base.height * base.width * width] : [base.height, base.width, width, latent];
  let specs: ParameterSpecs = {
    'generator/project/kernel': {
      shape: projection,
      initial: weightInitial,
      outputAxis: head === 'dense' ? 1 : 2,
    },
    ...normalised('generator/project', width),
  };
  for (const { name, isImage, isAttended, from, to } of blocks) {
    // A transposed convolution's filter is [height, width, out, in], a convolution's [height, width, in, out].
    const isTransposed = upsampling === 'transposed';
    const shape = isTransposed ? [kernel, kernel, to, from] : [kernel, kernel, from, to];
    specs = {
      ...specs,
      [`${name}/kernel`]: { shape, initial: weightInitial, outputAxis: isTransposed ? 2 : 3 },
      ...(isImage ? { [`${name}/bias`]: { shape: [to], initial: zeroInitial } } : normalised(name, to)),
      ...attentionParameters('generator', to, isAttended),
    };
  }
  return specs;
}

/**
 * z [b, latent] → images [b, height, width, channels] in [-1, 1]. `alter` may replace the activation of each layer but the last;
 * `observe` is called with the result.
 */
export function generate(
  options: GeneratorOptions,
  parameters: NamedTensors,
  z: tf.Tensor,
  normalise: Normalise<tf.Tensor>,
  observe: (layer: string, activation: tf.Tensor) => void = () => undefined,
  alter: (layer: string, activation: tf.Tensor) => tf.Tensor = (_, activation) => activation,
): tf.Tensor {
  const { head, latent, upsampling } = options;
  const { base } = stagesOf(options);
  const batch = z.shape[0]!;
  const blocks = generatorBlocks(options);
  const width = blocks[0]!.from;
  const get = (name: string): tf.Tensor => parameter(parameters, name);
  const active = (name: string, x: tf.Tensor): tf.Tensor => {
    const rectified = tf.relu(normalise(name, x, get(`${name}/scale`), get(`${name}/offset`)));
    const activation = alter(name, rectified);
    observe(name, activation);
    return activation;
  };

  const projection = get('generator/project/kernel');
  const projectedShape: [number, number, number, number] = [batch, base.height, base.width, width];
  const projected =
    head === 'dense'
      ? tf.reshape(tf.matMul(z as tf.Tensor2D, projection as tf.Tensor2D), projectedShape)
      : tf.conv2dTranspose(
          tf.reshape(z, [batch, 1, 1, latent]) as tf.Tensor4D,
          projection as tf.Tensor4D,
          projectedShape,
          1,
          'valid',
        );
  let x = active('generator/project', projected); // [b, base height, base width, width]
  for (const { name, isImage, isAttended, to, size } of blocks) {
    const kernel = get(`${name}/kernel`) as tf.Tensor4D;
    const y =
      upsampling === 'transposed'
        ? tf.conv2dTranspose(x as tf.Tensor4D, kernel, [batch, ...size, to], 2, 'same')
        : tf.conv2d(upsample(x) as tf.Tensor4D, kernel, 1, 'same');
    x = isImage ? tf.tanh(tf.add(y, get(`${name}/bias`))) : active(name, y); // [b, ...size, to]
    if (isAttended) x = attend('generator', parameters, x);
  }
  return x;
}

/** Summary of the generator's layers. */
export function summariseGenerator(options: GeneratorOptions): LayerSummary[] {
  const specs = generatorParameters(options);
  const blocks = generatorBlocks(options);
  const { base } = stagesOf(options);
  const layer = (name: string, size: readonly number[], channels: number): LayerSummary => ({
    name,
    outputShape: [...size, channels],
    parameters: countParameters(specs, `${name}/`),
  });
  return [
    layer('generator/project', [base.height, base.width], blocks[0]!.from),
    ...blocks.flatMap(({ name, isAttended, size, to }) => [
      layer(name, size, to),
      ...(isAttended ? [layer(attentionName('generator'), size, to)] : []),
    ]),
  ];
}
