// <dcgan-trainer> in a real browser: attributes, events, the timeline, keys.
import * as assert from 'uvu/assert';
import { axeViolations } from '../browser.ts';
import { browserSuite } from '../browser-suite.ts';
import { trainablePackage } from '../train/train-pages.ts';
import { events, trainer, trainerPages, waitFor, wall, wallOf } from './trainer-pages.ts';

const small = await trainablePackage('hinge');
const { test, pages } = await browserSuite('<dcgan-trainer>', (browser) =>
  trainerPages(browser, { 'relativistic-32': small, 'minimax-32': small }),
);

const size = 'width="4" height="2"';
const tag = `<dcgan-trainer src="networks/relativistic-32/model.json" device="wasm" ${size}`;

test('it shows what it will learn from, trains when played, and stops', async () => {
  const { page, said, server } = await pages.open(`${tag} controls></dcgan-trainer>`);
  await wallOf(page, '64x32');
  const real = await wall(page);
  assert.not.ok(server.requests.some((path) => path.endsWith('.wasm') || path.endsWith('/train-worker.js')));
  await page.getByRole('button', { name: 'Play' }).click();
  await waitFor(page, 'sample', 2);
  const [first, second] = await events(page, 'sample');
  assert.is(first!.step, 0);
  assert.equal(first!.seeds, [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.ok(second!.step! > 0);
  assert.is.not(await wall(page), real);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused at step').waitFor({ state: 'attached' });
  const reports = await events(page, 'report');
  const at = reports.at(-1)!.step!;
  assert.ok(at > 0);
  assert.is(await trainer(page, async (element) => (await element.trainer!).report.step), at);
  assert.equal(await events(page, 'error'), []);
  assert.equal(said, []);
});

test('attributes and properties mirror each other; invalid ones say what is expected', async () => {
  const { page } = await pages.open(`${tag} height="many"></dcgan-trainer>`.replace('height="2"', ''));
  await wallOf(page, '64x64');
  const [invalid] = await events(page, 'error');
  assert.is(invalid!.message, 'height: got "many", expected a whole number from 1 to 32; 4 is taken');
  const mirrored = await trainer(page, (element) => {
    element.height = 3;
    element.speed = 2;
    element.seed = 7;
    return [element.getAttribute('height'), element.getAttribute('speed'), element.width, element.data];
  });
  assert.equal(mirrored, ['3', '2', 4, 'faces']);
  await wallOf(page, '64x48');
  const messages = await trainer(page, async (element) => {
    const wrong = { images: new Uint8Array(8 * 8 * 3 * 4), width: 8, height: 8, channels: 3 };
    element.data = wrong;
    await new Promise((done) => element.addEventListener('error', done, { once: true }));
    const text = element.shadowRoot!.querySelector('[part=error]')!.textContent;
    element.removeAttribute('src');
    const none = await element.toPackage().catch((error: Error) => error.message);
    return [text, none];
  });
  assert.match(
    String(messages[0]),
    /data: got pictures of 8x8 with 3 channels, expected 16x16 with 3 channels/,
  );
  assert.match(String(messages[1]), /press Play first/);
});

test('the timeline shows an earlier wall and returns; steps end the training; the keys and axe are content', async () => {
  const { page } = await pages.open(`${tag} steps="12" speed="40" controls></dcgan-trainer>`);
  await wallOf(page, '64x32');
  await page.locator('[part=frame]').focus();
  await page.keyboard.press(' ');
  await waitFor(page, 'done');
  assert.is((await events(page, 'done'))[0]!.step, 12);
  const newest = await wall(page);
  await page.waitForFunction(() => document.querySelector('dcgan-trainer')!.frames.includes(12));
  const timeline = page.getByRole('slider', { name: 'Timeline' });
  await timeline.focus();
  await page.keyboard.press('Home');
  await page.getByText('Generated pictures at step 0').first().waitFor();
  assert.is.not(await wall(page), newest);
  assert.match((await timeline.getAttribute('aria-valuetext'))!, /^Step 0$/);
  assert.equal(await axeViolations(page), []);
  const charts = page.getByRole('img', { name: /: Discriminator -?\d+\.\d\d, Generator -?\d+\.\d\d$/ });
  await charts.waitFor();
  await page.keyboard.press('End');
  await page.getByText('Generated pictures at step 12').first().waitFor();
  assert.is(await wall(page), newest);
  await page.getByRole('button', { name: 'Start over' }).click();
  await page.getByText('Pictures to learn from').first().waitFor();
  assert.equal(await trainer(page, (element) => element.frames), []);
});

test.run();
