// The nearest known word to a mistyped one: for flags, config keys, presets and commands alike.
import { closest, distance } from 'fastest-levenshtein';

/** `; did you mean 'x'?` when one of `known` is near `word` (at most a third of its letters away), else ''. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(word.toLowerCase(), known.slice());
  const tolerated = Math.max(2, Math.ceil(Math.max(word.length, nearest.length) / 3));
  return distance(word.toLowerCase(), nearest.toLowerCase()) <= tolerated
    ? `; did you mean '${nearest}'?`
    : '';
}
