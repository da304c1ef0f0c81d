// Names of a parameter's entries in the training state.
import { averageName } from '../networks/state.ts';

/**
 * State names of a parameter's Adam moments, of its running average, and of the sum of its gradients over the parts of a batch, which is
 * zero between two steps.
 */
export const slotNames = {
  first: (name: string): string => `moments/first/${name}`,
  second: (name: string): string => `moments/second/${name}`,
  average: averageName,
  sum: (name: string): string => `gradients/${name}`,
};
