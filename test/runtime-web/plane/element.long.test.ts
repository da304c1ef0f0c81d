// <dcgan-plane> in a real browser: it steps, resets and compares, learns a drawing made by mouse and by keys, and follows the language of
// the page.
import * as assert from 'uvu/assert';
import type { DcganPlane } from '../../../runtime-web/plane.ts';
import { axeViolations, testIn } from '../browser.ts';
import { browserSuite } from '../browser-suite.ts';
import { planePackages } from './plane-packages.ts';
import { inPlane, nextReport, picture, planePages, press, stepOf } from './plane-pages.ts';

const packages = await planePackages(['minimax', 'unrolled-1', 'wgan-gp']);
const { test, pages } = await browserSuite('all of <dcgan-plane>', (browser) =>
  planePages(browser, packages),
);
const { open } = pages;

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
  await page.getByLabel('Seed').focus();
  await page.keyboard.press('ArrowUp');
  assert.is(await page.evaluate(() => document.querySelector('dcgan-plane')!.seed), 4);
  const other = await report(() => press(page, 'Step'));
  assert.match(other, /^1 /);
  assert.not.equal(other, one);
});

test('methods and data are chosen, added and removed; the picture is that of the new ones', async () => {
  const { page } = await open('methods="minimax"');
  await page.getByLabel('Data').selectOption('Grid');
  await page.getByLabel('Method 1').selectOption('Wasserstein, gradient penalty');
  await press(page, 'Add method');
  const next = nextReport(page);
  await press(page, 'Step');
  assert.equal(
    (await next).methods.map(({ method, total }) => [method, total]),
    [
      ['wgan-gp', 25],
      ['minimax', 25],
    ],
  );
  const removed = nextReport(page);
  await press(page, 'Remove method');
  assert.equal(
    (await removed).methods.map(({ method }) => method),
    ['wgan-gp'],
  );
  assert.is(await inPlane(page, '[part=panel]').count(), 1);
  const after = await picture(page);
  const heat = nextReport(page);
  await page.getByLabel("D's scores").click();
  await heat;
  assert.not.equal(await picture(page), after);
});

testIn(
  ['chromium', 'firefox'],
  'has a driver without a mouse here',
  test,
)('a drawing by mouse and by keys is learned; an empty one asks for something', async () => {
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

testIn(
  ['chromium', 'firefox'],
  'has a driver that does not reduce motion',
  test,
)('the attribute playing waits for a person where motion is reduced; languages follow the page', async () => {
  const { page } = await open('methods="minimax" playing', { reducedMotion: 'reduce' }, 'de');
  const next = nextReport(page);
  await page.getByRole('button', { name: 'Anhalten' }).waitFor();
  await page.evaluate(() => document.querySelector<DcganPlane>('dcgan-plane')!.play());
  assert.is(stepOf(await next), 1);
  await press(page, 'Anhalten');
  await page.getByText(/^Schritt \d+\. Minimax: \d von 8 Modi/).waitFor();
});

test.run();
