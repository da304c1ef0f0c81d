// Errors that the user can fix: the command line prints their message without a stack and exits with 2.
import { closest, distance } from 'fastest-levenshtein';

/** A wrong flag, file, folder or value. The message names the received and the expected value, and the remedy. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** An unreadable checkpoint: truncated, damaged, or another kind of file. */
export class CheckpointError extends UserError {
  override readonly name: string = 'CheckpointError';
}

/** `; did you mean 'x'?` if the edit distance from `word` to one of `known` is at most 2 or a third of its letters, else ''. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(word.toLowerCase(), known.slice());
  const maxDistance = Math.max(2, Math.ceil(Math.max(word.length, nearest.length) / 3));
  return distance(word.toLowerCase(), nearest.toLowerCase()) <= maxDistance
    ? `; did you mean '${nearest}'?`
    : '';
}
