// What a method gives its generator beside z, from a configuration and the data's classes: nothing, a label, or InfoGAN's
// codes. The generator takes z and that in a row; a discriminator of labels takes them as maps beside the image, or projects.
import * as tf from '@tensorflow/tfjs-core';
import { conditionColumns } from '../../runtime-web/format/condition.ts';
import type { Code, Conditioning } from '../../runtime-web/format/model.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../config/fields.ts';

/** Codes at random, [count, columns]: choices as one-hot columns, numbers uniform in their range. */
export function drawCodes(codes: readonly Code[], count: number, random: Random): Float32Array<ArrayBuffer> {
  const columns = conditionColumns({ kind: 'codes', codes });
  const rows = new Float32Array(count * columns);
  for (let row = 0; row < rows.length; row += columns) {
    let column = row;
    for (const code of codes) {
      if (code.kind === 'choice') {
        rows[column + Math.floor(random.uniform() * code.choices.length)] = 1;
        column += code.choices.length;
      } else rows[column++] = code.least + (code.most - code.least) * random.uniform();
    }
  }
  return rows;
}

/** Labels [n] as one-hot rows [n, classes]. */
export function oneHot(labels: ArrayLike<number>, classes: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) rows[i * classes + labels[i]!] = 1;
  return rows;
}

/**
 * The networks' options: the generator's latent holds the condition behind z, the discriminator's channels hold label maps
 * behind the image's, or it projects.
 */
export function networkOptions<C extends TrainConfig>(
  config: C,
  conditioning: Conditioning,
): { readonly generator: C; readonly discriminator: C & { readonly projectedClasses: number } } {
  const classes = conditioning?.kind === 'classes' ? conditioning.names.length : 0;
  const isProjected = config.labelDiscriminator === 'projection';
  return {
    generator: { ...config, latent: config.latent + conditionColumns(conditioning) },
    discriminator: {
      ...config,
      channels: (config.channels + (isProjected ? 0 : classes)) as C['channels'],
      projectedClasses: isProjected ? classes : 0,
    },
  };
}

/** z [n, latent] with its condition [n, columns] behind it. */
export function joinCondition(z: tf.Tensor, condition: tf.Tensor | null): tf.Tensor {
  return condition === null ? z : tf.concat([z, condition], 1);
}

/** Images [n, h, w, c] with labels [n, classes] behind them as maps of one value each: [n, h, w, c + classes]. */
export function joinLabelMaps(images: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const [n, classes] = labels.shape as [number, number];
  const [, h, w] = images.shape as [number, number, number, number];
  return tf.concat([images, tf.tile(tf.reshape(labels, [n, 1, 1, classes]), [1, h!, w!, 1])], 3);
}
