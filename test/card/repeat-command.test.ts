// The command that repeats a run: that of the installed program, with names in place of paths.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { repeatCommand } from '../../trainer/card/repeat-command.ts';

const test = suite('the command that repeats a run');

test('every way to call the program becomes npx dcgan, and places become names', () => {
  for (const [recorded, shown] of [
    ['npm run train', 'npx dcgan train'],
    ['npx dcgan train --steps 9', 'npx dcgan train --steps 9'],
    [
      'npm run train -- --data ~/photos/cats --out /big/runs --steps 9',
      'npx dcgan train --data cats --steps 9',
    ],
    ["node ../../x/cli.js train --data ~/'my photos/white cats'", "npx dcgan train --data 'white cats'"],
    [
      "npx dcgan train --labels '/a b/c d.csv' --classes 'a b,c'",
      "npx dcgan train --labels 'c d.csv' --classes 'a b,c'",
    ],
    [
      'npx dcgan train --config runs/00001-x/config.json --no-flip',
      'npx dcgan train --config config.json --no-flip',
    ],
    [
      "npx dcgan train --data '/anna'\\''s/cat'\\''s' --batch 4",
      "npx dcgan train --data 'cat'\\''s' --batch 4",
    ],
  ] as const) {
    assert.is(repeatCommand(recorded), shown);
  }
});

test.run();
