// <dcgan-trainer> with what visitors should not give it, in a real browser: each time a clear message, and nothing is lost.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { browserSuite } from '../browser-suite.ts';
import { trainablePackage } from '../train/train-pages.ts';
import { events, trainer, trainerPages, waitFor, wallOf } from './trainer-pages.ts';

const small = await trainablePackage('hinge');
const other = await trainablePackage('usual-small', { objective: 'non-saturating', r1: 0, r1Every: 1 });
/** A package whose files a test changes. */
const changing = temporaryFolder();
cpSync(small, changing, { recursive: true });
const { test, pages } = await browserSuite('<dcgan-trainer> with bad input', (browser) =>
  trainerPages(browser, { 'relativistic-32': small, 'few-32': small, changing, large: large() }),
);

/** A package whose record has a state of more than 512 MB. */
function large(): string {
  const folder = temporaryFolder();
  cpSync(small, folder, { recursive: true });
  const path = join(folder, 'model.json');
  const json = JSON.parse(readFileSync(path, 'utf8')) as {
    trainable: { state: { name: string; shape: number[] }[] };
  };
  for (const entry of json.trainable.state)
    if (entry.name.endsWith('generator/project/kernel')) entry.shape = [2 ** 11, 2 ** 12];
  writeFileSync(path, JSON.stringify(json));
  return folder;
}

const size = 'width="4" height="2"';
const tag = (name: string): string =>
  `<dcgan-trainer src="networks/${name}/model.json" device="wasm" ${size} controls></dcgan-trainer>`;

test('a folder without pictures, one picture, and more than are wanted', async () => {
  const { page } = await pages.open(
    `<dcgan-trainer networks="networks" device="wasm" ${size} controls></dcgan-trainer>`,
  );
  await wallOf(page, '64x32');
  await page.getByText('Your own pictures').click();
  const [files, folder] = await page.locator('input[type=file]').all();
  const root = temporaryFolder();
  mkdirSync(join(root, 'notes'));
  writeFileSync(join(root, 'notes', 'read-me.txt'), 'no picture');
  await folder!.setInputFiles(join(root, 'notes'));
  await page.getByText('There were no pictures.').waitFor();

  const png = await sharp({ create: { width: 20, height: 20, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const named = (i: number) => ({ name: `${i}.png`, mimeType: 'image/png', buffer: png });
  await files!.setInputFiles([named(0)]);
  await page.getByText('1 of 12 pictures').waitFor();
  assert.is(await trainer(page, (element) => element.data), 'faces');
  assert.is(await page.getByRole('button', { name: 'Move or remove' }).count(), 1);

  // The visitor stops as soon as the button is there; what is read by then stays.
  await trainer(page, (element) => {
    const click = (): void => {
      const buttons = element.shadowRoot!.querySelectorAll('button');
      const enough = [...buttons].find(({ textContent }) => textContent === 'That is enough')!;
      if (enough.hidden) requestAnimationFrame(click);
      else enough.click();
    };
    click();
  });
  await files!.setInputFiles(Array.from({ length: 300 }, (_, i) => named(i)));
  const text = (await page.getByText(/\d+ pictures are ready/).textContent())!;
  const count = Number(/^\d+/.exec(text)![0]);
  assert.ok(count >= 33 && count < 301, text);
  assert.equal(await events(page, 'error'), []);
});

test('a kept training of another method says so, and another one begins', async () => {
  const { page } = await pages.open(tag('changing'));
  await page.getByRole('button', { name: 'Play' }).click();
  await trainer(page, async (element) => {
    while (((await element.trainer)?.report.seconds ?? 0) < 1.3)
      await new Promise((done) => setTimeout(done, 50));
  });
  cpSync(other, changing, { recursive: true });
  await page.reload();
  await page.getByRole('button', { name: 'Go on with it' }).click();
  await waitFor(page, 'error');
  const message = (await events(page, 'error'))[0]!.message!;
  await page.locator('[part=error]', { hasText: message }).waitFor();
  assert.match(message, /state|method|checkpoint/);
  await page.getByRole('button', { name: 'Play' }).click();
  await waitFor(page, 'report');
  assert.is(await page.locator('[part=error]').isVisible(), false);
});

test('a full storage is told, and the training goes on', async () => {
  const { page } = await pages.open(tag('relativistic-32'));
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('no space', 'QuotaExceededError');
    };
  });
  await page.getByRole('button', { name: 'Play' }).click();
  const note = page.locator('[part=warning]');
  await note.getByText(/^Please note: the training is not kept for a reload: the storage is full/).waitFor();
  const before = (await events(page, 'report')).length;
  await waitFor(page, 'report', before + 3);
  assert.equal(await events(page, 'error'), []);
});

test('more than 512 MB of memory are asked for first', async () => {
  const { page, server } = await pages.open(tag('large'));
  await page.getByRole('button', { name: 'Play' }).click();
  await page.locator('[part=error]', { hasText: /takes about 6\d\d MB of memory/ }).waitFor();
  assert.not.ok(server.requests.some((path) => path.endsWith('.wasm')));
  await page.getByRole('button', { name: 'Go on with that' }).click();
  await waitFor(page, 'error', 2);
  assert.ok(server.requests.some((path) => path.endsWith('.wasm')));
  assert.not.match((await events(page, 'error'))[1]!.message!, /takes about/);
});

test.run();
