// The flags of `dcgan restore`: what makes no sense together is refused by name.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseRestoreFlags, type RestoreFlags } from '../../../trainer/commands/restore/restore-options.ts';
import { UserError } from '../../../trainer/errors.ts';

const test = suite('flags of dcgan restore');
const usual: RestoreFlags = {
  resize: 'crop',
  updates: '300',
  rate: '0.1',
  restarts: '4',
  realism: '0.003',
  seed: '0',
};
const at = (path: string): string => `/at/${path}`;

test('what is asked for comes out, with what is usual for the rest', () => {
  const request = parseRestoreFlags({ ...usual, centre: '0.25' }, 3, at);
  assert.equal(
    [request.task, request.hole, request.isDemonstration, request.original, request.updates],
    ['inpaint', { kind: 'centre', share: 0.25 }, false, null, 300],
  );
  const masked = parseRestoreFlags({ ...usual, mask: 'm.png', original: 'o.png' }, 1, at);
  assert.equal([masked.hole, masked.original], [{ kind: 'mask', path: '/at/m.png' }, '/at/o.png']);
  assert.is(
    parseRestoreFlags({ ...usual, task: 'denoise', demonstrate: true, noise: '50' }, 9, at).noise,
    50,
  );
  assert.equal(parseRestoreFlags({ ...usual, between: 'b.png', steps: '12' }, 1, at).steps, 12);
});

const refusals: readonly [Partial<RestoreFlags>, number, RegExp][] = [
  [{}, 1, /nothing is masked: say what to fill with --mask, --box, --centre or --random/],
  [{ mask: 'm', box: '1,1,2,2' }, 1, /--mask and --box: give one of them/],
  [{ task: 'denoise', centre: '0.2' }, 1, /--centre: has no meaning with --task denoise/],
  [{ centre: '0' }, 1, /--centre 0: nothing is masked/],
  [{ random: '1' }, 1, /--random 1: everything is masked/],
  [{ random: 'NaN' }, 1, /--random: got NaN, expected a number from 0 to 1/],
  [{ centre: '0.2', steps: '4' }, 1, /--steps: needs --between/],
  [{ between: 'b', demonstrate: true }, 1, /--demonstrate: has no meaning with --between/],
  [{ between: 'b', task: 'inpaint' }, 1, /--task: has no meaning with --between/],
  [{ between: 'b', centre: '0.2' }, 1, /--centre: has no meaning with --between/],
  [{ between: 'b' }, 2, /--between: got 2 images beside it, expected one/],
  [{ between: 'b', steps: '1' }, 1, /--steps: got 1, expected a whole number from 2/],
  [{ centre: '0.2', original: 'o' }, 2, /--original: got 2 images, expected one/],
  [{ centre: '0.2', original: 'o', demonstrate: true }, 1, /--original: has no meaning with --demonstrate/],
  [{ task: 'denoise', noise: '9' }, 1, /--noise: needs --task denoise and --demonstrate/],
  [{ task: 'denoise', demonstrate: true, noise: '0' }, 1, /--noise: got 0, expected a number above 0/],
  [{ centre: '0.2', rate: 'NaN' }, 1, /--rate: got NaN, expected a number above 0/],
  [{ centre: '0.2', updates: '0' }, 1, /--updates: got 0, expected a whole number from 1/],
  [{ centre: '0.2', restarts: '65' }, 1, /--restarts: got 65, expected a whole number from 1 to 64/],
  [{ centre: '0.2', realism: '-1' }, 1, /--realism: got -1, expected a number from 0/],
];
for (const [flags, images, message] of refusals) {
  test(`${JSON.stringify(flags)} for ${images} is refused`, () => {
    assert.throws(
      () => parseRestoreFlags({ ...usual, ...flags }, images, at),
      (error: Error) => error instanceof UserError && message.test(error.message),
    );
  });
}

test.run();
