// The options of `dcgan restore`: combinations that contradict each other are refused by name.
import { Command } from 'commander';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addOptions } from '../../../trainer/command-line/options.ts';
import {
  restoreOptions,
  restoreRequest,
  type RestoreRequest,
} from '../../../trainer/commands/restore/restore-options.ts';
import { UserError } from '../../../trainer/errors.ts';

const test = suite('options of dcgan restore');

/** The request that flags make for so many images. */
function requestOf(flags: string, images: number): RestoreRequest {
  const command = addOptions(new Command(), restoreOptions);
  const given = flags === '' ? [] : flags.split(' ');
  return restoreRequest(command.parse(given, { from: 'user' }).opts(), images, (path) => `/at/${path}`);
}

test('the request has the values of the flags, and defaults for the rest', () => {
  const request = requestOf('--centre 0.25', 3);
  assert.equal(
    [request.task, request.hole, request.isDemonstration, request.original, request.updates],
    ['inpaint', { kind: 'centre', share: 0.25 }, false, null, 300],
  );
  const masked = requestOf('--mask m.png --original o.png', 1);
  assert.equal([masked.hole, masked.original], [{ kind: 'mask', path: '/at/m.png' }, '/at/o.png']);
  assert.is(requestOf('--task denoise --demonstrate --noise 50', 9).noise, 50);
  assert.equal(requestOf('--between b.png --steps 12', 1).steps, 12);
});

const refusals: readonly (readonly [string, number, RegExp])[] = [
  ['', 1, /nothing is masked: say what to fill with --mask, --box, --centre or --random/],
  ['--mask m --box 1,1,2,2', 1, /--mask and --box: give one of them/],
  ['--task denoise --centre 0.2', 1, /--centre: has no meaning with --task denoise/],
  ['--centre 0', 1, /--centre 0: nothing is masked/],
  ['--random 1', 1, /--random 1: everything is masked/],
  ['--random NaN', 1, /--random: got NaN, expected a number from 0 to 1/],
  ['--centre 0.2 --steps 4', 1, /--steps: needs --between/],
  ['--between b --demonstrate', 1, /--demonstrate: has no meaning with --between/],
  ['--between b --task inpaint', 1, /--task: has no meaning with --between/],
  ['--between b --centre 0.2', 1, /--centre: has no meaning with --between/],
  ['--between b', 2, /--between: got 2 images beside it, expected one/],
  ['--between b --steps 1', 1, /--steps: got 1, expected a whole number from 2/],
  ['--centre 0.2 --original o', 2, /--original: got 2 images, expected one/],
  ['--centre 0.2 --original o --demonstrate', 1, /--original: has no meaning with --demonstrate/],
  ['--task denoise --noise 9', 1, /--noise: needs --task denoise and --demonstrate/],
  ['--task denoise --demonstrate --noise 0', 1, /--noise: got 0, expected a number above 0/],
  ['--centre 0.2 --rate NaN', 1, /--rate: got NaN, expected a number above 0/],
  ['--centre 0.2 --updates 0', 1, /--updates: got 0, expected a whole number from 1/],
  ['--centre 0.2 --restarts 65', 1, /--restarts: got 65, expected a whole number from 1 to 64/],
  ['--centre 0.2 --realism -1', 1, /--realism: got -1, expected a number from 0/],
];
for (const [flags, images, message] of refusals) {
  test(`'${flags}' for ${images} is refused`, () => {
    assert.throws(
      () => requestOf(flags, images),
      (error: Error) => error instanceof UserError && message.test(error.message),
    );
  });
}

test.run();
