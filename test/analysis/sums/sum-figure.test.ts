// The figure of a sum: each picture at its place, each sign between two columns.
import { square } from '../../../runtime-web/format/image-shape.ts';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { figureLayout, sumFigure } from '../../../trainer/analysis/sums/sum-figure.ts';
import type { HostTensor } from '../../../trainer/graph/trace/graph.ts';

const test = suite('figure of a sum');
const size = 8;
/** A picture of one grey level, of `channels`. */
const flat = (level: number, channels: 1 | 3): HostTensor => ({
  shape: [1, size, size, channels],
  dtype: 'float32',
  data: new Float32Array(size * size * channels).fill(level / 127.5 - 1),
});

for (const channels of [1, 3] as const) {
  test(`exemplars above, means below, the sum in the middle of nine, with ${channels} channels`, async () => {
    const scale = 3;
    const tile = size * scale;
    const term = (sign: 1 | -1, base: number, count: number) => ({
      sign,
      exemplars: Array.from({ length: count }, (_, i) => flat(base + i, channels)),
      mean: flat(base + 9, channels),
    });
    const terms = [term(1, 100, 3), term(-1, 120, 1), term(1, 140, 2)];
    const nine = Array.from({ length: 9 }, (_, i) => flat(200 + i, channels));
    const { data, info } = await sharp(await sumFigure(terms, nine, scale))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height, columns, meanTop, gap, between, resultLeft } = figureLayout(
      [3, 1, 2],
      square(tile),
    );
    assert.equal([info.width, info.height, info.channels], [width, height, 3]);
    const at = (x: number, y: number): number => data[(y * width + x) * 3 + 1]!;
    /** All of a tile is of one level. */
    const isTile = (left: number, top: number, level: number): void => {
      for (const [x, y] of [
        [0, 0],
        [tile - 1, 0],
        [0, tile - 1],
        [tile - 1, tile - 1],
        [tile >> 1, tile >> 1],
      ] as const) {
        assert.is(at(left + x, top + y), level, `${left + x}, ${top + y}`);
      }
    };
    terms.forEach(({ exemplars }, t) => {
      isTile(columns[t]!, meanTop, [109, 129, 149][t]!);
      const bottom = meanTop - 2 * gap;
      exemplars.forEach((_, i) =>
        isTile(columns[t]!, bottom - (exemplars.length - i) * tile, [100, 120, 140][t]! + i),
      );
    });
    nine.forEach((_, i) =>
      isTile(resultLeft + (i % 3) * tile, height - gap - (3 - Math.floor(i / 3)) * tile, 200 + i),
    );
    /** Dark pixels in the space before a column: across the middle of the means, and down the middle of the space. */
    const dark = (left: number): readonly [number, number] => {
      const [middle, centre] = [left - Math.round(between / 2), meanTop + Math.round(tile / 2)];
      let [across, down] = [0, 0];
      for (let i = -tile / 2; i < tile / 2; i++) {
        if (Math.abs(i) < between / 2) across += Number(at(middle + i, centre) < 100);
        down += Number(at(middle, centre + i) < 100);
      }
      return [across, down];
    };
    const thick = 1;
    const side = Math.round(tile / 4);
    assert.equal(dark(columns[1]!), [side, thick], 'minus');
    assert.equal(dark(columns[2]!), [side, side], 'plus');
    assert.equal(dark(resultLeft), [0, 2 * thick], 'equals');
  });
}

test.run();
