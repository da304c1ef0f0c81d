// The end of a training whose numbers are no longer finite.
import type { FloatTensors } from '../format/training/tensors.ts';
import { figureNames, type Figures } from './gathered.ts';

/** Thrown when a figure or the state is no longer finite. */
export class NotFiniteError extends Error {
  override readonly name = 'NotFiniteError';
}

/** Throws NotFiniteError for a figure of a step that is not finite. */
export function checkFigures(figures: Figures, step: number): void {
  const bad = figureNames.find((name) => !Number.isFinite(figures[name]));
  if (bad !== undefined) throw new NotFiniteError(`${bad} is ${figures[bad]} at step ${step}`);
}

/** Throws NotFiniteError for a state after a step that has a number that is not finite. */
export function checkState(state: FloatTensors, step: number): void {
  for (const [name, { data }] of Object.entries(state)) {
    // A loop: `every` takes ten times as long.
    for (let i = 0; i < data.length; i++)
      if (!Number.isFinite(data[i]!))
        throw new NotFiniteError(`${name} has a number that is not finite at step ${step}`);
  }
}
