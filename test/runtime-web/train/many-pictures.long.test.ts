// 300 photographs of 12 megapixels are read one after another: the browser's memory does not grow with their number.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import process from 'node:process';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { square } from '../../../runtime-web/format/image-shape.ts';
import { decodeImage } from '../../../trainer/data/image-file.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { testIn } from '../browser.ts';
import { browserSuite } from '../browser-suite.ts';
import { differences } from './pillow-pictures.ts';
import { picturePages } from './pictures-pages.ts';

const { test, pages } = await browserSuite('many pictures', (browser) =>
  picturePages(browser, temporaryFolder()),
);

const count = 300;
/** A decoded photograph of 12 megapixels. */
const decodedBytes = 4 * 4000 * 3000;

/** Resident memory of this test's processes that hold pages, in bytes; 0 where /proc is missing. */
function rendererBytes(): number {
  const text = (pid: number, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      return ''; // The process has ended, or there are no such files here.
    }
  };
  const parentOf = (pid: number): number => Number(/^PPid:\s*(\d+)/m.exec(text(pid, 'status'))?.[1] ?? 0);
  const isOurs = (pid: number): boolean => pid === process.pid || (pid > 1 && isOurs(parentOf(pid)));
  const pids = existsSync('/proc') ? readdirSync('/proc').map(Number).filter(Number.isInteger) : [];
  return pids
    .filter((pid) => text(pid, 'cmdline').includes('--type=renderer') && isOurs(pid))
    .reduce((sum, pid) => sum + 4096 * Number(text(pid, 'statm').split(' ')[1] ?? 0), 0);
}

const inChromium = testIn(['chromium'], 'has no processes that are told apart', test);
inChromium(
  `${count} photographs of 12 megapixels take the memory of a few, and are the trainer's pixels`,
  async () => {
    const [width, height] = [4000, 3000];
    const pixels = Buffer.alloc(3 * width * height);
    for (let i = 0, at = 0; i < width * height; i++, at += 3) {
      const [x, y] = [i % width, Math.floor(i / width)];
      pixels[at] = (x * 255) / width;
      pixels[at + 1] = 128 + 100 * Math.sin(y / 40);
      pixels[at + 2] = ((x >> 7) ^ (y >> 7)) & 1 ? 220 : 30;
    }
    const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 85 })
      .toBuffer();
    const { page } = await pages.open();
    const before = rendererBytes();
    let most = 0;
    const watching = setInterval(() => (most = Math.max(most, rendererBytes())), 50);
    const read = await page.evaluate(
      async ({ bytes, many }) => {
        // All files share one blob: its bytes are not held many times.
        const file = new Blob([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))]);
        const sources = Array.from({ length: many }, (_, i) => new File([file], `${i}.jpg`));
        const started = performance.now();
        const shape = { width: 32, height: 32, channels: 3 } as const;
        const { images, names, refused } = await window.train.readPictures(sources, shape);
        const ms = (performance.now() - started) / many;
        return {
          first: [...images.slice(0, 3072)],
          last: [...images.slice(-3072)],
          names: names.length,
          refused,
          ms,
        };
      },
      { bytes: jpeg.toString('base64'), many: count },
    );
    clearInterval(watching);
    console.log(
      `${Math.round(read.ms)} ms a photograph, ${Math.round((most - before) / 2 ** 20)} MB above the page`,
    );
    assert.is(read.names, count);
    assert.equal(read.refused, []);
    assert.equal(read.first, read.last);
    const { worst, mean } = differences(read.first, await decodeImage(jpeg, { ...square(32), channels: 3 }));
    assert.ok(worst <= 4 && mean < 1, `differs by ${worst}, ${mean} in the mean`);
    // Two decoded photographs at a time, and as much again before the browser has freed them.
    if (most > 0) assert.ok(most - before < 8 * decodedBytes, `${(most - before) / 2 ** 20} MB`);
  },
);

test.run();
