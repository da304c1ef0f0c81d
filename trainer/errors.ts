// Errors that the user can mend: the CLI prints the message without a stack and exits with 2.
import { closest, distance } from 'fastest-levenshtein';

/** A wrong flag, file, folder or value from outside; the message says what was got, what was expected, what to do. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** A checkpoint that cannot be read as one: truncated, altered, or of another kind. */
export class CheckpointError extends UserError {
  override readonly name: string = 'CheckpointError';
}

/** `; did you mean 'x'?` when one of `known` is near `word` (at most a third of its letters away), else ''. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(word.toLowerCase(), known.slice());
  const tolerated = Math.max(2, Math.ceil(Math.max(word.length, nearest.length) / 3));
  return distance(word.toLowerCase(), nearest.toLowerCase()) <= tolerated
    ? `; did you mean '${nearest}'?`
    : '';
}
