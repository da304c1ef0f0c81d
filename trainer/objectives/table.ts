// Every objective by its name in configurations. To add one, write its file and add its row here; an objective with a
// hyperparameter takes it by the name of its row in `config/fields.ts`.
import { hinge } from './hinge.ts';
import { leastSquares } from './least-squares.ts';
import { minimax } from './minimax.ts';
import { nonSaturating } from './non-saturating.ts';
import type { Objective } from './objective.ts';
import { relativistic } from './relativistic.ts';
import { wasserstein, wassersteinWithPenalty } from './wasserstein.ts';

/** Each row makes an {@link Objective} from the settings of a configuration that it reads. */
export const objectives = {
  'non-saturating': nonSaturating,
  minimax,
  'least-squares': leastSquares,
  hinge,
  relativistic,
  wgan: wasserstein,
  'wgan-gp': wassersteinWithPenalty,
} as const satisfies Readonly<Record<string, (settings: never) => Objective>>;

/** An objective's name. */
export type ObjectiveName = keyof typeof objectives;

/** All names. */
export const objectiveNames = Object.keys(objectives) as readonly ObjectiveName[];
