// Batch-norm statistics of a trained discriminator, measured on the data. With them D can be folded and run on single images. A
// discriminator without batch norm has none.
import { sizeText } from '../../runtime-web/format/image-shape.ts';
import { networkOptions } from '../networks/options.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { Dataset } from '../data/dataset.ts';
import { Permutation } from '../../runtime-web/format/training/permutation.ts';
import { Statistics } from '../../runtime-web/format/training/statistics.ts';
import { readImages } from '../data/read-images.ts';
import type { Engine, NamedHostTensors, StateFunction } from '../engine/engine.ts';
import { batchMoments, batchNorm } from '../networks/batch-norm.ts';
import { discriminate, discriminatorBlocks } from '../networks/discriminator.ts';
import { usedDiscriminator } from '../networks/state.ts';
import { held } from '../held.ts';

/** The part of a trained run that determines its networks. */
export interface RunState {
  readonly config: TrainConfig;
  readonly checkpoint: { readonly state: NamedHostTensors };
}

/** Number and size of the batches of real images for the statistics. */
const statisticsBatches = 16;
const batch = 64;

/**
 * Mean and variance of each of D's normalised layers over 1024 images in random order (a folder starts with images of one class):
 * `LAYER/mean` and `LAYER/variance` [channels]. Throws RangeError for a dataset of another image size or number of channels.
 */
export async function discriminatorStatistics(
  engine: Engine,
  { config, checkpoint }: RunState,
  dataset: Dataset,
): Promise<NamedHostTensors> {
  const { discriminator: options } = networkOptions(config, null);
  const { width, height, channels } = options;
  if (sizeText(dataset) !== sizeText(options) || dataset.channels !== channels) {
    throw new RangeError(
      `images: got ${sizeText(dataset)} pixels and ${dataset.channels} channels, expected ${sizeText(options)} and ${channels}`,
    );
  }
  const spec = { shape: [batch, height, width, channels], dtype: 'float32' } as const;
  if (config.discriminatorNorm !== 'batch') return {};
  const blocks = discriminatorBlocks(options).filter(({ isNormalised }) => isNormalised);
  const moments: StateFunction = (state, { images }) => {
    const outputs: Record<string, ReturnType<typeof batchNorm>> = {};
    discriminate(options, usedDiscriminator(state), images!, (layer, x, scale, offset) => {
      const { mean, variance } = batchMoments(x);
      outputs[`${layer}/mean`] = mean;
      outputs[`${layer}/variance`] = variance;
      return batchNorm(x, scale, offset);
    });
    return { outputs };
  };
  await engine.writeState(
    Object.fromEntries(
      Object.entries(checkpoint.state).filter(([name]) => /^(spectral\/)?discriminator\//.test(name)),
    ),
  );
  await using compiled = held(await engine.compile(moments, { images: spec }));
  const sums = new Statistics({
    means: [],
    moments: blocks.map(({ name }) => ({ mean: `${name}/mean`, variance: `${name}/variance` })),
  });
  const order = new Permutation(dataset.count, [0, 0]);
  for (let i = 0; i < statisticsBatches; i++) {
    const indices = Array.from({ length: batch }, (_, k) => order.at((i * batch + k) % dataset.count));
    const images = { ...spec, data: await readImages(dataset, indices) };
    sums.add(await compiled.run({ images }));
  }
  return sums.all;
}
