// What a method gives its generator beside z, from a configuration and the data's classes: nothing, a label, or InfoGAN's
// codes. The generator takes z and that in a row; a discriminator of labels takes them as maps beside the image, or projects.
import * as tf from '@tensorflow/tfjs-core';
import { conditionColumns } from '../../runtime-web/format/condition.ts';
import type { Code, Conditioning } from '../../runtime-web/format/model.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../config/config.ts';
import { parseClassList } from '../data/only-classes.ts';
import { UserError } from '../errors.ts';

type ConditionConfig = Pick<TrainConfig, 'condition' | 'codes' | 'data' | 'classNames'>;

/**
 * The conditioning of a run on data with these classes (null: none). Throws UserError for labels of data that have fewer
 * than two classes, and for other names than there are classes.
 */
export function conditioningOf(
  { condition, codes, data, classNames: given }: ConditionConfig,
  classNames: readonly string[] | null,
): Conditioning {
  if (condition === 'none') return null;
  if (condition === 'info') return { kind: 'codes', codes: parseCodes(codes ?? '') };
  if (classNames === null || classNames.length < 2) {
    const found = classNames === null ? 'no classes' : `the class ${classNames[0] ?? ''} alone`;
    throw new UserError(
      `--condition label: ${data} has ${found}; give images in a folder for each class, or leave --condition out`,
    );
  }
  if (given === null) return { kind: 'classes', names: classNames };
  const names = parseClassList('--class-names', given);
  if (names.length !== classNames.length) {
    throw new UserError(
      `--class-names: got ${names.length} names, expected ${classNames.length}, for ${classNames.join(', ')} of ${data}`,
    );
  }
  return { kind: 'classes', names };
}

/** A list of codes as a flag has it: `categorical:10,continuous:2` is one of ten choices, and two numbers in [-1, 1]. */
export function parseCodes(text: string): readonly Code[] {
  const parts = text.split(',').map((part) => {
    const [, kind, count] = /^\s*(categorical|continuous)\s*:\s*(\d{1,4})\s*$/.exec(part) ?? [];
    const least = kind === 'categorical' ? 2 : 1;
    if (kind === undefined || Number(count) < least) {
      throw new UserError(
        `--codes ${text}: got '${part.trim()}', expected a list such as categorical:10,continuous:2 ` +
          '(categorical codes have at least 2 choices)',
      );
    }
    return { kind, count: Number(count) };
  });
  const choices = parts.filter(({ kind }) => kind === 'categorical').length;
  let choice = 0;
  let number = 0;
  return parts.flatMap(({ kind, count }): Code[] => {
    if (kind === 'continuous') {
      return Array.from({ length: count }, () => ({
        kind: 'continuous',
        name: `code ${++number}`,
        least: -1,
        most: 1,
      }));
    }
    const name = choices > 1 ? `category ${++choice}` : 'category';
    return [{ kind: 'choice', name, choices: Array.from({ length: count }, (_, i) => `${i}`) }];
  });
}

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
