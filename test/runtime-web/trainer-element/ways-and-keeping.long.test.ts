// <dcgan-trainer> in a real browser: half steps, ways to break it, what is kept, languages, reduced motion and removal.
import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { browserSuite } from '../browser-suite.ts';
import { trainablePackage } from '../train/train-pages.ts';
import { events, trainer, trainerPages, waitFor, wall, wallOf } from './trainer-pages.ts';

const small = await trainablePackage('hinge');
const { test, pages } = await browserSuite('<dcgan-trainer>, more of it', (browser) =>
  trainerPages(browser, { 'relativistic-32': small, 'minimax-32': small, 'few-32': small }),
);

const size = 'width="4" height="2"';
const tag = `<dcgan-trainer src="networks/relativistic-32/model.json" device="wasm" ${size}`;

test('an update of D alone leaves the wall as it is, one of G alone leaves the scores of real pictures', async () => {
  const { page } = await pages.open(`${tag} controls></dcgan-trainer>`);
  const scores = (): Promise<string> =>
    trainer(page, async (element) => {
      const trained = await element.trainer!;
      const images = Uint8Array.from({ length: 8 * 768 }, (_, i) => (i * 7919) % 251);
      return [...(await trained.judge({ images }))].join();
    });
  await page.getByRole('button', { name: 'One step' }).click();
  await waitFor(page, 'sample', 1);
  const [before, judged] = [await wall(page), await scores()];
  await page.getByRole('button', { name: 'Discriminator only' }).click();
  await waitFor(page, 'sample', 2);
  assert.is(await wall(page), before);
  const later = await scores();
  assert.is.not(later, judged);
  await page.getByRole('button', { name: 'Generator only' }).click();
  await waitFor(page, 'sample', 3);
  assert.is.not(await wall(page), before);
  assert.is(await scores(), later);
  assert.equal(
    (await events(page, 'sample')).map(({ step }) => step),
    [1, 1, 2],
  );
});

test('ways to break it change the rates or the networks, and it can be mended', async () => {
  const { page } = await pages.open(
    `<dcgan-trainer networks="networks" device="wasm" ${size} controls></dcgan-trainer>`,
  );
  await page.getByRole('button', { name: 'One step' }).click();
  await waitFor(page, 'sample');
  const rates = (): Promise<(number | null)[]> =>
    trainer(page, async (element) => {
      const { settings } = await element.trainer!;
      return [settings.learningRate, settings.discriminatorLearningRate];
    });
  const [usual] = await rates();
  await page.getByText('Break it').click();
  const rate = page.getByRole('button', { name: 'Learning rates × 10' });
  await rate.click();
  await page.waitForFunction(() => document.querySelector('dcgan-trainer')!.playing);
  assert.ok(Math.abs((await rates())[0]! - 10 * usual!) < 1e-9);
  assert.is(await rate.getAttribute('aria-pressed'), 'true');
  await page.getByRole('button', { name: 'Mend it' }).click();
  await page.getByRole('button', { name: 'Mend it' }).waitFor({ state: 'hidden' });
  assert.equal(await rates(), [usual, null]);
  const before = (await events(page, 'load')).length;
  await page.getByRole('button', { name: 'The first loss' }).click();
  await waitFor(page, 'load', before + 1);
  await waitFor(page, 'report', 1);
  const fetched = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
  assert.ok(fetched.some((name) => name.endsWith('/networks/minimax-32/model.json')));
});

test('what was trained plays in a viewer at once, leaves as a zip, and a reload offers to go on', async () => {
  const { page, said } = await pages.open(`${tag} controls></dcgan-trainer>`);
  await page.getByRole('button', { name: 'Play' }).click();
  // The state is kept after a second of training.
  await trainer(page, async (element) => {
    while (((await element.trainer)?.report.seconds ?? 0) < 1.3)
      await new Promise((done) => setTimeout(done, 50));
  });
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Keep it').click();
  await page.getByRole('button', { name: 'Play with it here' }).click();
  const colours = await page.waitForFunction(() => {
    const viewer = document.querySelector('dcgan-trainer')!.shadowRoot!.querySelector('dcgan-viewer');
    const canvas = viewer?.shadowRoot?.querySelector('canvas');
    if (canvas?.width !== 16) return null;
    return new Set(canvas.getContext('2d')!.getImageData(0, 0, 16, 16).data).size;
  });
  assert.ok((await colours.jsonValue())! > 4);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save the model' }).click(),
  ]);
  assert.is(download.suggestedFilename(), 'model.zip');
  const at = await trainer(page, async (element) => (await element.trainer!).report.step);
  await page.reload();
  await page.getByText(/A training was kept at step \d+/).waitFor();
  await page.getByRole('button', { name: 'Go on with it' }).click();
  await waitFor(page, 'sample');
  const [first] = await events(page, 'sample');
  assert.ok(first!.step! > 0 && first!.step! <= at, `${first!.step} of ${at}`);
  await waitFor(page, 'report', 1);
  assert.equal(await events(page, 'error'), []);
  assert.equal(said, []);
});
test('texts are in the language of the page, with reduced motion only a person starts it, and removal ends it', async () => {
  const { page, said } = await pages.open(`<div lang="de">${tag} playing controls></dcgan-trainer></div>`, {
    reducedMotion: 'reduce',
  });
  const play = page.getByRole('button', { name: 'Abspielen' });
  await play.waitFor();
  await wallOf(page, '64x32');
  assert.equal(await events(page, 'load'), []);
  await trainer(page, (element) => {
    element.strings = { play: 'Los' };
  });
  await page.getByRole('button', { name: 'Los' }).click();
  await page.getByText('Das Training hat begonnen').waitFor({ state: 'attached' });
  await waitFor(page, 'report', 2);
  await trainer(page, (element) => element.remove());
  await page.waitForTimeout(300);
  const before = (await events(page, 'report')).length;
  await page.waitForTimeout(500);
  assert.is((await events(page, 'report')).length, before);
  assert.equal(said, []);
});

test('a package that is not there says so, and another one plays', async () => {
  const { page } = await pages.open(`${tag} controls></dcgan-trainer>`.replace('relativistic-32', 'none'));
  await page
    .getByText(/the server answers 404; expected a model\.json/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Play' }).click();
  await waitFor(page, 'error', 2);
  await trainer(page, (element) => {
    element.src = 'networks/relativistic-32/model.json';
    element.play();
  });
  await waitFor(page, 'report', 1);
  assert.is(await page.locator('[part=error]').isVisible(), false);
});

test('on a phone the wall stays in sight beside charts and panels', async () => {
  const { page } = await pages.open(`${tag} controls></dcgan-trainer>`, {
    viewport: { width: 390, height: 844 },
  });
  await wallOf(page, '64x32');
  await page.getByText('Break it').click();
  for (const name of ['Discriminator too strong', 'One step']) {
    const button = page.getByRole('button', { name });
    await button.focus();
    const [above, below] = [
      (await page.locator('[part=wall]').boundingBox())!,
      (await button.boundingBox())!,
    ];
    assert.ok(
      above.y >= 0 && above.y + above.height <= below.y,
      `${name}: ${JSON.stringify([above, below])}`,
    );
    assert.ok(below.y + below.height <= 844, `${name}: ${JSON.stringify(below)}`);
  }
});

test('while the page is hidden it waits where that was asked for', async () => {
  const { page } = await pages.open(`${tag} background="wait" playing></dcgan-trainer>`);
  await waitFor(page, 'report', 2);
  const hide = (isHidden: boolean): Promise<void> =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, isHidden);
  const step = (): Promise<number> => trainer(page, async (element) => (await element.trainer!).report.step);
  await hide(true);
  await page.waitForTimeout(800);
  const [first] = [await step(), await page.waitForTimeout(800)];
  assert.is(await step(), first);
  await hide(false);
  const shown = (await events(page, 'report')).length;
  await waitFor(page, 'report', shown + 2);
  assert.ok((await step()) > first);
  await trainer(page, (element) => {
    element.background = 'continue';
  });
  await hide(true);
  const going = (await events(page, 'report')).length;
  await waitFor(page, 'report', going + 3);
});

test('a saved run goes on with its pictures, and a file that is none says so', async () => {
  const { page } = await pages.open(
    `<dcgan-trainer networks="networks" device="wasm" ${size} controls></dcgan-trainer>`,
  );
  await trainer(page, async (element) => {
    element.data = { images: new Uint8Array(12 * 768).map((_, at) => (at * 7919) % 251) };
    for (let i = 0; i < 3; i++) await element.step();
  });
  await page.getByText('Keep it').click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save the run' }).click(),
  ]);
  const zip = readFileSync(await download.path());
  await page.reload();
  await wallOf(page, '64x32');
  await page.getByText('Keep it').click();
  const input = page.locator('[part~=keep] input[type=file]');
  await input.setInputFiles({ name: 'a.zip', mimeType: 'application/zip', buffer: zip.subarray(0, 900) });
  await page
    .getByText(/a\.zip: is not a run that was saved here/)
    .first()
    .waitFor();
  await input.setInputFiles({ name: 'run.zip', mimeType: 'application/zip', buffer: zip });
  await waitFor(page, 'sample');
  assert.is((await events(page, 'sample'))[0]!.step, 3);
  const data = await trainer(page, (element) => [...(element.data as { images: Uint8Array }).images]);
  assert.equal(
    data,
    Array.from({ length: 12 * 768 }, (_, at) => (at * 7919) % 251),
  );
});

test.run();
