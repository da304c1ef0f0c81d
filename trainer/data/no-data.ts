// The value of the configuration's `data` in a run that was imported and has no training images yet. No flag has it: `--data none` is
// a folder, whose path is made absolute.
import { UserError } from '../errors.ts';

/** In place of a path. */
export const noData = 'none';

/** The error of a command that needs a run's images; `remedy` says how to give some. */
export function noDataError(remedy = 'give --data with images'): UserError {
  return new UserError(`the run was imported and has no training images yet; ${remedy}`);
}
