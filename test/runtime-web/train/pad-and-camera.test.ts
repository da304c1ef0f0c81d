// The drawing pad and the camera in a real browser, under the demo's security policy.
import * as assert from 'uvu/assert';
import type { Page } from 'playwright-core';
import type { DrawingPad } from '../../../runtime-web/train/index.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { axeViolations, testIn } from '../browser.ts';
import { browserSuite } from '../browser-suite.ts';
import { picturePages } from './pictures-pages.ts';

declare global {
  interface Window {
    pad: DrawingPad;
    moves: string[];
    changes: number;
  }
}

const { test, pages } = await browserSuite('drawing pad and camera', (browser) =>
  picturePages(browser, temporaryFolder()),
);

/** Makes the page's canvas a pad of 32x32 squares of 10 pixels; resolves to its corner. */
async function withPad(page: Page): Promise<{ x: number; y: number }> {
  await page.evaluate(async () => {
    const canvas = document.querySelector('canvas')!;
    canvas.style.width = canvas.style.height = '320px';
    window.moves = [];
    window.changes = 0;
    window.pad = await window.train.drawingPad(canvas, {
      onMove: ({ column, row, isPainted }) => window.moves.push(`${column} ${row} ${isPainted}`),
      onChange: () => (window.changes += 1),
    });
  });
  return (await page.locator('canvas').boundingBox())!;
}

/** The drawing's red values, [32, 32]. */
const drawn = (page: Page): Promise<number[]> =>
  page.evaluate(() => [...window.pad.picture().data].filter((_, i) => i % 4 === 0));

/** The squares that are darker than a half, as `column row`. */
const darkSquares = (reds: readonly number[]): string[] =>
  reds.flatMap((red, i) => (red < 128 ? [`${i % 32} ${Math.floor(i / 32)}`] : []));

test('the mouse, a finger and a pen draw lines, which are taken back one by one', async () => {
  const { page, said } = await pages.open();
  const { x, y } = await withPad(page);
  assert.ok(await page.evaluate(() => window.pad.isEmpty));
  await page.mouse.move(x + 50, y + 100);
  await page.mouse.down();
  await page.mouse.move(x + 250, y + 100, { steps: 4 });
  await page.mouse.up();
  await page.mouse.move(x + 250, y + 300);
  // A line of width 2 around the height 10, from 5 to 25.
  const expected = [9, 10].flatMap((row) => Array.from({ length: 20 }, (_, i) => `${5 + i} ${row}`));
  const line = darkSquares(await drawn(page));
  assert.equal(
    expected.filter((square) => !line.includes(square)),
    [],
  );
  assert.ok(line.length <= expected.length + 8, line.join());
  const changes = await page.evaluate(() => window.changes);
  assert.ok(changes >= 2);

  const debug = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', at: readonly { x: number; y: number }[]) =>
    debug.send('Input.dispatchTouchEvent', { type, touchPoints: [...at] });
  await touch('touchStart', [{ x: x + 100, y: y + 150 }]);
  await touch('touchMove', [{ x: x + 100, y: y + 250 }]);
  await touch('touchEnd', []);
  const touched = darkSquares(await drawn(page));
  assert.ok(touched.includes('9 20') && touched.includes('10 24'), touched.join());

  const pen = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', force: number) => {
    const at = {
      x: x + 200,
      y: y + 200,
      button: 'left',
      buttons: type === 'mouseReleased' ? 0 : 1,
    } as const;
    return debug.send('Input.dispatchMouseEvent', {
      type,
      ...at,
      force,
      pointerType: 'pen',
      clickCount: 1,
    });
  };
  await pen('mousePressed', 1);
  await pen('mouseReleased', 0);
  const penned = darkSquares(await drawn(page)).filter((square) => !touched.includes(square));
  // Pressed fully, a pen draws one and a half times the brush's width: a dot of 3.
  assert.ok(
    penned.includes('19 19') && penned.includes('20 20') && penned.length >= 4,
    `painted ${penned.join()}`,
  );

  await page.evaluate(() => window.pad.undo());
  assert.equal(darkSquares(await drawn(page)), touched);
  await page.evaluate(() => window.pad.undo());
  assert.equal(darkSquares(await drawn(page)), line);
  await page.evaluate(() => window.pad.clear());
  assert.ok(await page.evaluate(() => window.pad.isEmpty));
  await page.evaluate(() => window.pad.undo());
  assert.equal(darkSquares(await drawn(page)), line);
  assert.equal(said, []);
});

test('keys move over the squares, paint, draw, erase, take back and clear', async () => {
  const { page, said } = await pages.open();
  await withPad(page);
  await page.evaluate(() => window.pad.set({ brush: 1 }));
  await page.locator('canvas').focus();
  for (const key of [
    'ArrowLeft',
    'ArrowUp',
    ' ',
    'Shift+ArrowRight',
    'Shift+ArrowRight',
    'ArrowDown',
    'Enter',
  ])
    await page.keyboard.press(key);
  assert.equal(darkSquares(await drawn(page)), ['15 15', '16 15', '17 15', '17 16']);
  assert.is((await drawn(page))[15 * 32 + 15], 0);
  const moves = await page.evaluate(() => window.moves);
  assert.equal(moves, [
    '15 16 false',
    '15 15 false',
    '15 15 true',
    '16 15 true',
    '17 15 true',
    '17 16 false',
    '17 16 true',
  ]);
  for (const key of ['e', 'ArrowUp', ' ', 'E']) await page.keyboard.press(key);
  assert.equal(darkSquares(await drawn(page)), ['15 15', '16 15', '17 16']);
  await page.keyboard.press('Control+z');
  assert.equal(darkSquares(await drawn(page)), ['15 15', '16 15', '17 15', '17 16']);
  await page.keyboard.press('Delete');
  assert.ok(await page.evaluate(() => window.pad.isEmpty));
  await page.keyboard.press('z');
  for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowRight');
  assert.is((await page.evaluate(() => window.moves)).at(-1), '31 15 false');
  // Tab leaves the pad.
  await page.keyboard.press('Shift+Tab');
  assert.is(await page.evaluate(() => document.activeElement?.tagName), 'INPUT');
  const violations = await axeViolations(page);
  assert.equal(
    violations.filter((each) => each.includes('canvas')),
    [],
  );
  const trained = await page.evaluate(async () => {
    window.pad.dispose();
    const shape = { width: 32, height: 32, channels: 1 } as const;
    const { images } = await window.train.readPictures([window.pad.picture()], shape);
    return [...images].flatMap((value, i) => (value === 0 ? [`${i % 32} ${Math.floor(i / 32)}`] : []));
  });
  assert.equal(trained, ['15 15', '16 15', '17 15', '17 16']);
  const wrong = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    const messageOf = (options: object): Promise<string> =>
      window.train.drawingPad(canvas, options).then(
        () => 'none',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    return [
      await messageOf({ width: 3 }),
      await messageOf({ brush: 0 }),
      await messageOf({ colour: 'blau' }),
    ];
  });
  [/^RangeError: width: got 3/, /^RangeError: brush: got 0/, /^RangeError: colour: got blau/].forEach(
    (pattern, i) => assert.match(wrong[i]!, pattern),
  );
  assert.equal(said, []);
});

const withFakeCamera = testIn(['chromium'], 'has no camera without a device', test);
withFakeCamera(
  'a burst is of frames that differ, only when asked for, and switches the camera off',
  async () => {
    const { page, said } = await pages.open({ permissions: ['camera'] });
    const result = await page.evaluate(async () => {
      let asked = 0;
      const { mediaDevices } = navigator;
      const ask = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = (constraints) => {
        asked += 1;
        return ask(constraints);
      };
      const { startCamera, readPictures } = window.train;
      await readPictures([], { width: 8, height: 8, channels: 3 });
      const before = asked;
      const camera = await startCamera();
      const states = (): string[] =>
        camera.stream.getTracks().map((track) => `${track.kind} ${track.readyState}`);
      const taken: number[] = [];
      const first = await camera.burst({ count: 2, intervalMs: 0, keepOn: true });
      const kept = states();
      const pictures = await camera.burst({
        count: 12,
        intervalMs: 60,
        onPicture: (_, index) => taken.push(index),
      });
      const after = states();
      const read = await readPictures(pictures, { width: 16, height: 16, channels: 3 });
      const messageOf = (work: Promise<unknown>): Promise<string> =>
        work.then(
          () => 'none',
          (error: Error) => `${error.name}: ${error.message}`,
        );
      const ended = await messageOf(camera.burst({ count: 1 }));
      const other = await startCamera({ facing: 'environment' });
      const abort = new AbortController();
      const aborted = messageOf(other.burst({ signal: abort.signal }));
      abort.abort(new Error('enough'));
      return {
        ...{ asked, before, kept, taken, after, ended, aborted: await aborted },
        otherState: other.stream.getVideoTracks()[0]!.readyState,
        sizes: [...first, ...pictures].map(({ width, height }) => `${width}x${height}`),
        distinct: new Set(pictures.map(({ data }) => data.join())).size,
        means: pictures.map(({ data }) => data.reduce((sum, byte) => sum + byte / data.length, 0)),
        count: read.images.length / 768,
        wrong: await messageOf(other.burst({ count: 0 })),
      };
    });
    assert.is(result.before, 0);
    assert.is(result.asked, 2);
    assert.equal(result.kept, ['video live']);
    assert.equal(result.after, ['video ended']);
    assert.equal(
      result.taken,
      Array.from({ length: 12 }, (_, i) => i),
    );
    assert.equal(new Set(result.sizes).size, 1);
    assert.is(result.sizes[0], '341x256');
    assert.ok(result.distinct >= 8, `${result.distinct} distinct frames`);
    // Chromium's fake camera shows a moving figure on green.
    assert.ok(
      result.means.every((mean) => mean > 70 && mean < 240),
      result.means.join(),
    );
    assert.is(result.count, 12);
    assert.match(result.ended, /^AbortError: camera: it was switched off/);
    assert.is(result.aborted, 'Error: enough');
    assert.is(result.otherState, 'ended');
    assert.match(result.wrong, /^RangeError: count: got 0/);
    assert.equal(said, []);
  },
);

withFakeCamera('a camera that the visitor refuses says what to do', async () => {
  const { page } = await pages.open();
  const message = await page.evaluate(() =>
    window.train.startCamera().then(
      () => 'none',
      (error: Error) => `${error.name}: ${error.message}`,
    ),
  );
  assert.match(
    message,
    /^NotAllowedError: camera: this page may not use the camera; allow it beside the address/,
  );
});

test.run();
