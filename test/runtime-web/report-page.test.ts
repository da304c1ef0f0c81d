// The report page in a browser: the file from disk, without a network, and the live page of a real run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultConfig } from '../../trainer/config/fields.ts';
import { gridName } from '../../trainer/pictures/grid.ts';
import { writeReport } from '../../trainer/run/report.ts';
import { runFolderAt } from '../../trainer/run/run-folder.ts';
import { beginSession, endSession } from '../../trainer/run/sessions.ts';
import { healthyLine } from '../run/healthy-line.ts';
import { smallPictures, smallRun, start } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { axeViolations, listen, openBrowser } from './browser.ts';

const test = suite('report page');
const browser = await openBrowser('report page');
if (browser === null) process.exit();

/** A grid of 4 × 4 images of 16 × 16 pixels; image i has the red value 10 · i, and the green value of the step. */
async function drawGrid(path: string, green: number): Promise<void> {
  const pixels = new Uint8Array(64 * 64 * 3);
  for (let k = 0; k < 64 * 64; k++) {
    const seed = Math.floor(k / 1024) * 4 + (Math.floor(k / 16) % 4);
    pixels.set([10 * seed, green, 0], 3 * k);
  }
  writeFileSync(
    path,
    await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer(),
  );
}

/** The report of a run of 500 steps with three grids, as a file's URL. */
async function staticReport(): Promise<string> {
  const folder = runFolderAt(join(temporaryFolder(), '00001-x-dcgan'));
  mkdirSync(folder.samples, { recursive: true });
  for (const step of [100, 300, 500]) await drawGrid(join(folder.samples, gridName(step)), step / 2);
  await drawGrid(folder.reals, 255);
  const lines = Array.from({ length: 20 }, (_, i) => ({
    ...healthyLine((i + 1) * 25),
    diversity: 0.8,
    ...(i % 5 === 4 && {
      frechet: 20 - i,
      kid: 0.01,
      precision: 0.5,
      recall: 0.4,
      network: 'dcgan-features 1, no FID',
    }),
  }));
  const commands = {
    repeat: 'train',
    resume: 'a',
    extend: 'b',
    export: 'c',
    sample: 'd',
    walk: 'e',
    evaluate: 'f',
  };
  await beginSession(folder, {
    startedAt: '2026-01-02T03:04:05Z',
    step: 0,
    version: '1.2.3',
    engine: { engine: 'onnx-cpu', version: 'onnxruntime-node 1', threads: 2, processor: 'A processor' },
    commands: { ...commands, embed: ['g'] },
  });
  await endSession(folder, { how: 'finished', reason: null });
  await writeReport(folder, { ...defaultConfig, sampleCount: 16, objective: 'hinge' }, lines);
  return pathToFileURL(folder.report).href;
}

test('the file opens from disk, asks nothing of a network, and axe finds nothing', async () => {
  const url = await staticReport();
  for (const [viewport, colorScheme] of [
    [{ width: 1280, height: 800 }, 'light'],
    [{ width: 390, height: 844 }, 'dark'],
  ] as const) {
    const page = await browser.newPage({ viewport, colorScheme });
    const said = listen(page);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(url);
    await page.waitForSelector('.u-legend');
    assert.equal(
      requests.filter((address) => !/^(file|data):/.test(address)),
      [],
    );
    assert.equal(await axeViolations(page), []);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.is(width, viewport.width);
    const [real, generated] = await Promise.all(
      ['#reals', '#grid'].map((name) => page.locator(`.window:has(${name})`).boundingBox()),
    );
    assert.is(real?.y, generated?.y);
    assert.ok(real!.x + real!.width <= generated!.x);
    assert.equal(said, []);
    await page.close();
  }
});

test('the page shows verdict, date, version, engine, commands, and only what differs from the default', async () => {
  const page = await browser.newPage();
  await page.goto(await staticReport());
  const text = await page.locator('body').innerText();
  for (const expected of [
    'Healthy.',
    'Training has ended, after 500 steps',
    '2 Jan 2026',
    'dcgan 1.2.3',
    'onnx-cpu, onnxruntime-node 1',
    'A processor',
    'dcgan-features 1, no FID',
    'Mean scores, not probabilities',
  ]) {
    assert.match(text, expected);
  }
  assert.equal(await page.locator('#changed dt').allInnerTexts(), ['objective', 'sampleCount']);
  assert.is(await page.getByText('baseWidth').isVisible(), false);
  await page.locator('summary').click();
  assert.is(await page.getByText('baseWidth').isVisible(), true);
  await page.close();
});

test('one seed over time is the same cell of every grid', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(await staticReport());
  /** The colour in the middle of each picture of the strip. */
  const colours = async (): Promise<number[][]> => {
    const cells = await page.locator('#strip .cell').all();
    return Promise.all(
      cells.map(async (cell) => {
        const { data, info } = await sharp(await cell.screenshot())
          .removeAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true });
        const middle = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * 3;
        return [data[middle]!, data[middle + 1]!];
      }),
    );
  };
  const near = (found: readonly number[][], expected: readonly number[][]): void => {
    const worst = Math.max(
      ...found.flatMap((pair, i) => pair.map((value, k) => Math.abs(value - expected[i]![k]!))),
    );
    assert.ok(found.length === expected.length && worst < 12, JSON.stringify(found));
  };
  near(await colours(), [
    [0, 50],
    [0, 150],
    [0, 250],
  ]);
  const box = (await page.locator('#grid').boundingBox())!;
  await page.locator('#grid').click({ position: { x: (box.width * 3.5) / 4, y: (box.height * 2.5) / 4 } });
  assert.is(await page.locator('#seed').inputValue(), '11');
  near(await colours(), [
    [110, 50],
    [110, 150],
    [110, 250],
  ]);
  await page.close();
});

test('the live page follows a run in place, and says when it has ended', async () => {
  const flags = ['--watch', '--sample-every', '10', '--report-every', '5'];
  const run = start([...smallRun(await smallPictures(), temporaryFolder(), 100_000), ...flags]);
  try {
    const { url } = JSON.parse(await run.printedLine('"watching"')) as { url: string };
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const said = listen(page);
    const pages: string[] = [];
    page.on('request', (request) => {
      if (request.isNavigationRequest()) pages.push(request.url());
    });
    await page.goto(url);
    await page.waitForFunction(() => document.querySelectorAll('#strip button').length > 1);
    // The first elements, to see that they are not made anew, and what is in view, to see that it stays there.
    const before = await page.evaluate(() => {
      const kept = [document.querySelector('#strip button'), document.querySelector('#charts canvas')];
      const inView = document.querySelector('#charts h2')!;
      inView.scrollIntoView();
      Object.assign(window, { kept, inView });
      return {
        state: document.querySelector('#state')?.textContent,
        top: inView.getBoundingClientRect().top,
      };
    });
    await page.waitForFunction(
      (state) => document.querySelector('#state')?.textContent !== state,
      before.state ?? '',
    );
    const after = await page.evaluate(() => {
      const { kept, inView } = window as unknown as { kept: Element[]; inView: Element };
      return {
        isSame: kept.every((element) => element.isConnected),
        top: inView.getBoundingClientRect().top,
        scroll: scrollY,
      };
    });
    assert.is(after.isSame, true);
    assert.ok(Math.abs(after.top - before.top) < 1, `${before.top} ${after.top}`);
    assert.ok(after.scroll > 100);
    assert.equal(await axeViolations(page), []);
    run.kill('SIGINT');
    await page.waitForFunction(() =>
      document.querySelector('#state')?.textContent?.startsWith('Training was stopped'),
    );
    assert.is((await run.ended).code, 130);
    // The server is gone; the pictures stay.
    await page.locator('#strip button').first().click();
    await page.waitForFunction(() => (document.querySelector('#grid') as HTMLImageElement).complete);
    assert.ok(
      await page.evaluate(() => (document.querySelector('#grid') as HTMLImageElement).naturalWidth > 0),
    );
    assert.equal([pages.length, said], [1, []]);
    await page.close();
  } finally {
    run.kill('SIGKILL');
  }
});

test.after(() => browser.close());

test.run();
