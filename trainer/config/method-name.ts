// What a run is called after: its network, and what its method adds to that network's paper.
import type { TrainConfig } from './fields.ts';

/** `dcgan`, `dcgan-wgan-gp`, `dcgan-label-hinge-r1`, … */
export function methodName({ network, condition, objective, r1, unroll }: TrainConfig): string {
  return [
    network,
    condition !== 'none' && condition,
    objective !== 'non-saturating' && objective,
    // StyleGAN's own recipe has it.
    r1 > 0 && network !== 'stylegan' && 'r1',
    unroll > 0 && `unrolled-${unroll}`,
  ]
    .filter((part) => part !== false)
    .join('-');
}
