// Folder names of `synthesize`. The command itself is spawned in conditional.long.test.ts.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folderNames } from '../../trainer/commands/synthesize.ts';
import { UserError } from '../../trainer/errors.ts';

const test = suite('folderNames()');

test('letters of every script keep their marks; signs that a file system may refuse become hyphens', () => {
  const names = ['हिन्दी', 'தமிழ்', 'ไทย', 'श्री\u200dमान', 'caf\u00e9', 't-shirt'];
  assert.equal(folderNames(names), names);
  assert.equal(folderNames(['cafe\u0301', 'a/b: c?']), ['caf\u00e9', 'a-b- c-']);
});

test('two classes with one folder name are refused', () => {
  assert.throws(
    () => folderNames(['a/b', 'a:b']),
    (error: unknown) => error instanceof UserError,
  );
});

test.run();
