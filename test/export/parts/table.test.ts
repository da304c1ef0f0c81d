// The parts of a package cover its table of files, and an export writes no part that it lacks an input for.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exportFlags, fileRoles, packageFiles } from '../../../runtime-web/format/package-files.ts';
import { flagOf, fromImages } from '../../../trainer/export/parts/part.ts';
import { parts } from '../../../trainer/export/parts/table.ts';

const test = suite('parts of a package');

test('every file is written by one part, in the order of the table', () => {
  const own = ['generator', 'generatorFp16', 'preview'];
  assert.equal([...own, ...parts.flatMap(({ roles }) => roles)], [...fileRoles]);
});

test('file names and flags are all different', () => {
  const rows = Object.values(packageFiles);
  const flags = Object.values(exportFlags).flatMap((flag) => flag ?? []);
  assert.is(new Set(rows.map(({ file }) => file)).size, rows.length);
  assert.is(new Set(flags).size, flags.length);
  assert.equal(
    parts.flatMap((part) => flagOf(part) ?? []),
    flags,
  );
});

test('an input that the caller has not computed is a RangeError', () => {
  assert.throws(
    () => fromImages({ fromImages: {} }, 'classifier'),
    (error: Error) => error instanceof RangeError && error.message.startsWith('classifier: got none'),
  );
});

test.run();
