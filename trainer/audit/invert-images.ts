// The error with which a generator reproduces given images. Each image's latent is searched for by gradient descent in z, from which
// samples are drawn, so that a small error means that the model can generate the image (the white-box attack of GAN-Leaks, Chen 2020).
import * as tf from '@tensorflow/tfjs-core';
import { conditionColumns, conditionFor } from '../../runtime-web/format/condition.ts';
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { usualRate, usualTypical } from '../../runtime-web/format/restoring/task.ts';
import { imageShape } from '../config/image-size.ts';
import type { Engine } from '../engine/engine.ts';
import type { FrozenDiscriminator, FrozenGenerator } from '../frozen/frozen-networks.ts';
import { restoreLatents } from '../restoring/restore-latents.ts';
import type { TrainedRun } from '../run/trained-run.ts';
import { joinCondition } from '../training/conditioning.ts';

/** An inverted image. */
export interface Inversion {
  /** [height, width, channels] in [-1, 1] */
  readonly picture: Float32Array;
  /** Root mean square difference from the image, in levels of 255. */
  readonly error: number;
}

/** Gradient steps a latent, latents an image, and random latents among which these start. */
export const inversionSettings = { updates: 200, restarts: 2, candidates: 256 } as const;
/** Number of conditions that are mixed, at most. */
const maxConditions = 64;

/**
 * Inverts images [height, width, channels] in [-1, 1]. A conditional generator's condition is searched for too, as a mix of those that its
 * samples have, so images need no labels. Throws UserError if no loss is finite, the signal's reason when aborted.
 */
export async function invertImages(
  engine: Engine,
  run: Pick<TrainedRun, 'config' | 'conditioning' | 'generator'>,
  {
    images,
    seed,
    signal,
    onProgress,
  }: {
    readonly images: readonly Float32Array[];
    readonly seed: number;
    readonly signal: AbortSignal;
    readonly onProgress: (done: number, total: number) => void;
  },
): Promise<Inversion[]> {
  const { config } = run;
  const shape = imageShape(config);
  const { generator, extra } = freeCondition(run);
  const weights = new Float32Array(shape.width * shape.height).fill(1);
  const found = await restoreLatents({
    ...shape,
    ...inversionSettings,
    engine,
    networks: { generator, discriminator: indifferent, distribution: config.latentDistribution },
    latentDim: config.latent + extra,
    targets: images.map((picture) => ({ picture, weights })),
    terms: { colour: 1, luminance: 0, realism: 0, typical: usualTypical },
    rate: usualRate,
    random: new Random(seed),
    signal,
    onProgress,
  });
  const length = lengthOf(shape);
  return found.map(({ picture }, i) => {
    const squares = picture.reduce((sum, value, k) => sum + (value - images[i]![k]!) ** 2, 0);
    return { picture, error: 127.5 * Math.sqrt(squares / length) };
  });
}

/** In place of the discriminator of restoring's loss, whose term has no weight here. */
const indifferent: FrozenDiscriminator = {
  parameters: {},
  layers: (_, images) => ({ logits: tf.mul(tf.sum(images, [1, 2, 3]), 0) }),
};

/** A generator whose latents [n, latent + extra] end with logits of the shares in which conditions are mixed. */
function freeCondition({
  config: { latent },
  conditioning,
  generator,
}: Pick<TrainedRun, 'config' | 'conditioning' | 'generator'>): {
  readonly generator: FrozenGenerator;
  readonly extra: number;
} {
  const columns = conditionColumns(conditioning);
  if (columns === 0) return { generator, extra: 0 };
  const extra = conditioning?.kind === 'classes' ? columns : maxConditions;
  const indices = Array.from({ length: extra }, (_, i) => i);
  const rows = conditionFor({ conditioning }, {}, indices)!;
  return {
    extra,
    generator: {
      ...generator,
      generate(parameters, given) {
        const z = tf.slice(given, [0, 0], [-1, latent]);
        // Four times a typical number makes one condition outweigh the others.
        const shares = tf.softmax(tf.mul(tf.slice(given, [0, latent], [-1, extra]), 4));
        const mixed = tf.matMul(shares as tf.Tensor2D, tf.tensor2d(rows, [extra, columns]));
        return generator.generate(parameters, joinCondition(z, mixed));
      },
    },
  };
}
