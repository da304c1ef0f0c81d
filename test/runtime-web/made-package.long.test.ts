// Models that never end, or whose images are not those of their model.json, beside a healthy one in the same page.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DcganViewer } from '../../runtime-web/index.ts';
import { openBrowser } from './browser.ts';
import { madePackage, type MadeNetwork } from './made-package.ts';
import { avatarsRun, picturesRun } from './models.ts';
import { runtimePages } from './pages.ts';

const test = suite('models made by somebody else, in a page');
const browser = await openBrowser('models made by somebody else, in a page');
const model = join(await picturesRun(), 'model');

const pages = runtimePages(browser, model);
test.after.each(() => pages.close());
test.after(() => browser?.close());

/** A page with the packages of these networks at `/made0/`, `/made1/`, …, and one with the files of every call at `/all/`. */
async function open(...networks: readonly MadeNetwork[]) {
  const made = Object.fromEntries(networks.map((each, i) => [`/made${i}/`, madePackage(model, each)]));
  return pages.open({ folders: { ...made, '/all/': join(await avatarsRun(), 'all') } });
}

/** Adds a viewer to the page; resolves at its first image, or with the message of its error. */
const shown = (page: Page, id: string, attributes: Readonly<Record<string, string>>): Promise<string> =>
  page.evaluate(
    ([name, given]) =>
      new Promise((done) => {
        const viewer = document.createElement('dcgan-viewer');
        viewer.id = name;
        for (const [key, value] of Object.entries(given)) viewer.setAttribute(key, value);
        viewer.addEventListener('change', () => done('drawn'), { once: true });
        viewer.addEventListener('error', (event) =>
          done((event as unknown as CustomEvent<{ error: Error }>).detail.error.message),
        );
        document.body.append(viewer);
      }),
    [id, attributes] as const,
  );
const endless = 2n ** 62n;

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('a model that never ends is ended; the viewer beside it draws, and both say what is so', async () => {
    const { page } = await open({ rounds: endless });
    assert.is(await shown(page, 'healthy', { src: '/model/model.json' }), 'drawn');
    const ending = shown(page, 'guilty', { src: '/made0/model.json', timeout: '4' });
    // Asked for while the worker is in the loop, or about to be.
    const drawn = page.evaluate(
      () =>
        new Promise<readonly number[]>((done) => {
          const viewer = document.querySelector<DcganViewer>('#healthy')!;
          viewer.addEventListener('change', (event) => {
            const { seeds } = (event as unknown as CustomEvent<{ seeds: readonly number[] }>).detail;
            if (seeds[0] === 8) done(seeds);
          });
          setTimeout(() => (viewer.seed = 8), 2500);
        }),
    );
    const message = await ending;
    assert.match(
      message,
      /^generator of http.*\/made0\/model\.json: one run took more than 4 s and was ended/,
    );
    assert.match(message, /if this device is slow, reload with a larger timeout$/);
    assert.equal(await drawn, [8]);
    const text = await page.evaluate(
      () => document.querySelector('#guilty')!.shadowRoot!.querySelector('[part=error]')!.textContent,
    );
    assert.is(text!.trim(), message);
    assert.is(await shown(page, 'again', { src: '/made0/model.json' }), message, 'it is not tried again');
  });

  test('calls of other models that wait for a model that never ends are repeated: draw, compute and load', async () => {
    const { page } = await open({ rounds: endless }, { rounds: endless });
    const results = await page.evaluate(async () => {
      const { loadGenerator } = window.dcgan;
      const told = (error: Error): string => `${error.name}: ${error.message}`;
      const all = await loadGenerator('/all/model.json', { device: 'wasm' });
      const layersBefore = await all.layers({ source: 3 });
      const imageBefore = await all.generate({ seeds: [3], as: 'floats' });
      const guilty = [
        await loadGenerator('/made0/model.json', { device: 'wasm', timeout: 3 }),
        await loadGenerator('/made1/model.json', { device: 'wasm', timeout: 3 }),
      ];
      const ends = guilty.map((each) => each.generate({ seeds: [1] }).then(() => 'drawn', told));
      const [image, layers, loaded] = await Promise.all([
        all.generate({ seeds: [3], as: 'floats' }),
        all.layers({ source: 3 }),
        loadGenerator('/model/model.json', { device: 'wasm', dtype: 'fp32' }),
      ]);
      return {
        ends: await Promise.all(ends),
        same: [
          String(image![0]) === String(imageBefore[0]),
          layers.every(({ data }, i) => String(data) === String(layersBefore[i]!.data)),
        ],
        drawn: (await loaded.generate({ seeds: [1] })).length,
      };
    });
    for (const [i, message] of results.ends.entries()) {
      assert.match(message, new RegExp(`WorkerError: generator of .*/made${i}/model.json: one run took`));
    }
    assert.equal(results.same, [true, true]);
    assert.is(results.drawn, 1);
  });

  test('a loop that ends is drawn, and a timeout out of range is refused', async () => {
    const { page } = await open({ rounds: 1000n });
    assert.is(await shown(page, 'slow', { src: '/made0/model.json' }), 'drawn');
    for (const timeout of [0, NaN, 1e6]) {
      const message = await page.evaluate(
        (given) => window.dcgan.loadGenerator('/model/model.json', { timeout: given }).catch(String),
        timeout,
      );
      assert.match(String(message), /RangeError: timeout: got .*, expected a number from 1 to 86400/);
    }
  });

  test('images of another shape than model.json says are refused, declared or computed', async () => {
    const { page } = await open(
      { declared: 40_000, computed: 1 },
      { declared: 32, computed: 32 },
      { declared: 's', computed: 32 },
      { declared: 16, computed: 1 },
    );
    for (const [i, got] of ['40000,40000', '32,32', 's,s'].entries()) {
      assert.match(
        await shown(page, `a${i}`, { src: `/made${i}/model.json` }),
        new RegExp(
          `^generator of .*/made${i}/model.json: 'images' is float32 \\[n,${got},3\\], expected float32 \\[n,16,16,3\\] by its model.json; export`,
        ),
      );
    }
    assert.match(
      await shown(page, 'computed', { src: '/made3/model.json' }),
      /'images' is \[1,1,1,3\], expected \[1,16,16,3\] by its model\.json/,
    );
    assert.is(await shown(page, 'healthy', { src: '/model/model.json' }), 'drawn');
  });
}

test.run();
