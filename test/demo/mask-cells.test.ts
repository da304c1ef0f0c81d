// Masks as cells, in links and as pixels, without a page.
import { square } from '../../runtime-web/format/image-shape.ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cellOf, fromHex, presets, toHex, toPixels } from '../../demo/mask-cells.ts';

const test = suite('mask cells');

test('a link carries every preset, and an invalid mask is ignored', () => {
  for (const make of Object.values(presets)) {
    const cells = make();
    assert.is(cells.length, 256);
    assert.equal(fromHex(toHex(cells)), cells);
  }
  assert.is(toHex(presets['the left half']!()), 'ff00'.repeat(16));
  for (const bad of [undefined, '', 'ff00', 'FF00'.repeat(16), 'zz00'.repeat(16)])
    assert.is(fromHex(bad), null);
});

test('cells are pixels of any side', () => {
  const cells = presets['the lower half']!();
  for (const side of [16, 32, 64, 24]) {
    const pixels = toPixels(cells, square(side));
    assert.is(pixels.length, side ** 2);
    assert.is(
      pixels.reduce((sum, value) => sum + value, 0),
      side ** 2 / 2,
    );
    assert.is(pixels[0], 0);
    assert.is(pixels.at(-1), 1);
  }
  assert.is(cellOf(63, 63, square(64)), 255);
  assert.is(cellOf(0, 4, square(64)), 16);
});

test.run();
