// Finds real data sets for tests, where they are: $DCGAN_TEST_DATA, or the folder shared/data beside the checkout.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** The full path of a file or folder of the development data; prints a line `skipped: …` and gives null where it is absent. */
export function developmentData(path: string): string | null {
  const full = join(process.env['DCGAN_TEST_DATA'] ?? join('..', 'shared', 'data'), path);
  if (existsSync(full)) return full;
  console.log(`skipped: no ${path} in the development data (set DCGAN_TEST_DATA to their folder)`);
  return null;
}
