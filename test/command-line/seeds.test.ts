// Lists of seeds: ranges, lists, both, and refusals.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSeeds } from '../../trainer/command-line/seeds.ts';
import { UserError } from '../../trainer/errors.ts';

const test = suite('parseSeeds()');

test('ranges, lists and both, in the order given, repeated where asked', () => {
  assert.equal(parseSeeds('0-3'), [0, 1, 2, 3]);
  assert.equal(parseSeeds('1,5,9'), [1, 5, 9]);
  assert.equal(parseSeeds('7'), [7]);
  assert.equal(parseSeeds('9, 2-4 ,9'), [9, 2, 3, 4, 9]);
  assert.equal(parseSeeds('5-5'), [5]);
  assert.equal(parseSeeds('9007199254740990-9007199254740991'), [9007199254740990, 9007199254740991]);
  assert.is(parseSeeds('0-99999').length, 100_000);
});

for (const [text, expected] of [
  ['', "got ''"],
  ['1,,2', "got ''"],
  ['a', "got 'a'"],
  ['-1', "got '-1'"],
  ['1.5', "got '1.5'"],
  ['1-2-3', "got '1-2-3'"],
  ['1e3', "got '1e3'"],
  ['0x10', "got '0x10'"],
  ['5-2', "'5-2' runs backwards"],
  ['9007199254740992', 'beyond the largest seed'],
  ['0-9007199254740993', 'beyond the largest seed'],
  ['0-100000', 'more than 100000 seeds'],
  ['0-9007199254740991', 'more than 100000 seeds'],
  ['0-60000,0-60000', 'more than 100000 seeds'],
] as const) {
  test(`'${text}' is refused`, () => {
    assert.throws(
      () => parseSeeds(text),
      (error: Error) =>
        error instanceof UserError &&
        error.message.startsWith(`--seeds ${text}: `) &&
        error.message.includes(expected),
    );
  });
}

test.run();
