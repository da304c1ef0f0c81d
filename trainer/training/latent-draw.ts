// The draw of latents.
import type { DrawKind } from '../../runtime-web/format/training/draws.ts';
import type { TrainConfig } from '../config/fields.ts';

/** The draw of latents of the configuration's distribution. */
export function latentDraw({ latentDistribution }: Pick<TrainConfig, 'latentDistribution'>): DrawKind {
  return latentDistribution === 'normal' ? { kind: 'normal' } : { kind: 'uniform', least: -1, most: 1 };
}
