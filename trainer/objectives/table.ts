// Every objective by the name that configurations have for it.
import { hinge } from './hinge.ts';
import { leastSquares } from './least-squares.ts';
import { minimax } from './minimax.ts';
import { nonSaturating } from './non-saturating.ts';
import type { Objective } from './objective.ts';
import { wasserstein } from './wasserstein.ts';

/** See {@link Objective}; the two Wasserstein ones differ in what keeps the critic from being steep. */
export const objectives = {
  'non-saturating': nonSaturating,
  minimax,
  'least-squares': leastSquares,
  hinge,
  wgan: wasserstein,
  'wgan-gp': wasserstein,
} as const satisfies Readonly<Record<string, Objective>>;

/** An objective's name. */
export type ObjectiveName = keyof typeof objectives;

/** All names. */
export const objectiveNames = Object.keys(objectives) as readonly ObjectiveName[];
