// The name of a run's method: its network family, then each setting that departs from the family's paper.
import type { TrainConfig } from './fields.ts';
import { networks } from './networks.ts';

/** `dcgan`, `dcgan-attention-sn-hinge`, `dcgan-wgan-gp`, `dcgan-label-hinge-r1`, `dcgan-relativistic`, … */
export function methodName({
  network,
  attention,
  spectralNorm,
  condition,
  objective,
  r1,
  r2,
  unroll,
}: TrainConfig): string {
  const { implied, impliedRegularisation } = networks[network];
  const usual = 'objective' in implied ? implied.objective : 'non-saturating';
  // Pairs of images come with both penalties.
  const isPaired = objective === 'relativistic';
  return [
    network,
    attention !== null && 'attention',
    spectralNorm !== 'none' && 'sn',
    condition !== 'none' && condition,
    objective !== usual && objective,
    // Some families' papers use R1 themselves.
    r1 > 0 && !isPaired && !('r1' in impliedRegularisation) && 'r1',
    r2 > 0 && !isPaired && 'r2',
    unroll > 0 && `unrolled-${unroll}`,
  ]
    .filter((part) => part !== false)
    .join('-');
}
