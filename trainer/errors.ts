// Errors that the user can fix: the command line prints their message without a stack and exits with 2.
import { distance } from 'fastest-levenshtein';

/** A wrong flag, file, folder or value. The message names the received and the expected value, and the remedy. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** An unreadable checkpoint: truncated, damaged, or another kind of file. */
export class CheckpointError extends UserError {
  override readonly name: string = 'CheckpointError';
}

/**
 * `; did you mean 'x'?` if the edit distance from `word` to one of `known` is at most 2 or a third of its letters, else ''. Case does
 * not count, and of several names the one that differs in signs and spaces only comes first: `t-shirt` before `shirt` for `tshirt`.
 */
export function didYouMean(word: string, known: readonly string[]): string {
  const between = (name: string, plain: (text: string) => string): number =>
    distance(plain(word), plain(name));
  let best: { name: string; letters: number; all: number } | null = null;
  for (const name of known) {
    const [letters, all] = [between(name, lettersOf), between(name, lowered)];
    if (best === null || letters < best.letters || (letters === best.letters && all < best.all)) {
      best = { name, letters, all };
    }
  }
  if (best === null) return '';
  const maxDistance = Math.max(2, Math.ceil(Math.max(word.length, best.name.length) / 3));
  return best.all <= maxDistance ? `; did you mean '${best.name}'?` : '';
}

function lowered(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Letters, their marks, and digits. */
function lettersOf(text: string): string {
  return lowered(text).replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}
