// Shape options of the networks, from a configuration and its conditioning.
import { conditionColumns } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { TrainConfig } from '../config/fields.ts';
import { imageShape } from '../config/image-size.ts';
import type { DiscriminatorOptions } from './discriminator.ts';
import type { GeneratorOptions } from './generator.ts';
import type { ModernDiscriminatorOptions } from './modern-discriminator.ts';
import type { ModernGeneratorOptions } from './modern-generator.ts';
import type { StyleGeneratorOptions } from './style-generator.ts';

/** Options of both networks of any family. */
export interface NetworkOptions {
  /** `latent` includes the columns of the condition, which are joined to z. */
  readonly generator: GeneratorOptions & StyleGeneratorOptions & ModernGeneratorOptions;
  /** `channels` includes the maps of labels, attributes or numbers, which are joined to the images. */
  readonly discriminator: DiscriminatorOptions & ModernDiscriminatorOptions;
}

/** The options of a configuration's networks. */
export function networkOptions(config: TrainConfig, conditioning: Conditioning): NetworkOptions {
  const columns = conditionColumns(conditioning);
  // Codes are not shown to D: Q finds them in the images.
  const shown = conditioning?.kind === 'codes' ? 0 : columns;
  const shape = imageShape(config);
  const isProjected = config.labelDiscriminator === 'projection';
  return {
    generator: {
      ...config,
      ...shape,
      latent: config.latent + columns,
      conditionColumns: columns,
    },
    discriminator: {
      ...config,
      ...shape,
      channels: shape.channels + (isProjected ? 0 : shown),
      projectedColumns: isProjected ? shown : 0,
    },
  };
}
