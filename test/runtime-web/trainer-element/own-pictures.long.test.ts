// <dcgan-trainer> on pictures of the visitor, in a real browser.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { axeViolations, testIn } from '../browser.ts';
import { browserSuite } from '../browser-suite.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { trainablePackage } from '../train/train-pages.ts';
import { events, trainer, trainerPages, waitFor, wall, wallOf } from './trainer-pages.ts';

const small = await trainablePackage('hinge');
const { test, pages } = await browserSuite("<dcgan-trainer> on the visitor's pictures", (browser) =>
  trainerPages(browser, { 'relativistic-32': small, 'few-32': small }),
);

/** Twelve pictures, 40 by 20, red on the left and blue on the right, and a file that is none. */
async function madePictures(): Promise<string[]> {
  const folder = temporaryFolder();
  const pixels = Uint8Array.from({ length: 40 * 20 * 3 }, (_, i) => {
    const isLeft = Math.floor(i / 3) % 40 < 20;
    return i % 3 === (isLeft ? 0 : 2) ? 255 : 0;
  });
  const png = await sharp(pixels, { raw: { width: 40, height: 20, channels: 3 } })
    .png()
    .toBuffer();
  const paths = Array.from({ length: 12 }, (_, i) => join(folder, `picture-${i}.png`));
  for (const path of paths) writeFileSync(path, png);
  const broken = join(folder, 'broken.png');
  writeFileSync(broken, png.subarray(0, 60));
  return [...paths, broken];
}

/** Shares of red and of blue in the first picture of the wall. */
async function colours(read: Promise<string>): Promise<{ red: number; blue: number }> {
  const [size, numbers] = (await read).split(' ');
  const width = Number(size!.split('x')[0]);
  const data = numbers!.split(',').map(Number);
  let [red, blue] = [0, 0];
  for (let y = 0; y < 16; y++)
    for (let x = 0; x < 16; x++) {
      const at = 4 * (y * width + x);
      if (data[at]! > 200 && data[at + 2]! < 60) red += 1 / 256;
      if (data[at + 2]! > 200 && data[at]! < 60) blue += 1 / 256;
    }
  return { red, blue };
}

test('they are on the wall as training will see them, can be cropped elsewhere, and are learned from', async () => {
  const { page, said, origins, server } = await pages.open(
    '<dcgan-trainer networks="networks" device="wasm" width="4" height="2" controls></dcgan-trainer>',
  );
  await wallOf(page, '64x32');
  const faces = await wall(page);
  await page.getByText('Your own pictures').click();
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles(await madePictures());
  await page.getByText('12 pictures are ready').waitFor();
  await page.getByText(/Left out: broken\.png \(/).waitFor();
  await page.waitForFunction(() => document.querySelector('dcgan-trainer')!.data !== 'faces');
  // The middle of the picture: half red, half blue, but for the columns where they meet.
  const centre = await page.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/few-32/model.json')),
  );
  assert.ok(await centre.jsonValue());
  await page.waitForTimeout(200);
  assert.is.not(await wall(page), faces);
  const { red, blue } = await colours(wall(page));
  assert.ok(red > 0.4 && blue > 0.4, `${red} ${blue}`);

  await page.getByRole('button', { name: 'Move or remove picture-0.png' }).click();
  await page.getByRole('img', { name: 'picture-0.png: drag' }).waitFor();
  for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => {
    const { data } = document.querySelector('dcgan-trainer')!;
    const { images } = data as { readonly images: Uint8Array };
    return images[0] === 0 && images[2] === 255;
  });
  await page.waitForTimeout(200);
  const right = await colours(wall(page));
  assert.ok(right.blue > 0.95 && right.red === 0, `${right.red} ${right.blue}`);
  assert.equal(await axeViolations(page), []);

  await page.getByRole('button', { name: 'Play' }).click();
  await waitFor(page, 'report', 1);
  const name = await trainer(page, async (element) => (await element.trainer!).package.name);
  assert.type(name, 'string');
  await page.getByRole('button', { name: 'Without my pictures' }).click();
  await page.waitForFunction(() => document.querySelector('dcgan-trainer')!.data === 'faces');
  assert.equal(await events(page, 'error'), []);
  assert.equal([...origins], [server.origin]);
  assert.equal(said, []);
});

const withCamera = testIn(['chromium'], 'has no camera of its own', test);
withCamera('the camera takes pictures when asked and is off afterwards; a drawing is added', async () => {
  const { page, said } = await pages.open(
    '<dcgan-trainer networks="networks" device="wasm" width="4" height="2" controls></dcgan-trainer>',
    { permissions: ['camera'] },
  );
  await wallOf(page, '64x32');
  await page.getByText('Your own pictures').click();
  await page.getByRole('button', { name: 'Camera' }).click();
  await page.getByRole('button', { name: 'Take 24 pictures' }).click();
  await page.getByText('24 pictures are ready').waitFor();
  assert.is(await page.locator('video').count(), 0);
  await page.getByRole('button', { name: 'Draw', exact: true }).click();
  const pad = (await page.locator('[part=pad]').boundingBox())!;
  await page.mouse.move(pad.x + 20, pad.y + 20);
  await page.mouse.down();
  await page.mouse.move(pad.x + 120, pad.y + 120, { steps: 4 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Add the drawing' }).click();
  await page.getByText('25 pictures are ready').waitFor();
  assert.equal(await events(page, 'error'), []);
  assert.equal(said, []);
});

test.run();
