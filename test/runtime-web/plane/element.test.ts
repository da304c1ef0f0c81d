// <dcgan-plane> in a real browser: it plays, pauses, and says what is wrong.
import * as assert from 'uvu/assert';
import { axeViolations } from '../browser.ts';
import { browserSuite } from '../browser-suite.ts';
import { planePackages } from './plane-packages.ts';
import { nextReport, picture, planePages, press, stepOf } from './plane-pages.ts';

/** The messages of the element's errors. */
declare global {
  interface Window {
    errors: string[];
  }
}

const packages = await planePackages(['minimax', 'unrolled-1', 'wgan-gp']);
const { test, pages } = await browserSuite('<dcgan-plane>', (browser) => planePages(browser, packages));
const { open } = pages;

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
  await page.getByText(/^Step \d+\. Minimax: \d of 8 modes, \d+% /).waitFor();
  assert.not.equal(await picture(page), before);
  assert.equal(await axeViolations(page), []);
  assert.match(
    await page.evaluate(() => {
      const canvases = document.querySelector('dcgan-plane')!.shadowRoot!.querySelectorAll('[part=canvas]');
      return canvases[1]!.getAttribute('aria-label')!;
    }),
    /^Minimax, unrolled 1\. \d of 8 modes, \d+% of the points on them\. loss of D \d\.\d\d, of G -\d\.\d\d$/,
  );
  assert.equal(said, []);
});

test('a list that is not there, a list of another kind, and invalid attributes are shown or told', async () => {
  const { page } = await open('methods="minimax"');
  const errors = (): Promise<readonly string[]> => page.evaluate(() => window.errors);
  await page.evaluate(() => {
    window.errors = [];
    const plane = document.querySelector('dcgan-plane')!;
    plane.addEventListener('error', ({ detail }) => window.errors.push(detail.error.message));
    plane.src = '/networks/none.json';
  });
  await page
    .getByText(/^The training failed: .*\/networks\/none\.json: the server answers 404$/)
    .first()
    .waitFor();
  await page.evaluate(() => (document.querySelector('dcgan-plane')!.src = '/networks/minimax/model.json'));
  await page.getByText('a list of packages').first().waitFor();
  assert.is((await errors()).length, 2);
  await page.evaluate(() => {
    const plane = document.querySelector('dcgan-plane')!;
    plane.src = '/networks/index.json';
    plane.setAttribute('data', 'square');
    plane.setAttribute('seed', '-1');
    plane.methods = 'minimax maximin';
  });
  await page.waitForFunction(() => window.errors.length === 5);
  assert.equal((await errors()).slice(2).toSorted(), [
    'data: got "square", expected eight, ring, grid, drawing; eight is taken',
    'methods: got "maximin", expected minimax, unrolled-1, wgan-gp',
    'seed: got "-1", expected a whole number from 0 to 9007199254740991; 1 is taken',
  ]);
  const next = nextReport(page);
  await press(page, 'Step');
  assert.is(stepOf(await next), 1);
});

test.run();
