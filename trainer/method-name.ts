// What a run is called after: its network, and what its method adds to the DCGAN paper's.
import type { TrainConfig } from './config.ts';

/** `dcgan`, `dcgan-wgan-gp`, `dcgan-label-hinge-r1`, … */
export function methodName({ condition, objective, r1, unroll }: TrainConfig): string {
  return [
    'dcgan',
    condition !== 'none' && condition,
    objective !== 'non-saturating' && objective,
    r1 > 0 && 'r1',
    unroll > 0 && `unrolled-${unroll}`,
  ]
    .filter((part) => part !== false)
    .join('-');
}
