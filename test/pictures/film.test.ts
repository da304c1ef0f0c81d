// Films, read back by sharp: frames, times, loops, pixels.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { filmOf, frameDelays, writeFilm } from '../../trainer/pictures/film.ts';
import type { Grid } from '../../trainer/pictures/grid.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('films');
const folder = temporaryFolder();

/** A frame of 3x2 whose pixels are all different, and others in each frame. */
function frame(number: number, channels: 1 | 3): Grid {
  const pixels = Uint8Array.from({ length: 6 * channels }, (_, i) => 10 * number + 7 * i);
  return { width: 3, height: 2, channels, pixels };
}

test('frames last as long as the rate says, over the whole film', () => {
  assert.equal(frameDelays(6, 30, 10), [30, 40, 30, 30, 40, 30]);
  assert.equal(frameDelays(3, 30, 1), [33, 34, 33]);
  assert.equal(frameDelays(2, 50, 10), [20, 20]);
  for (const fps of [7, 12.5, 30]) {
    const total = frameDelays(100, fps, 10).reduce((sum, delay) => sum + delay, 0);
    assert.ok(Math.abs(total - 100_000 / fps) <= 5, `${fps}: ${total}`);
  }
});

for (const channels of [1, 3] as const) {
  test(`a WebP of ${channels === 1 ? 'grey' : 'coloured'} frames has every pixel`, async () => {
    const path = join(folder, `film-${channels}.webp`);
    const frames = [0, 1, 2, 3].map((number) => frame(number, channels));
    await writeFilm(path, filmOf(frames), { fps: 30, isLoop: true });
    const { pages, pageHeight, delay, loop, width } = await sharp(path, { animated: true }).metadata();
    assert.equal([pages, pageHeight, width, loop], [4, 2, 3, 0]);
    assert.equal(delay, [33, 34, 33, 33]);
    const { data, info } = await sharp(path, { animated: true })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    for (const [f, { pixels }] of frames.entries()) {
      for (let y = 0; y < 2; y++) {
        for (let x = 0; x < 3; x++) {
          for (let c = 0; c < 3; c++) {
            const at = ((f * 2 + y) * 3 + x) * info.channels + c;
            const wanted = pixels[(y * 3 + x) * channels + (channels === 1 ? 0 : c)];
            assert.is(data[at], wanted, `frame ${f}, ${x}, ${y}`);
          }
        }
      }
    }
  });
}

test('a GIF counts in hundredths, and one that plays once says so', async () => {
  const path = join(folder, 'film.gif');
  const frames = [0, 1, 2].map((number) => frame(number, 3));
  await writeFilm(path, filmOf(frames), { fps: 30, isLoop: false });
  const { pages, delay, loop, format } = await sharp(path, { animated: true }).metadata();
  assert.equal([pages, loop, format], [3, 1, 'gif']);
  assert.equal(delay, [30, 40, 30]);
  assert.ok(!readdirSync(folder).some((name) => name.endsWith('.tmp')));
});

test.run();
