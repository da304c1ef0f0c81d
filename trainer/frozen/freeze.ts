// A checkpoint's generator, frozen, of whatever networks.
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { foldGenerator } from './fold.ts';
import { freezeStyleGenerator } from './freeze-style.ts';
import type { FrozenGenerator } from './frozen-networks.ts';

/** The generator that samples are drawn with. Throws RangeError for a state that lacks an entry. */
export function freezeGenerator(
  config: TrainConfig,
  state: NamedHostTensors,
  conditioning: Conditioning = null,
): FrozenGenerator {
  return config.network === 'stylegan'
    ? freezeStyleGenerator(config, state, conditioning)
    : foldGenerator(config, state, conditioning);
}
