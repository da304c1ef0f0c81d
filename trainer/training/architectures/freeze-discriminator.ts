// A run's discriminator for inference, with statistics of its images.
import type { Dataset } from '../../data/dataset.ts';
import type { Engine } from '../../engine/engine.ts';
import { discriminatorStatistics, type RunState } from '../../frozen/discriminator-statistics.ts';
import type { FrozenDiscriminator } from '../../frozen/frozen-networks.ts';
import { insideOf } from './table.ts';

/**
 * A run's D, its batch norm folded with {@link discriminatorStatistics} (in training it uses the statistics of each batch). Throws
 * RangeError for a dataset of another image size or number of channels.
 */
export async function freezeDiscriminator(
  engine: Engine,
  run: RunState,
  dataset: Dataset,
): Promise<FrozenDiscriminator> {
  const statistics = await discriminatorStatistics(engine, run, dataset);
  const { config, checkpoint, conditioning } = run;
  return insideOf(config).freezeDiscriminator(config, checkpoint.state, statistics, conditioning);
}
