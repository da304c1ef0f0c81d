// The rooms of conditional models and of steering, in a real browser: classes of an included model, codes, styles and
// steering of small models that are dropped on the page.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dcgan, jsonLines, smallRun } from '../shared/command-line.ts';
import { attributesOfColour, conditionPackage, numbersOfColour } from '../shared/condition-package.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { axeViolations, openBrowser } from '../runtime-web/browser.ts';
import { avatarsRun, codesModel } from '../runtime-web/models.ts';
import { changedFrom, chooseModel, demoPages, drawn, pixelsOf, site } from './pages.ts';

const test = suite('rooms of the family');
const browser = existsSync(site) ? await openBrowser('rooms of the family') : null;
const rooms = demoPages(browser);
const { open } = rooms;
test.after.each(() => rooms.close());
test.after(() => browser?.close());

/** Drops a model on the page and goes to a room with it. */
async function openWith(folder: string, room: string) {
  const opened = await open('#models');
  await chooseModel(opened.page, folder);
  await opened.page.evaluate(
    (name) => (location.hash = location.hash.replace('#generate', `#${name}`)),
    room,
  );
  await opened.page.locator('h2', { hasText: new RegExp(room.replace('-', ' '), 'i') }).waitFor();
  return opened;
}

/** The colour of the large picture's first pixel. */
const firstPixel = async (page: Page): Promise<string> =>
  (await pixelsOf(page, 'canvas.large'))[0]!.split(',', 3).join();

/** Resolves when every canvas of the table shows the same picture. */
const allSame = (page: Page): Promise<unknown> =>
  page.waitForFunction(
    () => {
      const all = [...document.querySelectorAll<HTMLCanvasElement>('.mixed canvas')].map((canvas) =>
        canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.join(),
      );
      return new Set(all).size === 1;
    },
    undefined,
    { polling: 50 },
  );

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('classes: a row for each, other seeds give other images, and a link shows the same', async () => {
    const { page, said } = await open('#classes?model=fashion-mnist-classes&seed=3');
    await page.waitForSelector('.classes canvas');
    assert.is(await page.locator('.classes tr').count(), 10);
    assert.is(await page.locator('.classes canvas').count(), 80);
    const before = await pixelsOf(page, '.classes canvas');
    assert.is(new Set(before).size, 80, 'no two pictures are the same');
    await page.locator('.classes button').nth(9).click();
    await page.getByText(/^32 pictures of/).waitFor();
    await page.reload();
    await page.getByText(/^32 pictures of/).waitFor();
    assert.equal(await pixelsOf(page, '.classes canvas'), before);
    await page.getByRole('button', { name: 'Other numbers' }).click();
    await page.waitForFunction(() => !location.hash.includes('seed=3&') && !location.hash.endsWith('seed=3'));
    await changedFrom(page, before[0], '.classes canvas');
    assert.equal(await axeViolations(page), []);
    assert.equal(said, []);
  });

  test('attributes: a checkbox for each changes the pictures, a table shows each without and with, and a link shows the same', async () => {
    const { page, said } = await openWith(conditionPackage(attributesOfColour), 'classes');
    await page.waitForSelector('.classes canvas');
    assert.is(await page.locator('.classes tr').count(), 3);
    assert.is(await page.locator('.classes canvas').count(), 6);
    // The first example smiles: red in the upper half.
    assert.is(await firstPixel(page), '255,128,128');
    assert.is(await page.getByLabel('Smiling').isChecked(), true);
    const [first] = await pixelsOf(page, 'canvas.large');
    await page.getByLabel('wavy hair').check();
    const second = await changedFrom(page, first, 'canvas.large');
    assert.is(await firstPixel(page), '255,255,128');
    await page.getByLabel('Smiling').uncheck();
    await changedFrom(page, second, 'canvas.large');
    assert.is(await firstPixel(page), '128,255,128');
    assert.match(decodeURIComponent(page.url()), /condition=Smiling=0 "wavy hair"=1 Hat=0/);
    const rows = await pixelsOf(page, '.classes canvas');
    assert.equal(
      rows.map((pixels) => pixels.split(',', 3).join()),
      ['128,255,128', '255,255,128', '128,128,128', '128,255,128', '128,255,128', '128,255,255'],
    );
    await page.reload();
    await page.waitForSelector('.classes canvas');
    assert.is(await firstPixel(page), '128,255,128');
    assert.is(await page.getByLabel('wavy hair').isChecked(), true);
    assert.equal(await axeViolations(page), []);
    assert.equal(said, []);
  });

  test("numbers: a slider for each has the model's range, and a table runs through it", async () => {
    const { page, said } = await openWith(conditionPackage(numbersOfColour), 'classes');
    await page.waitForSelector('.classes canvas');
    const age = page.getByRole('slider', { name: 'age' });
    assert.equal(
      [await age.getAttribute('min'), await age.getAttribute('max'), await age.inputValue()],
      ['0', '100', '25'],
    );
    const [first] = await pixelsOf(page, 'canvas.large');
    await age.fill('100');
    const second = await changedFrom(page, first, 'canvas.large');
    await page.getByRole('slider', { name: 'turn' }).fill('-30');
    await changedFrom(page, second, 'canvas.large');
    // (v - least) / (most - least) of 255.
    assert.is(await firstPixel(page), '255,0,128');
    assert.match(decodeURIComponent(page.url()), /condition=age=100 turn=-30/);
    await page.waitForFunction(() => document.querySelectorAll('.classes canvas').length === 18);
    const reds = (await pixelsOf(page, '.classes tr:first-child canvas')).map(
      (pixels) => pixels.split(',')[0],
    );
    assert.equal(reds, ['0', '32', '64', '96', '128', '159', '191', '223', '255']);
    assert.equal(await axeViolations(page), []);
    assert.equal(said, []);
  });

  test('codes: choices and sliders change the picture, and a table shows all of them', async () => {
    const { page, said } = await openWith(await codesModel(), 'codes');
    await page.waitForSelector('.classes canvas');
    assert.is(await page.locator('.classes tr').count(), 3);
    assert.is(await page.locator('.classes canvas').count(), 27);
    const [first] = await pixelsOf(page, 'canvas.large');
    await page.getByLabel('category').selectOption('2');
    const other = await changedFrom(page, first, 'canvas.large');
    await page.getByRole('slider', { name: 'code 2' }).fill('1');
    await changedFrom(page, other, 'canvas.large');
    assert.match(page.url(), /code1=2/);
    assert.match(page.url(), /code3=1/);
    assert.equal(await axeViolations(page), []);
    assert.equal(said, []);
  });

  test('mix styles: a table of two kinds of faces; layers, faces and distance change it, and a link shows the same', async () => {
    const flags = ['--network', 'stylegan2', '--mapping-layers', '2'];
    const { code, stdout, stderr } = await dcgan(...smallRun('avatars', temporaryFolder(), 4), ...flags);
    assert.is(code, 0, stderr);
    const run = String(jsonLines(stdout).at(-1)!['runDir']);
    const { page, said } = await openWith(join(run, 'model'), 'mix-styles');
    await page.waitForSelector('.mixed canvas');
    assert.is(await page.locator('.mixed canvas').count(), 10 + 24);
    const first = await pixelsOf(page, '.mixed canvas');
    const [mixed] = await pixelsOf(page, '.mixed td canvas');
    await page.getByLabel('Styles of the face above').selectOption('8');
    await changedFrom(page, mixed, '.mixed td canvas');
    const faces = (await pixelsOf(page, '.mixed canvas')).slice(0, 6);
    assert.equal(faces, first.slice(0, 6), 'the faces themselves stay');
    await page.getByRole('slider', { name: 'distance from the mean style' }).fill('0');
    // At no distance all are the mean face.
    await allSame(page);
    assert.match(page.url(), /from=8/);
    await page.reload();
    await page.waitForSelector('.mixed canvas');
    await drawn(page, '.mixed canvas');
    assert.is(new Set(await pixelsOf(page, '.mixed canvas')).size, 1);
    assert.equal(await axeViolations(page), []);
    assert.equal(said, []);
  });

  test('steer: more of an attribute moves the picture and its meter; start again undoes it', async () => {
    const { page, said } = await openWith(join(await avatarsRun(), 'all'), 'steer');
    await page.waitForSelector('.steering meter');
    const [first] = await pixelsOf(page, 'canvas.large');
    await page.locator('tr', { hasText: /^hat/ }).getByRole('button', { name: 'More' }).click();
    await page.getByText(/^Hat added\./).waitFor();
    assert.is.not((await pixelsOf(page, 'canvas.large'))[0], first);
    await page.getByRole('button', { name: 'Start again' }).click();
    await page.getByText(/^Picture 12\./).waitFor();
    assert.is((await pixelsOf(page, 'canvas.large'))[0], first);
    // Colours are rows with a list, which is empty until the classifier has seen a picture.
    const colour = page.getByLabel('shirt colour');
    assert.is(await colour.inputValue(), '');
    assert.equal(
      (await colour.locator('option').allInnerTexts()).filter((text) => text !== ''),
      ['red', 'blue', 'green', 'yellow', 'purple', 'charcoal', 'white'],
    );
    await colour.selectOption('yellow');
    await page
      .getByText(/^Shirt colour yellow asked for\. (Also changed: |Of 17 other features .* none changed\.)/)
      .waitFor();
    assert.is.not((await pixelsOf(page, 'canvas.large'))[0], first);
    assert.is.not(await page.getByLabel('hair colour').inputValue(), '');
    assert.equal(await axeViolations(page), []);
    assert.equal(said, []);
  });
}

test.run();
