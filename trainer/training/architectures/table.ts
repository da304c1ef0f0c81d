// The architectures by name.
import type { Conditioning } from '../../../runtime-web/format/model.ts';
import type { TrainConfig } from '../../config/fields.ts';
import type { Stage } from '../../networks/growth.ts';
import type { Architecture } from './architecture.ts';
import { dcganArchitecture } from './dcgan.ts';
import { styleArchitecture } from './stylegan.ts';

/** The networks of a configuration at a stage of growing. */
export function architectureOf(config: TrainConfig, conditioning: Conditioning, stage: Stage): Architecture {
  return config.network === 'stylegan'
    ? styleArchitecture(config, conditioning, stage)
    : dcganArchitecture(config, conditioning);
}
