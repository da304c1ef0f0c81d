// Parses lists of seeds: `0-63`, `1,5,9`, or both at once.
import { UserError } from '../errors.ts';

const maxSeeds = 100_000;

/**
 * Parses a list of seeds such as `0-7,42`, in its order; `flag` is the option in messages. Throws UserError for anything else, for a
 * range that runs backwards, and for more than 100,000 seeds.
 */
export function parseSeeds(text: string, flag = '--seeds'): readonly number[] {
  const refuse = (why: string): UserError =>
    new UserError(`${flag} ${text}: ${why}; expected whole numbers and ranges such as 0-63 or 1,5,9`);
  const seeds: number[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(part);
    if (match === null) throw refuse(`got '${part.trim()}'`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) {
      throw refuse(`'${part.trim()}' is beyond the largest seed, 2^53 - 1`);
    }
    if (last < first) throw refuse(`'${part.trim()}' runs backwards`);
    if (seeds.length + last - first >= maxSeeds) throw refuse(`more than ${maxSeeds} seeds`);
    for (let seed = first; seed <= last; seed++) seeds.push(seed);
  }
  return seeds;
}
