// The sizes that networks make: counted out by hand, and every size that the command line accepts.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sizeText } from '../../runtime-web/format/image-shape.ts';
import { imageSizeRule } from '../../trainer/config/image-size.ts';
import { findStages, levels, nearestSize, stagesOf } from '../../trainer/config/stages.ts';

const test = suite('sizes of images');
const size = (width: number, height = width): { width: number; height: number } => ({ width, height });

test('a size is a small base, doubled', () => {
  for (const [given, base, count] of [
    [size(64), size(4), 4],
    [size(64, 96), size(4, 6), 4],
    [size(96), size(6), 4],
    [size(512, 256), size(8, 4), 6],
    [size(28), size(7), 2],
    [size(16, 64), size(4, 16), 2],
    [size(512), size(4), 7],
  ] as const) {
    assert.equal(stagesOf(given), { base, count }, sizeText(given));
  }
  assert.equal(levels(size(16, 24)), [size(4, 6), size(8, 12), size(16, 24)]);
});

test('other sizes have no stages, and the nearest that has is named', () => {
  for (const [given, nearest] of [
    [size(100), size(96)],
    [size(30, 64), size(28, 64)],
    [size(65, 97), size(64, 96)],
    [size(16, 128), size(16, 64)],
    [size(1024), size(512)],
    [size(8), size(16)],
  ] as const) {
    assert.is(findStages(given), null, sizeText(given));
    const found = nearestSize(given);
    assert.not.equal(findStages(found), null);
    const off = (other: typeof given): number =>
      Math.abs(other.width - given.width) + Math.abs(other.height - given.height);
    assert.ok(
      off(found) <= off(nearest),
      `${sizeText(given)}: ${sizeText(found)}, expected ${sizeText(nearest)}`,
    );
  }
});

test('flags and files name a size in one way', () => {
  const { parse, accepts, hint } = imageSizeRule;
  assert.is(parse('64'), 64);
  assert.is(parse('64x64'), 64);
  assert.is(parse('64x96'), '64x96');
  assert.is(parse('64×96'), '64x96');
  assert.is(parse('big'), 'big');
  for (const good of [16, 64, 28, '64x96', '512x256']) assert.ok(accepts(good), `${good}`);
  for (const bad of [8, 100, 64.5, '64', '64x64', '96×64', '64x', '', null, true, ['64x96']]) {
    assert.not.ok(accepts(bad), JSON.stringify(bad));
  }
  assert.match(hint!('64x64')!, 'write 64');
  assert.match(hint!(100)!, 'the nearest is 96');
  assert.is(hint!('big'), null);
});

test.run();
