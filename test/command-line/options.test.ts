// Options: values by rule, defaults, and refusals.
import { Command } from 'commander';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  addOptions,
  option,
  refuseOptions,
  repeatedOption,
  requiredOption,
  toggle,
  type FlagsOf,
} from '../../trainer/command-line/options.ts';
import { oneOf, someText, wholeNumber } from '../../trainer/config/rules.ts';
import { UserError } from '../../trainer/errors.ts';

const test = suite('options');

const options = [
  requiredOption('--per-class <n>', 'images of each class', wholeNumber(1, 100)),
  option('--steps <n>', 'updates', wholeNumber(1, 100), 60),
  option('--columns <n>', 'images in a row', wholeNumber(1, 100)),
  option('--path <how>', 'way', oneOf('slerp', 'linear')),
  repeatedOption('--out <place>', 'file', someText),
  toggle('--json', 'one JSON line'),
  toggle('--no-align', 'do not align'),
];
const makeCommand = (): Command =>
  addOptions(new Command(), options)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
const parse = (...args: readonly string[]): FlagsOf<typeof options> =>
  makeCommand().parse(args, { from: 'user' }).opts();

test('values are parsed by their rules; without a flag it is the default, null, an empty list or false', () => {
  assert.equal(parse('--per-class', '3'), {
    perClass: 3,
    steps: 60,
    columns: null,
    path: null,
    out: [],
    json: false,
    align: true,
  });
  const given = '--per-class 3 --steps 7 --columns 2 --path linear --out a --out b --json --no-align';
  assert.equal(parse(...given.split(' ')), {
    perClass: 3,
    steps: 7,
    columns: 2,
    path: 'linear',
    out: ['a', 'b'],
    json: true,
    align: false,
  });
});

test('a value that the rule does not accept is refused with the flag, the value and the rule', () => {
  assert.throws(
    () => parse('--per-class', '3', '--steps', '0'),
    (error: Error) =>
      error instanceof UserError && error.message === '--steps: got 0, expected a whole number from 1 to 100',
  );
  assert.throws(() => parse('--per-class', '3', '--path', 'square'), /Allowed choices are slerp, linear/);
  assert.throws(() => parse(), /required option '--per-class <n>' not specified/);
});

test('--help shows defaults, except null, an empty list and false', () => {
  const help = makeCommand().helpInformation();
  assert.match(help, 'updates (default: 60)');
  assert.is(help.split('default').length, 2);
});

test('an option that has no effect is refused only if it was given', () => {
  const command = makeCommand().parse(['--per-class', '3', '--columns', '2'], { from: 'user' });
  refuseOptions(command, ['steps'], 'is for films');
  assert.throws(
    () => refuseOptions(command, ['steps', 'columns'], 'is for films'),
    /--columns: is for films/,
  );
});

test.run();
