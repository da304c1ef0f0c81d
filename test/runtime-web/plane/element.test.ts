// <dcgan-plane> in a real browser: it plays, pauses, and says what is wrong.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { axeViolations, openBrowser } from '../browser.ts';
import { planePackages } from './plane-packages.ts';
import { nextReport, picture, planePages, press, stepOf } from './plane-pages.ts';

const test = suite('<dcgan-plane>');
const browser = await openBrowser('<dcgan-plane>');
const pages = planePages(browser, await planePackages(['minimax', 'unrolled-1', 'wgan-gp']));
const { open } = pages;
test.after.each(() => pages.close());
test.after(() => browser?.close());

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

  test('a list that is not there, and a method without files, are shown and told', async () => {
    const { page } = await open('methods="minimax"');
    const message = (): Promise<string | null> =>
      page.locator('dcgan-plane [part=error]').filter({ hasText: /./ }).textContent();
    await page.evaluate(() => (document.querySelector('dcgan-plane')!.src = '/networks/none.json'));
    assert.match(
      (await message())!,
      /^The training failed: .*\/networks\/none\.json: the server answers 404$/,
    );
    await page.evaluate(() => (document.querySelector('dcgan-plane')!.src = '/networks/minimax/model.json'));
    await page.locator('dcgan-plane [part=error]').filter({ hasText: 'a list of packages' }).waitFor();
  });
}

test.run();
