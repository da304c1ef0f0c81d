// Names of a parameter's entries in the training state.
import { averageName } from '../networks/state.ts';

/** State names of a parameter's Adam moments and of its running average. */
export const slotNames = {
  first: (name: string): string => `moments/first/${name}`,
  second: (name: string): string => `moments/second/${name}`,
  average: averageName,
};
