// <dcgan-viewer>, generate() and `sample` show the same image for the same seed, class and truncation.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type * as Runtime from '../../runtime-web/index.ts';
import type { DcganViewer } from '../../runtime-web/index.ts';
import { dcgan, jsonLines, labelledPictures, smallRun } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { openBrowser } from './browser.ts';
import { codesModel, importedModel, picturesRun, stickersModel } from './models.ts';
import { servedPages } from './served-pages.ts';

const test = suite('viewer and sample');
const browser = await openBrowser('viewer and sample');
const pages = servedPages(browser);
test.after.each(() => pages.close());
test.after(() => browser?.close());

/** Sorted as names, `2` is the class of number 4. */
const names = Array.from({ length: 12 }, (_, i) => `${i}`);

/** A model of {@link names} with networks of these flags. */
async function modelWith(flags: string, steps: number): Promise<string> {
  const args = smallRun(await labelledPictures(48, names), temporaryFolder(), steps);
  const { code, stdout, stderr } = await dcgan(...args, '--condition', 'label', ...flags.split(' '));
  assert.is(code, 0, stderr);
  return join(String(jsonLines(stdout).at(-1)!['runDir']), 'model');
}

/** A page with one viewer; the given attributes have been set and drawn when `shown` resolves to its pixels. */
async function viewerOf(model: string) {
  const site = temporaryFolder();
  writeFileSync(
    join(site, 'index.html'),
    `<!doctype html><title>viewer</title><script type="module">window.dcgan = await import('/web/element.js');</script>
     <main></main>`,
  );
  const folders = { '/': site, '/web/': resolve('runtime-web', 'dist'), '/model/': model };
  const { page } = await pages.open({ folders });
  const shown = (attributes: Readonly<Record<string, string>>): Promise<number[]> =>
    page.evaluate(async (given) => {
      await customElements.whenDefined('dcgan-viewer');
      const viewer = document.createElement('dcgan-viewer') as DcganViewer;
      for (const [name, value] of Object.entries(given)) viewer.setAttribute(name, value);
      const drawn = new Promise<void>((done, fail) => {
        viewer.addEventListener('change', () => done());
        viewer.addEventListener('error', (event) =>
          fail((event as unknown as CustomEvent<{ error: Error }>).detail.error),
        );
      });
      viewer.src = '/model/model.json';
      document.querySelector('main')!.replaceChildren(viewer);
      await drawn;
      const canvas = viewer.shadowRoot!.querySelector('canvas')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return [...data].filter((_, i) => i % 4 < 3);
    }, attributes);
  return { page, shown };
}

/** The pixels that `sample` draws. */
async function sampled(model: string, ...flags: readonly string[]): Promise<number[]> {
  const out = join(temporaryFolder(), 'grid.png');
  const { code, stderr } = await dcgan('sample', model, '--out', out, ...flags);
  assert.is(code, 0, stderr);
  return [...(await sharp(out).toColourspace('srgb').removeAlpha().raw().toBuffer())];
}

/** The pixels of generate(). */
const generated = (page: Page, request: object): Promise<number[]> =>
  page.evaluate(async (given) => {
    const { dcgan: runtime } = window as unknown as { dcgan: typeof Runtime };
    const generator = await runtime.loadGenerator('/model/model.json');
    const [image] = await generator.generate(given as { seeds: number[] });
    return [...image!.data].filter((_, i) => i % 4 < 3);
  }, request);

const off = (a: readonly number[], b: readonly number[]): number => {
  assert.is(a.length, b.length);
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
};

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('classes and styles: the same seed, label and truncation give the same image', async () => {
    const model = await modelWith('--network stylegan2 --mapping-layers 2', 8);
    const { page, shown } = await viewerOf(model);
    const seven = await shown({ seed: '7' });
    assert.ok(off(seven, await sampled(model, '--seeds', '7')) <= 2, 'seed 7');
    assert.ok(off(seven, await generated(page, { seeds: [7] })) <= 2, 'generate');
    assert.ok(off(seven, await shown({ seed: '7', label: '0' })) > 2, 'another class');
    assert.ok(off(await shown({ seed: '7', mode: 'walk' }), seven) <= 2, 'a walk begins with its seed');
    const grid = await shown({ mode: 'grid', columns: '2', rows: '2', seed: '5' });
    assert.ok(off(grid, await sampled(model, '--seeds', '5-8', '--columns', '2')) <= 2, 'grid');

    const two = await shown({ seed: '7', label: '2' });
    assert.ok(off(two, await sampled(model, '--seeds', '7', '--label', '2')) <= 2, 'label 2');
    assert.ok(off(two, await generated(page, { seeds: [7], labels: '2' })) <= 2, 'labels: 2');
    assert.ok(off(two, await generated(page, { seeds: [7], labels: 2 })) > 2, 'the class of number 2 is 10');

    const typical = await shown({ seed: '7', truncation: '0.3' });
    assert.ok(off(typical, seven) > 2, 'truncation changes the image');
    assert.ok(off(typical, await sampled(model, '--seeds', '7', '--truncation', '0.3')) <= 2, 'truncation');
    assert.ok(off(typical, await generated(page, { seeds: [7], truncation: 0.3 })) <= 2, 'truncation: 0.3');
  });

  test('R3GAN’s networks and classes: the same seed and label give the same image', async () => {
    const model = await modelWith('--network modern --label-discriminator projection', 4);
    const { page, shown } = await viewerOf(model);
    const two = await shown({ seed: '7', label: '2' });
    assert.ok(Math.max(...two) - Math.min(...two) > 20, 'a picture of one colour proves nothing');
    assert.ok(off(two, await sampled(model, '--seeds', '7', '--label', '2')) <= 2, 'label 2');
    assert.ok(off(two, await generated(page, { seeds: [7], labels: '2' })) <= 2, 'labels: 2');
    assert.ok(off(two, await shown({ seed: '7', label: '0' })) > 2, 'another class');
  });

  test('an imported model: the same seed and label give the same image', async () => {
    const model = await importedModel();
    const { page, shown } = await viewerOf(model);
    const five = await shown({ seed: '5' });
    assert.ok(Math.max(...five) - Math.min(...five) > 20, 'a picture of one colour proves nothing');
    assert.ok(off(five, await sampled(model, '--seeds', '5')) <= 1);
    assert.ok(off(five, await generated(page, { seeds: [5] })) <= 1, 'generate');
    const hat = await shown({ seed: '5', label: 'hat' });
    assert.ok(off(hat, five) > 2, 'another class');
    assert.ok(off(hat, await sampled(model, '--seeds', '5', '--label', 'hat')) <= 1, 'label hat');
  });

  test('16x24 with transparency: the same size, colours and alpha as sample; restore() and discriminate() take its shape', async () => {
    const model = await stickersModel();
    const out = join(temporaryFolder(), 'one.png');
    const { code, stderr } = await dcgan('sample', model, '--seeds', '3', '--out', out);
    assert.is(code, 0, stderr);
    const { data, info } = await sharp(out).raw().toBuffer({ resolveWithObject: true });
    assert.equal([info.width, info.height, info.channels], [16, 24, 4]);
    const alphas = [...data].filter((_, i) => i % 4 === 3);
    assert.ok(Math.max(...alphas) - Math.min(...alphas) > 10, 'transparency and pictures in it');
    const { page, shown } = await viewerOf(model);
    assert.is((await shown({ seed: '3' })).length, 16 * 24 * 3);
    const canvas = await page.evaluate(() => {
      const { width, height } = document.querySelector('dcgan-viewer')!.shadowRoot!.querySelector('canvas')!;
      return [width, height];
    });
    assert.equal(canvas, [16, 24]);
    const found = await page.evaluate(async () => {
      const { dcgan: runtime } = window as unknown as { dcgan: typeof Runtime };
      const generator = await runtime.loadGenerator('/model/model.json');
      const [image] = await generator.generate({ seeds: [3] });
      // The left third is missing.
      const mask = Array.from({ length: 16 * 24 }, (_, i) => i % 16 < 5);
      const restored = await generator.restore({ image: image!, mask, steps: 2, candidates: 2, restarts: 1 });
      const probabilities = await generator.discriminate({ images: [image!] });
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [90, 30];
      await generator.discriminate({ images: [canvas] });
      return {
        pixels: [...image!.data],
        restored: [restored.image.width, restored.image.height, restored.floats.image.length],
        known: [...restored.image.data],
        probabilities: probabilities.map(({ probability }) => probability > 0 && probability < 1),
      };
    });
    for (const [i, value] of found.pixels.entries()) {
      // A straight colour of little alpha magnifies rounding.
      const alpha = data[i - (i % 4) + 3]!;
      if (i % 4 === 3 || alpha > 100) assert.ok(Math.abs(value - data[i]!) <= 2, `byte ${i}`);
    }
    assert.equal(found.restored, [16, 24, 16 * 24 * 4]);
    assert.equal(found.probabilities, [true]);
    for (const [i, value] of found.known.entries()) {
      const [x, alpha] = [Math.floor(i / 4) % 16, found.pixels[i - (i % 4) + 3]!];
      if (x >= 5 && alpha > 100) assert.ok(Math.abs(value - found.pixels[i]!) <= 4, `known byte ${i}`);
    }
  });

  test('codes follow from the seed, in walks too', async () => {
    const model = await codesModel();
    const { shown } = await viewerOf(model);
    const four = await sampled(model, '--seeds', '4');
    assert.ok(off(await shown({ seed: '4' }), four) <= 2);
    assert.ok(off(await shown({ seed: '4', mode: 'walk' }), four) <= 2);
  });

  test('truncation of a model without styles scales its latents', async () => {
    const model = join(await picturesRun(), 'model');
    const { shown } = await viewerOf(model);
    const typical = await sampled(model, '--seeds', '3', '--truncation', '0.3');
    assert.ok(off(await shown({ seed: '3', truncation: '0.3' }), typical) <= 2);
    assert.ok(off(await shown({ seed: '3' }), typical) > 2);
  });
}

test.run();
