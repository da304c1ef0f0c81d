// <dcgan-plane> in a real browser: it plays, steps, resets and compares, learns a drawing made by mouse and by keys, and follows the
// language of the page.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DcganPlane, PlaneEvents } from '../../../runtime-web/plane.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { axeViolations, openBrowser } from '../browser.ts';
import { servedPages } from '../served-pages.ts';
import { planePackages } from './plane-packages.ts';

const test = suite('<dcgan-plane>');
const browser = await openBrowser('<dcgan-plane>');
const networks = await planePackages(['minimax', 'unrolled-1', 'wgan-gp']);
const pages = servedPages(browser);
test.after.each(() => pages.close());
test.after(() => browser?.close());

/** A page with an element, in English unless another language is given, under a strict policy. */
async function open(attributes: string, context: { reducedMotion?: 'reduce' } = {}, language = 'en') {
  const site = temporaryFolder();
  writeFileSync(
    join(site, 'index.html'),
    `<!doctype html><html lang="${language}"><title>test</title><script type="module" src="/web/plane.js"></script>` +
      `<main><h1>Test</h1><dcgan-plane src="/networks/index.json" ${attributes}></dcgan-plane></main></html>`,
  );
  writeFileSync(join(site, 'favicon.ico'), '');
  const csp =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; img-src 'self'";
  const opened = await pages.open(
    {
      isIsolated: true,
      headers: { 'content-security-policy': csp },
      folders: { '/': site, '/web/': resolve('runtime-web', 'dist'), '/networks/': networks },
    },
    { context },
  );
  await opened.page.waitForSelector('dcgan-plane [part=method]');
  return opened;
}

/** The details of the next report. */
const nextReport = (page: Page): Promise<PlaneEvents['report']> =>
  page.evaluate(
    () =>
      new Promise((done) =>
        document
          .querySelector('dcgan-plane')!
          .addEventListener('report', (event) => done((event as CustomEvent<PlaneEvents['report']>).detail), {
            once: true,
          }),
      ),
  );
const stepOf = ({ methods }: PlaneEvents['report']): number => methods[0]!.step;
const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();
/** The pixels of the first panel. */
const picture = (page: Page): Promise<string> =>
  page
    .locator('dcgan-plane [part=panel] canvas')
    .first()
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('nothing is fetched to train before Play; then both methods learn step by step, and pause', async () => {
    const { page, server, said } = await open('methods="minimax unrolled-1" seed="3"');
    assert.equal(await axeViolations(page), []);
    assert.not.ok(server.requests.some((path) => /train|onnx/.test(path)));
    const before = await picture(page);
    const first = nextReport(page);
    await press(page, 'Play');
    assert.equal(
      (await first).methods.map(({ method, step, total }) => [method, step, total]),
      [
        ['minimax', 1, 8],
        ['unrolled-1', 1, 8],
      ],
    );
    const later = await nextReport(page);
    assert.ok(stepOf(later) > 1);
    assert.ok(later.methods.every(({ step, dLoss }) => step === stepOf(later) && dLoss > 0));
    await press(page, 'Pause');
    await page
      .getByRole('status')
      .filter({ hasText: /^Step \d+\. Minimax: \d of 8 modes, \d+% / })
      .waitFor();
    assert.not.equal(await picture(page), before);
    assert.equal(await axeViolations(page), []);
    assert.match(
      (await page.locator('dcgan-plane [part=canvas]').last().getAttribute('aria-label'))!,
      /^Minimax, unrolled 1\. \d of 8 modes, \d+% of the points on them\. loss of D \d\.\d\d, of G -\d\.\d\d$/,
    );
    assert.equal(said, []);
  });

  test('a reset goes back to the same picture, a step goes on to the same one; another seed begins elsewhere', async () => {
    const { page } = await open('methods="minimax" seed="3"');
    const report = async (act: () => Promise<unknown>): Promise<string> => {
      const next = nextReport(page);
      await act();
      return `${stepOf(await next)} ${await picture(page)}`;
    };
    const one = await report(() => press(page, 'Step'));
    assert.match(one, /^1 /);
    const begin = await report(() => press(page, 'Reset'));
    assert.match(begin, /^0 /);
    assert.is(await report(() => press(page, 'Step')), one);
    assert.is(await report(() => press(page, 'Reset')), begin);
    await page.getByLabel('Seed').fill('4');
    await page.getByLabel('Seed').press('Tab');
    assert.is(await page.evaluate(() => document.querySelector('dcgan-plane')!.seed), 4);
    const other = await report(() => press(page, 'Step'));
    assert.match(other, /^1 /);
    assert.not.equal(other, one);
  });

  test('methods and data are chosen, added and removed; the picture is that of the new ones', async () => {
    const { page } = await open('methods="minimax"');
    await page.getByLabel('Data').selectOption('Grid');
    await page.getByLabel('Method 1').selectOption('Wasserstein, gradient penalty');
    await press(page, 'Add a method');
    const next = nextReport(page);
    await press(page, 'Step');
    assert.equal(
      (await next).methods.map(({ method, total }) => [method, total]),
      [
        ['wgan-gp', 25],
        ['minimax', 25],
      ],
    );
    await press(page, 'Remove the last method');
    await page.waitForFunction(() => document.querySelector('dcgan-plane')!.methods === 'wgan-gp');
    assert.is(await page.locator('dcgan-plane [part=panel]').count(), 1);
    const after = await picture(page);
    const heat = nextReport(page);
    await page.getByLabel("D's scores").uncheck();
    await heat;
    assert.not.equal(await picture(page), after);
  });

  test('a drawing by mouse and by keys is learned; an empty one asks for something', async () => {
    const { page } = await open('methods="minimax" data="drawing"');
    await press(page, 'Play');
    await page.getByText('Draw something first.').first().waitFor();
    assert.is(await page.evaluate(() => document.querySelector('dcgan-plane')!.playing), false);
    const pad = page.getByRole('application');
    const box = (await pad.boundingBox())!;
    await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + (3 * box.width) / 4, box.y + box.height / 2, { steps: 20 });
    await page.mouse.up();
    const byMouse = await page.evaluate(() => Array.from(document.querySelector('dcgan-plane')!.points));
    assert.ok(byMouse.length >= 20);
    assert.ok(
      Math.abs(byMouse[0]! + 1.5) < 0.05 &&
        Math.abs(byMouse.at(-2)! - 1.5) < 0.2 &&
        Math.abs(byMouse[1]!) < 0.05,
    );
    await pad.focus();
    for (const key of ['ArrowUp', 'ArrowUp', 'Space', 'ArrowUp', 'Space', 'Backspace'])
      await page.keyboard.press(key);
    const byKeys = await page.evaluate(() => Array.from(document.querySelector('dcgan-plane')!.points));
    assert.is(byKeys.length, byMouse.length + 2);
    assert.ok(Math.abs(byKeys.at(-1)! - byMouse.at(-1)! - 0.3) < 1e-6);
    await page.getByRole('application', { name: new RegExp(`${byKeys.length / 2} dabs`) }).waitFor();
    const next = nextReport(page);
    await press(page, 'Step');
    const { total } = (await next).methods[0]!;
    assert.ok(total >= 5 && total <= 10, `${total} modes of a stroke 3 long`);
    assert.equal(await axeViolations(page), []);
    await press(page, 'Clear');
    await page.getByText('Draw something first.').first().waitFor();
  });

  test('the attribute playing waits for a person where motion is reduced; languages follow the page', async () => {
    const { page } = await open('methods="minimax" playing', { reducedMotion: 'reduce' }, 'de');
    const next = nextReport(page);
    await page.getByRole('button', { name: 'Anhalten' }).waitFor();
    await page.evaluate(() => document.querySelector<DcganPlane>('dcgan-plane')!.play());
    assert.is(stepOf(await next), 1);
    await press(page, 'Anhalten');
    await page
      .getByRole('status')
      .filter({ hasText: /^Schritt \d+\. Minimax: \d von 8 Modi/ })
      .waitFor();
  });

  test('a list that is not there, and a method without files, are shown and told', async () => {
    const { page } = await open('methods="minimax"');
    const message = (): Promise<string | null> =>
      page.locator('dcgan-plane [part=error]').filter({ hasText: /./ }).textContent();
    await page.evaluate(() => (document.querySelector('dcgan-plane')!.src = '/networks/none.json'));
    assert.match(await message(), /^The training failed: .*\/networks\/none\.json: the server answers 404$/);
    await page.evaluate(() => (document.querySelector('dcgan-plane')!.src = '/networks/minimax/model.json'));
    await page.locator('dcgan-plane [part=error]').filter({ hasText: 'a list of packages' }).waitFor();
  });
}

test.run();
