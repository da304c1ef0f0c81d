// Tests that cannot run everywhere: they are skipped with a reason that scripts/test.mjs finds in the output.
import type { uvu } from 'uvu';

/** `test`; where `isMissing`, `test.skip`, with the reason printed. To be called before the suite runs. */
export function skipIf<T>(
  isMissing: boolean,
  reason: string,
  test: uvu.Test<T>,
): uvu.Test<T> | uvu.Test<T>['skip'] {
  if (!isMissing) return test;
  console.log(`skipped: ${reason}`);
  return test.skip;
}
