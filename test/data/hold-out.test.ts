// Images that are set aside before training: always the same ones, none in both parts, all in one.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openAvatars } from '../../trainer/data/avatars/avatar-source.ts';
import { openDataset } from '../../trainer/data/dataset.ts';
import { openHeldOut } from '../../trainer/data/held-out.ts';
import { heldOutCount, isHoldOut, partOf, type DataPart } from '../../trainer/data/hold-out.ts';
import { dcgan } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('images set aside');
const signal = new AbortController().signal;

async function namesOf(count: number, holdOut: string, part: DataPart): Promise<string[]> {
  const source = partOf(openAvatars(count), holdOut, part);
  const names: string[] = [];
  for await (const { name } of source.images()) names.push(name);
  assert.is(names.length, source.count);
  await source.close();
  return names;
}

for (const [holdOut, aside] of [
  ['5%', 10],
  ['37', 37],
  ['0.5%', 1],
] as const) {
  test(`${holdOut} of 200 are ${aside}; with the others they are all, in the order of the data`, async () => {
    const training = await namesOf(200, holdOut, 'training');
    const heldOut = await namesOf(200, holdOut, 'held-out');
    assert.is(heldOut.length, aside);
    assert.equal(heldOut, await namesOf(200, holdOut, 'held-out'));
    const whole: string[] = [];
    for await (const { name } of openAvatars(200).images()) whole.push(name);
    const both = new Set([...training, ...heldOut]);
    assert.is(both.size, 200);
    assert.equal(
      whole.filter((name) => training.includes(name)),
      training,
    );
    // Spread over the data: not the last or the first ones.
    if (aside > 5)
      assert.ok(
        heldOut.some((name) => whole.indexOf(name) < 100) &&
          heldOut.some((name) => whole.indexOf(name) >= 100),
      );
  });
}

test('datasets of the two parts have images of their own, and a larger share contains the smaller one', async () => {
  const folder = temporaryFolder();
  const options = {
    data: 'avatars',
    avatarCount: 100,
    width: 16,
    height: 16,
    channels: 3,
    cacheFolder: folder,
    signal,
  } as const;
  const training = await openDataset({ ...options, holdOut: '20%' });
  const aside = await openHeldOut({ ...options, holdOut: '20%' }, { first: 0, count: 1 });
  assert.equal([training.count, aside?.count], [80, 20]);
  assert.is.not(training.contentHash, aside?.contentHash);
  await training.close();
  await aside?.close();
  const few = await namesOf(100, '10', 'held-out');
  const more = await namesOf(100, '20', 'held-out');
  assert.ok(few.every((name) => more.includes(name)));
});

test('shares and numbers are recognised', () => {
  for (const text of ['5%', '0.1%', '1', '200']) assert.ok(isHoldOut(text), text);
  for (const text of ['0', '0%', '100%', '-5', '1.5', 'some', '', '5 %'])
    assert.not.ok(isHoldOut(text), text);
  assert.throws(() => heldOutCount('1%', 20), /sets aside none of 20 images/);
  assert.throws(
    () => heldOutCount('95%', 100),
    /sets aside 95 of 100 images and leaves 5 to train on, expected at least 12/,
  );
  assert.throws(() => heldOutCount('500', 100), /leaves 0 to train on/);
});

test('train refuses to set everything aside, in one line with exit code 2', async () => {
  for (const [value, message] of [
    ['100%', /--hold-out: got "100%", expected a share of the images such as 5%, or their number/],
    ['9995', /--hold-out 9995: sets aside 9995 of 10000 images and leaves 5 to train on/],
  ] as const) {
    const { code, stderr } = await dcgan('train', '--hold-out', value, '--out', temporaryFolder());
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
  }
});

test.run();
