// Batch-norm statistics of a trained discriminator, measured on the data. With them D can be folded and run on single images. A
// discriminator without batch norm has none.
import { sizeText } from '../../runtime-web/format/image-shape.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { imageShape } from '../config/image-size.ts';
import { networkOptions } from '../networks/options.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { Dataset } from '../data/dataset.ts';
import { Permutation } from '../../runtime-web/format/training/permutation.ts';
import { Statistics } from '../../runtime-web/format/training/statistics.ts';
import type { Engine, NamedHostTensors, StateFunction } from '../engine/engine.ts';
import { batchMoments, batchNorm } from '../networks/batch-norm.ts';
import { discriminate, discriminatorBlocks } from '../networks/discriminator.ts';
import { besideImages } from '../networks/label-maps.ts';
import type { Normalise } from '../networks/network.ts';
import { usedDiscriminator } from '../networks/state.ts';
import { held } from '../held.ts';
import { readLabelled } from './read-labelled.ts';

/** The part of a trained run that determines its networks. */
export interface RunState {
  readonly config: TrainConfig;
  readonly checkpoint: { readonly state: NamedHostTensors };
  /** Default: null. */
  readonly conditioning?: Conditioning;
}

/** Number and size of the batches of real images for the statistics. */
const statisticsBatches = 16;
const batch = 64;

/**
 * Mean and variance of each of D's normalised layers over 1024 images in random order (a folder starts with images of one class):
 * `LAYER/mean` and `LAYER/variance` [channels]. Throws RangeError for a dataset of another image size or number of channels,
 * UserError for one without the labels that D receives.
 */
export async function discriminatorStatistics(
  engine: Engine,
  { config, checkpoint, conditioning = null }: RunState,
  dataset: Dataset,
): Promise<NamedHostTensors> {
  const { discriminator: options } = networkOptions(config, conditioning);
  const { width, height, channels } = imageShape(config);
  if (sizeText(dataset) !== sizeText({ width, height }) || dataset.channels !== channels) {
    throw new RangeError(
      `images: got ${sizeText(dataset)} pixels and ${dataset.channels} channels, expected ${sizeText({ width, height })} and ${channels}`,
    );
  }
  if (config.discriminatorNorm !== 'batch') return {};
  const blocks = discriminatorBlocks(options).filter(({ isNormalised }) => isNormalised);
  const moments: StateFunction = (state, { images, ...given }) => {
    const outputs: Record<string, ReturnType<typeof batchNorm>> = {};
    const measured: Normalise<ReturnType<typeof batchNorm>> = (layer, x, scale, offset) => {
      const { mean, variance } = batchMoments(x);
      outputs[`${layer}/mean`] = mean;
      outputs[`${layer}/variance`] = variance;
      return batchNorm(x, scale, offset);
    };
    const labels = Object.values(given)[0] ?? null;
    const joined = besideImages(options, images!, labels);
    discriminate(options, usedDiscriminator(state), joined, measured, { labels });
    return { outputs };
  };
  await engine.writeState(
    Object.fromEntries(
      Object.entries(checkpoint.state).filter(([name]) => /^(spectral\/)?discriminator\//.test(name)),
    ),
  );
  const order = new Permutation(dataset.count, [0, 0]);
  const inputsAt = (first: number): Promise<NamedHostTensors> => {
    const indices = Array.from({ length: batch }, (_, k) => order.at((first + k) % dataset.count));
    return readLabelled(dataset, indices, { config, conditioning });
  };
  let inputs = await inputsAt(0);
  await using compiled = held(await engine.compile(moments, inputs));
  const sums = new Statistics({
    means: [],
    moments: blocks.map(({ name }) => ({ mean: `${name}/mean`, variance: `${name}/variance` })),
  });
  for (let i = 0; i < statisticsBatches; i++) {
    if (i > 0) inputs = await inputsAt(i * batch);
    sums.add(await compiled.run(inputs));
  }
  return sums.all;
}
