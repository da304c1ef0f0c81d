// The rooms of conditional models and of steering, in a real browser: classes of the model that comes along, codes, styles and
// steering of small models that are dropped on the page.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dcgan, jsonLines, smallRun } from '../command-line.ts';
import { temporaryFolder } from '../run/temporary-folder.ts';
import { axeViolations, openBrowser } from '../runtime-web/browser.ts';
import { demoPages, site } from './pages.ts';

const test = suite('rooms of the family');
const browser = existsSync(site) ? await openBrowser('rooms of the family') : null;
const rooms = demoPages(browser);
const { open } = rooms;
test.after.each(() => rooms.close());
test.after(() => browser?.close());

/** Drops a model on the page and goes to a room with it. */
async function openWith(folder: string, room: string) {
  const opened = await open('#models');
  await opened.page.setInputFiles('input[type=file]', folder);
  await opened.page.waitForFunction(() => location.hash.startsWith('#generate?model=dropped'));
  await opened.page.evaluate(
    (name) => (location.hash = location.hash.replace('#generate', `#${name}`)),
    room,
  );
  await opened.page.locator('h2', { hasText: new RegExp(room.replace('-', ' '), 'i') }).waitFor();
  return opened;
}

const bytesOf = (page: Page, selector: string): Promise<string[]> =>
  page.evaluate(
    (wanted) =>
      [...document.querySelectorAll<HTMLCanvasElement>(wanted)].map((canvas) =>
        canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.join(),
      ),
    selector,
  );

async function train(...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await dcgan(...smallRun('avatars', temporaryFolder(), 4), ...flags);
  assert.is(code, 0, stderr);
  return String(jsonLines(stdout).at(-1)!['runDir']);
}

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('classes: a row for each, other numbers draw other pictures, and a link shows the same', async () => {
    const { page, said } = await open('#classes?model=fashion-mnist-classes&seed=3');
    await page.waitForSelector('.classes canvas');
    assert.is(await page.locator('.classes tr').count(), 10);
    assert.is(await page.locator('.classes canvas').count(), 80);
    const before = await bytesOf(page, '.classes canvas');
    assert.is(new Set(before).size, 80, 'no two pictures are the same');
    await page.locator('.classes button').nth(9).click();
    await page.getByText(/^32 pictures of/).waitFor();
    await page.reload();
    await page.getByText(/^32 pictures of/).waitFor();
    assert.equal(await bytesOf(page, '.classes canvas'), before);
    await page.getByRole('button', { name: 'Other numbers' }).click();
    await page.waitForFunction(() => !location.hash.includes('seed=3&') && !location.hash.endsWith('seed=3'));
    await page.waitForTimeout(1500);
    assert.is.not((await bytesOf(page, '.classes canvas'))[0], before[0]);
    assert.equal(await axeViolations(page), []);
    assert.equal(
      said.filter((line) => !line.includes('willReadFrequently')),
      [],
    );
  });

  test('codes: choices and sliders change the picture, and a table shows all of them', async () => {
    const run = await train('--condition', 'info', '--codes', 'categorical:3,continuous:2');
    const { page, said } = await openWith(join(run, 'model'), 'codes');
    await page.waitForSelector('.classes canvas');
    assert.is(await page.locator('.classes tr').count(), 3);
    assert.is(await page.locator('.classes canvas').count(), 27);
    const [first] = await bytesOf(page, 'canvas.large');
    await page.getByLabel('category').selectOption('2');
    await page.waitForTimeout(800);
    const [other] = await bytesOf(page, 'canvas.large');
    assert.is.not(other, first);
    await page.getByRole('slider', { name: 'code 2' }).fill('1');
    await page.waitForTimeout(800);
    assert.is.not((await bytesOf(page, 'canvas.large'))[0], other);
    assert.match(page.url(), /code1=2/);
    assert.match(page.url(), /code3=1/);
    assert.equal(await axeViolations(page), []);
    assert.equal(
      said.filter((line) => !line.includes('willReadFrequently')),
      [],
    );
  });

  test('mix styles: a table of two kinds of faces; layers, faces and distance change it, and a link shows the same', async () => {
    const run = await train('--network', 'stylegan', '--grow-from', 'none', '--mapping-layers', '2');
    const { page, said } = await openWith(join(run, 'model'), 'mix-styles');
    await page.waitForSelector('.mixed canvas');
    assert.is(await page.locator('.mixed canvas').count(), 10 + 24);
    const shown = (): Promise<string[]> => bytesOf(page, '.mixed canvas');
    const first = await shown();
    const changed = async (): Promise<void> => {
      await page.waitForFunction(
        (before) => {
          const canvas = document.querySelectorAll<HTMLCanvasElement>('.mixed td canvas')[0]!;
          return (
            canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.join() !== before
          );
        },
        (await bytesOf(page, '.mixed td canvas'))[0]!,
      );
    };
    const isChanged = changed();
    await page.getByLabel('Styles of the face above').selectOption('8');
    await isChanged;
    const other = await shown();
    assert.equal(other.slice(0, 6), first.slice(0, 6), 'the faces themselves stay');
    const isNearer = changed();
    await page.getByRole('slider', { name: 'distance from the mean style' }).fill('0');
    await isNearer;
    await page.waitForTimeout(500);
    assert.is(new Set(await shown()).size, 1, 'at no distance all are the mean face');
    assert.match(page.url(), /from=8/);
    await page.reload();
    await page.waitForSelector('.mixed canvas');
    assert.is(new Set(await shown()).size, 1);
    assert.equal(await axeViolations(page), []);
    assert.equal(
      said.filter((line) => !line.includes('willReadFrequently')),
      [],
    );
  });

  test('steer: more of an attribute moves the picture and its meter; start again undoes it', async () => {
    const run = await train();
    const folder = join(temporaryFolder(), 'steered');
    const exported = await dcgan('export', run, '--steering', '--classifier-steps', '60', '--out', folder);
    assert.is(exported.code, 0, exported.stderr);
    const { page, said } = await openWith(folder, 'steer');
    await page.waitForSelector('.steering meter');
    const [first] = await bytesOf(page, 'canvas.large');
    await page.locator('tr', { hasText: /^hat/ }).getByRole('button', { name: 'More' }).click();
    await page.getByText(/^Hat added\./).waitFor();
    assert.is.not((await bytesOf(page, 'canvas.large'))[0], first);
    await page.getByRole('button', { name: 'Start again' }).click();
    await page.getByText(/^Picture 12\./).waitFor();
    assert.is((await bytesOf(page, 'canvas.large'))[0], first);
    assert.equal(await axeViolations(page), []);
    assert.equal(
      said.filter((line) => !line.includes('willReadFrequently')),
      [],
    );
  });
}

test.run();
