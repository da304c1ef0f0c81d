// The rooms that look inside a model, in a real browser: filters are switched off, holes are filled, the discriminator is played
// against; by keys too, from a link, without a network, and with models that lack files or have others.
import { square } from '../../runtime-web/format/image-shape.ts';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { presets, toHex, toPixels } from '../../demo/mask-cells.ts';
import { questionsOf } from '../../demo/quiz.ts';
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import { runModel } from '../graph/lower/run-graph.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { openBrowser } from '../runtime-web/browser.ts';
import { classesModel, importedModel } from '../runtime-web/models.ts';
import { chooseModel, demoPages, pixelsOf, showsText, site } from './pages.ts';

const test = suite('rooms inside a model');
const browser = existsSync(site) ? await openBrowser('rooms inside a model') : null;
const rooms = demoPages(browser);
const { open } = rooms;
test.after.each(() => rooms.close());
test.after(() => browser?.close());

const left = '.pairs canvas:first-child';
const right = '.pairs canvas:last-child';
const numbersOf = (pixels: string): number[] => pixels.split(',').map(Number);
const saysOff = (page: Page, count: number): Promise<void> =>
  showsText(page, new RegExp(`without ${count} of the`));

/** Drops a folder on the page, as a model of the visitor's. */
async function drop(page: Page, folder: string): Promise<string> {
  await page.evaluate(() => (location.hash = '#models'));
  await chooseModel(page, folder);
  return page.evaluate(() => location.hash.replace('#generate?', ''));
}

/** The clothes' model, changed. */
function changed(change: (files: Record<string, unknown>, folder: string) => void): string {
  const folder = temporaryFolder();
  cpSync(join(site, 'models', 'fashion-mnist-32'), folder, { recursive: true });
  const table = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as {
    files: Record<string, unknown>;
  };
  change(table.files, folder);
  writeFileSync(join(folder, 'model.json'), JSON.stringify(table));
  return folder;
}

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('a filter that is switched off changes only the images on the right, and the link restores it', async () => {
    let { page, said } = await open('#look-inside?model=fashion-mnist-32&seeds=3,4');
    await saysOff(page, 0);
    const [before, same] = [await pixelsOf(page, left), await pixelsOf(page, right)];
    assert.is(before.length, 2);
    assert.equal(same, before);
    // Every filter of the layer that changes these pictures most will do: eight of the first.
    for (let filter = 0; filter < 8; filter++) {
      await page.getByRole('button', { name: `Switch filter ${filter} off`, exact: true }).click();
      // A click while the page still moves can miss its button.
      await page.locator('.toggle[aria-pressed=true]').nth(filter).waitFor();
    }
    await saysOff(page, 8);
    const without = await pixelsOf(page, right);
    assert.equal(await pixelsOf(page, left), before);
    assert.not.equal(without[0], before[0]);
    assert.not.equal(without[1], before[1]);
    const link = page.url();
    assert.match(link, /layer=generator\/block\d&off=0,1,2,3,4,5,6,7/);
    assert.equal(said, []);
    // Another visitor opens the link, so that the first one's page is of no help.
    await rooms.close();
    ({ page, said } = await open(new URL(link).hash));
    await saysOff(page, 8);
    assert.equal(await pixelsOf(page, right), without);
    assert.is(await page.locator('.toggle[aria-pressed=true]').count(), 8);
    await page.getByRole('button', { name: 'All on' }).click();
    await saysOff(page, 0);
    assert.equal(await pixelsOf(page, right), before);
    assert.equal(said, []);
  });

  test('arrow keys reach the filters, and a group switches off at once', async () => {
    const { page } = await open('#look-inside?model=avatars-64');
    await saysOff(page, 0);
    await page.getByRole('button', { name: 'Switch filter 0 off', exact: true }).focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'Space']) await page.keyboard.press(key);
    await saysOff(page, 1);
    assert.match(page.url(), /off=2(&|$)/);
    await page.keyboard.press('End');
    assert.is(
      await page.evaluate(() => document.activeElement!.getAttribute('aria-label')),
      'Switch filter 127 off',
    );
    await page.getByRole('button', { name: 'Forget glasses' }).click();
    await saysOff(page, 16);
    assert.is(await page.locator('.toggle[aria-pressed=true]').count(), 16);
    const sheet = page.locator('.sheet');
    await sheet.scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector<HTMLImageElement>('.sheet')!.naturalWidth > 0);
  });

  test('a masked area is filled and the outside stays; a mask painted by keys is in the link', async () => {
    const { page, said } = await open('#restore?model=avatars-64&real=3');
    const fill = page.getByRole('button', { name: 'Restore it' });
    await fill.waitFor();
    await page.getByLabel('Missing part').selectOption('the eyes');
    assert.match(page.url(), new RegExp(`mask=${toHex(presets['the eyes']!())}`));
    const editor = page.getByRole('application');
    await editor.focus();
    // From the middle two cells down: out of the eyes' cells.
    for (const key of ['ArrowDown', 'ArrowDown', 'Space']) await page.keyboard.press(key);
    const cells = presets['the eyes']!();
    cells[10 * 16 + 8] = true;
    assert.match(page.url(), new RegExp(`mask=${toHex(cells)}`));
    await page.getByText('Row 11, column 9: missing').waitFor();
    await fill.click();
    await page.getByText('Done in').waitFor({ timeout: 120_000 });
    const [, result, original] = (await pixelsOf(page, '.board canvas')).map(numbersOf);
    const mask = toPixels(cells, square(64));
    let [filled, off] = [0, 0];
    mask.forEach((isMissing, i) => {
      for (let c = 0; c < 3; c++) {
        const [got, wanted] = [result![4 * i + c]!, original![4 * i + c]!];
        if (isMissing === 0) assert.ok(Math.abs(got - wanted) <= 1, `pixel ${i} was known`);
        else {
          filled += 1;
          off += Math.abs(got - wanted);
        }
      }
    });
    // White, as the hole was, is off by more than twice as much.
    const white = mask.reduce(
      (sum, isMissing, i) =>
        sum + isMissing * [0, 1, 2].reduce((all, c) => all + 255 - original![4 * i + c]!, 0),
      0,
    );
    assert.ok(off / filled < 0.5 * (white / filled), `off by ${off / filled}, white by ${white / filled}`);
    assert.match(page.url(), /fill=1/);
    assert.equal(said, []);
  });

  test('restoring can be stopped, a pointer paints, noise and colour need no mask', async () => {
    const { page } = await open('#restore?model=avatars-64&real=3&fill=1');
    await page.getByText(/^Step [1-9]/).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped.').waitFor();
    const box = (await page.getByRole('application').boundingBox())!;
    await page.mouse.move(box.x + 12, box.y + 12);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 4 + 2, box.y + 12, { steps: 12 });
    await page.mouse.up();
    assert.match(page.url(), /mask=f8000000/);
    for (const [task, name] of [
      ['denoise', 'Remove noise'],
      ['colourise', 'Add colour'],
    ] as const) {
      await page.getByLabel('Task').selectOption({ label: name });
      assert.not(await page.getByLabel('Missing part').isVisible());
      await page.getByRole('button', { name: 'Restore it' }).click();
      await page.getByText(/^Step [1-9]/).waitFor({ timeout: 60_000 });
      assert.match(page.url(), new RegExp(`task=${task}`));
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByText('Stopped.').waitFor();
    }
  });

  test('a picture of the visitor’s own is taken, and a file that is none is refused', async () => {
    const { page } = await open('#restore?model=avatars-64');
    const input = page.getByLabel('Your own');
    await input.waitFor();
    const buffer = await sharp({ create: { width: 90, height: 60, channels: 3, background: '#336699' } })
      .png()
      .toBuffer();
    await input.setInputFiles({ name: 'mine.png', mimeType: 'image/png', buffer });
    await page.getByText('stays on this device').waitFor();
    const original = (await pixelsOf(page, '.board canvas'))[2]!;
    assert.equal(numbersOf(original).slice(0, 4), [0x33, 0x66, 0x99, 255]);
    await input.setInputFiles({ name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await page.getByText('cannot be read as a picture').waitFor();
  });

  test("the quiz counts correctly, and shows the discriminator's predictions in Node for the same images", async () => {
    const round = 5;
    const { page, said } = await open(`#real-or-fake?model=avatars-64&round=${round}`);
    const questions = questionsOf(round, 40);
    const first = questions.findIndex(({ isReal }) => isReal);
    const expected = await opinionOnHeldOut(questions[first]!);
    let right = 0;
    for (const [i, { isReal }] of questions.entries()) {
      // Wrong at the last two.
      const isRight = i < 8;
      await page.getByRole('button', { name: isReal === isRight ? 'Real' : 'Fake', exact: true }).click();
      right += Number(isRight);
      const status = page.locator('main [role=status]');
      const text = (await status.textContent())!;
      assert.match(
        text,
        new RegExp(`^${isRight ? 'Right' : 'Wrong'}\\. It is ${isReal ? 'real' : 'a fake'}`),
      );
      const share = Number(/(\d+)%\.$/.exec(text)![1]);
      if (i === first) assert.ok(Math.abs(share - 100 * expected) <= 1.5, `${share}%, in Node ${expected}`);
      assert.match(await page.locator('.score').innerText(), new RegExp(`You ${right} of ${i + 1}, `));
      if (i === 3) assert.match(await page.locator('.score').innerText(), /4 right in a row/);
      await page.keyboard.press('Enter');
    }
    const end = await page.locator('h3').textContent();
    assert.match(end!, /^You 8 of 10, the discriminator \d+ of 10$/);
    assert.is(await page.locator('figure').count(), 10);
    await page.reload();
    await page.waitForSelector('h3');
    assert.is(await page.locator('h3').textContent(), end);
    assert.equal(said, []);
  });

  test('a discriminator of classes is given the class of each picture, real or fake', async () => {
    const [folder, round, columns] = [await classesModel(), 4, 4];
    const questions = questionsOf(round, 12);
    const names = ['round', 'rounder', 'roundest'];
    const labels = Array.from({ length: 12 }, (_, i) => names[i % 3]!);
    const own = temporaryFolder();
    const pixels = Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => (i * 37 + (i >> 5)) % 256);
    const sheet = sharp(pixels, { raw: { width: 64, height: 48, channels: 3 } });
    await sheet.png().toFile(join(own, 'held-out.png'));
    const conditions = labels.map((label) => ({ label }));
    const heldOut = { file: 'held-out.png', count: 12, columns, text: 'Noise.', conditions };
    const table = { heldOut, discriminator: null, sheet: null, groups: [] };
    writeFileSync(join(own, 'pictures.json'), JSON.stringify(table));
    const capabilities = ['classes', 'discriminator'];
    const index = [{ name: 'rounds', title: 'Rounds', capabilities }];
    writeFileSync(join(own, 'index.json'), JSON.stringify(index));
    const { page, said } = await open(
      `#real-or-fake?model=rounds&round=${round}`,
      {},
      {
        'models/index.json': join(own, 'index.json'),
        'models/rounds/': folder,
        'pictures/rounds/': own,
      },
    );
    const discriminator = readFileSync(join(folder, 'discriminator.onnx'));
    const generator = readFileSync(join(folder, 'generator.onnx'));
    const float = (shape: readonly number[], data: ArrayLike<number>) =>
      ({ shape, dtype: 'float32', data: Float32Array.from(data) }) as const;
    for (const [i, question] of questions.entries()) {
      const label = labels[question.isReal ? question.index : question.seed % 12]!;
      await page.locator('.score', { hasText: `Picture ${i + 1} of 10 (${label})` }).waitFor();
      await page.getByRole('button', { name: 'Real', exact: true }).click();
      const status = page.getByRole('status').filter({ hasText: 'probability' });
      await status.waitFor();
      const one = float(
        [1, 3],
        names.map((name) => Number(name === label)),
      );
      const realPixels = (at: number) =>
        Array.from({ length: 768 }, (_, k) => {
          const [y, x] = [Math.floor(k / 48), k % 48];
          const row = Math.floor(at / columns) * 16 + y;
          return pixels[row * 192 + (at % columns) * 48 + x]! / 127.5 - 1;
        });
      const images = question.isReal
        ? float([1, 16, 16, 3], realPixels(question.index))
        : (
            await runModel(generator, {
              z: float([1, 8], latentFromSeed(question.seed, 8, 'normal')),
              labels: one,
            })
          )['images']!;
      const { logits } = await runModel(discriminator, { images, labels: one });
      const expected = 100 / (1 + Math.exp(-logits!.data[0]!));
      const text = (await status.textContent())!;
      assert.match(text, question.isReal ? 'It is real' : 'It is a fake');
      const words = /real: (.*)\.$/.exec(text)![1]!;
      const shown = words === 'under 1%' ? 0 : words === 'over 99%' ? 100 : Number(words.slice(0, -1));
      assert.ok(Math.abs(shown - expected) <= 1.5, `${text}, in Node ${expected}`);
      await page.getByRole('button', { name: /Next picture|See the result/ }).click();
    }
    await page.locator('figure').nth(9).waitFor();
    assert.equal(said, []);
  });

  test('a visitor says what the chosen pictures show, for a discriminator of classes', async () => {
    const { page } = await open('#models');
    const query = await drop(page, await classesModel());
    await page.evaluate((hash) => (location.hash = hash), `#real-or-fake?${query}`);
    await page.getByLabel('What they show').selectOption('rounder');
    await page.getByLabel('Real pictures').setInputFiles(join(site, 'models', 'avatars-64', 'preview.png'));
    await page.locator('.score', { hasText: 'Picture 1 of 10 (rounder)' }).waitFor();
    assert.is(await page.locator('.error').count(), 0);
  });

  test('after a visit the quiz works without a network', async () => {
    const { page, server } = await open('#real-or-fake?model=fashion-mnist-32&round=3');
    await page.waitForSelector('.question canvas');
    // The clothes' discriminator calls nearly every fake real, and the room says so.
    assert.match(
      await page.locator('main').innerText(),
      /real ones real, and 99% of the fakes\..* weak player/,
    );
    const before = await pixelsOf(page, '.question canvas');
    await server.close();
    await page.reload();
    await page.waitForSelector('.question canvas');
    assert.equal(await pixelsOf(page, '.question canvas'), before);
  });

  test('a model without the files says so, and names the command that makes them', async () => {
    const { page } = await open('#models');
    const query = await drop(
      page,
      changed((files) => {
        delete files['masked'];
        delete files['discriminator'];
      }),
    );
    for (const [room, flag] of [
      ['look-inside', '--masks'],
      ['restore', '--restoring'],
      ['real-or-fake', '--discriminator'],
      ['how-it-works', '--activations'],
    ]) {
      await page.evaluate((hash) => (location.hash = hash), `#${room}?${query}`);
      await page.locator('.lacking code', { hasText: `npx dcgan export RUN ${flag}` }).waitFor();
      assert.is(await page.locator('.error').count(), 0);
    }
  });

  test('an imported model works, and rooms that need a run say what makes one', async () => {
    const { page } = await open('#models');
    const query = await drop(page, await importedModel());
    await page.locator('main .picture canvas').first().waitFor();
    for (const [room, text, command] of [
      ['look-inside', 'was imported from netG.onnx, without a run', 'npx dcgan export RUN --masks'],
      ['steer', 'was imported from netG.onnx, without a run', 'npx dcgan import netG.pth'],
      ['directions', 'This model has no directions', 'npx dcgan directions MODEL --method sefa'],
      ['mix-styles', 'This model has no styles', 'npx dcgan train --network stylegan'],
    ] as const) {
      await page.evaluate((hash) => (location.hash = hash), `#${room}?${query}`);
      await page.locator('.lacking', { hasText: text }).waitFor();
      await page.locator('.lacking code', { hasText: command }).first().waitFor();
      assert.is(await page.locator('.error').count(), 0, room);
    }
    await page.evaluate((hash) => (location.hash = hash), `#classes?${query}`);
    await page.locator('.classes th', { hasText: 'shoe' }).waitFor();
  });

  test('a discriminator for another image size is an error that says what to do; real images can be chosen', async () => {
    const { page } = await open('#models');
    const foreign = readFileSync(join(site, 'models', 'avatars-64', 'discriminator.onnx'));
    const query = await drop(
      page,
      changed((files, folder) => {
        writeFileSync(join(folder, 'discriminator.onnx'), foreign);
        const sha256 = createHash('sha256').update(foreign).digest('hex');
        files['discriminator'] = { file: 'discriminator.onnx', bytes: foreign.length, sha256 };
      }),
    );
    await page.evaluate((hash) => (location.hash = hash), `#real-or-fake?${query}`);
    await page
      .getByLabel('Real pictures')
      .setInputFiles(join(site, 'models', 'fashion-mnist-32', 'preview.png'));
    await page
      .getByText(
        /discriminator of .*'images' is float32 \[n,64,64,3\], expected float32 \[n,32,32,1\] by its model.json; export the model again/,
      )
      .waitFor();
  });
}

/** The discriminator's prediction for a real image in onnxruntime-node. */
async function opinionOnHeldOut(question: ReturnType<typeof questionsOf>[number]): Promise<number> {
  assert.ok(question.isReal);
  const [side, columns] = [64, 8];
  const { index } = question as { readonly index: number };
  const pixels = await sharp(join(site, 'pictures', 'avatars-64', 'held-out.png'))
    .extract({
      left: (index % columns) * side,
      top: Math.floor(index / columns) * side,
      width: side,
      height: side,
    })
    .removeAlpha()
    .raw()
    .toBuffer();
  const { logits } = await runModel(readFileSync(join(site, 'models', 'avatars-64', 'discriminator.onnx')), {
    images: {
      shape: [1, side, side, 3],
      dtype: 'float32',
      data: Float32Array.from(pixels, (value) => value / 127.5 - 1),
    },
  });
  return 1 / (1 + Math.exp(-logits!.data[0]!));
}

test.run();
