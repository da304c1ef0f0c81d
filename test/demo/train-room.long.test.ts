// The demo's room Train in a real browser: the faces are learned with the site's own networks, clothes by the URL, and the model is kept.
import { existsSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { axeViolations, openBrowser } from '../runtime-web/browser.ts';
import { demoPages, drawn, site } from './pages.ts';

const test = suite('the room Train');
const browser = existsSync(site) ? await openBrowser('the room Train') : null;
const pages = demoPages(browser);
test.after.each(() => pages.close());
test.after(() => browser?.close());

const steps = (page: Awaited<ReturnType<typeof pages.open>>['page']): Promise<number> =>
  page.evaluate(async () => (await document.querySelector('dcgan-trainer')!.trainer)?.report.step ?? 0);

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('a visitor presses Play, watches, plays with the model, and takes it along', async () => {
    const { page, said, origins, server } = await pages.open('#train?seed=5');
    await page.waitForSelector('dcgan-trainer [part=canvas][width="256"]');
    assert.is(await page.evaluate(() => document.querySelector('dcgan-trainer')!.seed), 5);
    assert.is(await page.locator('#model').isVisible(), false);
    await page.getByRole('button', { name: 'Play' }).click();
    while ((await steps(page)) < 12) await page.waitForTimeout(200);
    assert.equal(await axeViolations(page), []);
    await page.getByText('Keep it').click();
    await page.getByRole('button', { name: 'Play with it here' }).click();
    await page.waitForSelector('dcgan-trainer dcgan-viewer canvas[width="32"]');
    await page.getByRole('button', { name: 'Pause', exact: false }).first().click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save the run' }).click(),
    ]);
    const zip = readFileSync(await download.path()).toString('latin1');
    assert.match(zip, /config\.json/);
    assert.match(zip, /safetensors/);
    await page.getByRole('button', { name: 'Use it in the other rooms' }).click();
    await page.waitForFunction(() => location.hash.startsWith('#generate?model=dropped'));
    await drawn(page);
    assert.equal([...origins], [server.origin]);
    assert.equal(
      said.filter((line) => !line.includes('No available adapters')),
      [],
    );
  });

  test('clothes are in the URL, and take networks of one channel', async () => {
    const { page } = await pages.open('#train?data=clothes');
    await page.waitForSelector('dcgan-trainer [part=canvas][width="256"]');
    const isGrey = await page.evaluate(() => {
      const canvas = document.querySelector('dcgan-trainer')!.shadowRoot!.querySelector('canvas')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return data.every((value, i) => i % 4 !== 1 || value === data[i - 1]);
    });
    assert.ok(isGrey);
    await page.getByRole('button', { name: 'One step' }).click();
    while ((await steps(page)) < 1) await page.waitForTimeout(200);
    await page.locator('main select').selectOption('Faces');
    await page.waitForFunction(() => !location.hash.includes('data='));
  });

  test("a visitor's pictures start from the site's generator of faces, and grey ones from that of clothes", async () => {
    const { page, server } = await pages.open('#train');
    await page.waitForSelector('dcgan-trainer [part=canvas][width="256"]');
    await page.getByText('Your own pictures').click();
    const files = Array.from({ length: 12 }, async (_, i) => {
      const create = {
        width: 40,
        height: 40,
        channels: 3,
        background: { r: 20 * i, g: 90, b: 200 },
      } as const;
      const buffer = await sharp({ create }).png().toBuffer();
      return { name: `${i}.png`, mimeType: 'image/png', buffer };
    });
    await page
      .locator('dcgan-trainer input[type=file]')
      .first()
      .setInputFiles(await Promise.all(files));
    await page.getByText('12 pictures are ready').waitFor();
    /** The standard deviation of the wall's red, after one step. */
    const spread = async (): Promise<number> => {
      await page.getByRole('button', { name: 'One step' }).click();
      await page.getByText('Generated pictures at step 1').first().waitFor();
      return page.evaluate(() => {
        const canvas = document.querySelector('dcgan-trainer')!.shadowRoot!.querySelector('canvas')!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        const reds = [...data].filter((_, i) => i % 4 === 0);
        const mean = reds.reduce((sum, red) => sum + red / reds.length, 0);
        return Math.sqrt(reds.reduce((sum, red) => sum + (red - mean) ** 2 / reds.length, 0));
      });
    };
    const ofNoise = await spread();
    assert.not.ok(server.requests.some((path) => path.endsWith('.safetensors')));
    await page.getByLabel(/^Start from a trained generator/).check();
    await page.getByText('Pictures to learn from').first().waitFor();
    const ofFaces = await spread();
    assert.ok(server.requests.some((path) => path.endsWith('/networks/starts/faces-32.safetensors')));
    assert.ok(ofNoise < 25 && ofFaces > 40, `${ofNoise} ${ofFaces}`);

    await page.evaluate(() => {
      const images = Uint8Array.from({ length: 12 * 32 * 32 }, (_, i) => (i * 7919) % 251);
      const data = { images, width: 32, height: 32, channels: 1 };
      Object.assign(document.querySelector('dcgan-trainer')!, { data });
    });
    await page.getByText('Pictures to learn from').first().waitFor();
    await spread();
    assert.ok(server.requests.some((path) => path.endsWith('/networks/starts/clothes-32.safetensors')));
  });
}

test.run();
