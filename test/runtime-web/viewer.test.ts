// <dcgan-viewer> in a real browser: attributes, properties, keys, events and slots.
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DcganViewer } from '../../runtime-web/index.ts';
import { axeViolations, browserName, openBrowser, testIn } from './browser.ts';
import { picturesRun } from './models.ts';
import { events, picture, quiet, tag, viewer, viewerPages, waitFor } from './viewer-pages.ts';

const test = suite('<dcgan-viewer>');
const browser = await openBrowser('<dcgan-viewer>');
const model = join(await picturesRun(), 'model');

const pages = viewerPages(browser, model);
test.after.each(() => pages.close());
test.after(() => browser?.close());

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('two tags are enough: it loads, draws and says so, from a folder under a sub-path', async () => {
    const { page, said } = await pages.open(`${tag}></dcgan-viewer>`);
    await waitFor(page, 'change');
    const noted = await events(page);
    assert.is(noted[0]!.type, 'progress');
    assert.equal(
      noted.filter(({ type }) => type !== 'progress').map(({ type }) => type),
      ['load', 'change'],
    );
    const progress = noted.filter(({ type }) => type === 'progress') as unknown as {
      loaded: number;
      total: number;
    }[];
    assert.is(progress.at(-1)!.loaded, progress.at(-1)!.total);
    assert.ok(progress.every(({ loaded }, i) => i === 0 || loaded > progress[i - 1]!.loaded));
    assert.equal(said, []);
    assert.match(await picture(page), /^16x16 \d+,/);
    assert.is(new Set((await picture(page)).split(' ')[1]!.split(',')).size > 10, true);
    const blob = await page.evaluate(async () => {
      const made = await document.querySelector<DcganViewer>('dcgan-viewer')!.toBlob();
      return [made.type, made.size > 100];
    });
    assert.equal(blob, ['image/png', true]);
  });

  test('attributes and properties mirror each other; a grid is as large as asked for', async () => {
    const { page } = await pages.open(`${tag} mode="grid" columns="3" rows="2" seed="5"></dcgan-viewer>`);
    await waitFor(page, 'change');
    assert.match(await picture(page), /^48x32 /);
    assert.equal((await events(page)).at(-1)!.seeds, [5, 6, 7, 8, 9, 10]);
    const mirrored = await viewer(page, (element) => {
      element.seed = 9;
      element.mode = 'sample';
      element.pixelated = true;
      return [
        element.getAttribute('seed'),
        element.getAttribute('mode'),
        element.hasAttribute('pixelated'),
        element.columns,
      ];
    });
    assert.equal(mirrored, ['9', 'sample', true, 3]);
    await page.waitForFunction(
      () => document.querySelector('dcgan-viewer')!.shadowRoot!.querySelector('canvas')!.width === 16,
    );
  });

  test('an invalid value is an error event, and the default is used', async () => {
    const { page } = await pages.open(`${tag} seed="-3" mode="spiral"></dcgan-viewer>`);
    await waitFor(page, 'change');
    const messages = (await events(page))
      .filter(({ type }) => type === 'error')
      .map(({ message }) => message);
    assert.equal(messages.sort(), [
      'mode: got "spiral", expected sample, grid, walk; sample is taken',
      'seed: got "-3", expected a whole number from 0 to 9007199253740991; 0 is taken',
    ]);
    assert.equal((await events(page)).at(-1)!.seeds, [0]);
  });

  test('by keyboard: arrows step, space plays and pauses, a ring shows the focus, and changes are announced', async () => {
    const { page } = await pages.open(
      `<button id="before">before</button>${tag} seed="4" mode="walk" fps="60"></dcgan-viewer>`,
    );
    await waitFor(page, 'change');
    await page.focus('#before');
    await page.keyboard.press('Tab');
    assert.is(await page.evaluate(() => document.activeElement!.localName), 'dcgan-viewer');
    assert.is(
      await viewer(
        page,
        (element) => getComputedStyle(element.shadowRoot!.querySelector('[part=frame]')!).outlineStyle,
      ),
      'solid',
    );
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowDown');
    assert.is(await viewer(page, (element) => element.seed), 15);
    assert.is(
      await viewer(page, (element) => element.shadowRoot!.querySelector('[role=status]')!.textContent),
      'Picture 15',
    );
    await page.keyboard.press(' ');
    assert.is(await viewer(page, (element) => element.playing), true);
    const before = (await events(page)).length;
    await waitFor(page, 'change', before + 5);
    await page.keyboard.press(' ');
    assert.is(await viewer(page, (element) => element.playing), false);
    // The frame that was being drawn still comes.
    await quiet(page);
    const first = await picture(page);
    await quiet(page);
    assert.ok((await picture(page)) === first, 'it stands still');
  });

  test('its buttons work', async () => {
    const { page } = await pages.open(`${tag} seed="4" controls></dcgan-viewer>`);
    await waitFor(page, 'change');
    await page.getByRole('button', { name: 'Next picture' }).click();
    assert.is(await viewer(page, (element) => element.seed), 5);
    await page.getByRole('button', { name: 'Previous picture' }).click();
    assert.is(await viewer(page, (element) => element.seed), 4);
    await page.getByRole('button', { name: 'Another picture' }).click();
    await page.getByRole('button', { name: 'Play' }).click();
    assert.is(await page.getByRole('button', { name: 'Pause' }).count(), 1);
  });

  test('several viewers share one worker and one download', async () => {
    const { page, server } = await pages.open(
      `${tag}></dcgan-viewer>${tag.replace('"a"', '"b"')} seed="3"></dcgan-viewer>`,
    );
    await waitFor(page, 'change', 2);
    if (browserName !== 'webkit')
      assert.is(page.workers().filter((worker) => worker.url().endsWith('/worker.js')).length, 1);
    for (const ending of ['.onnx', '.wasm', 'model.json']) {
      assert.is(server.requests.filter((path) => path.endsWith(ending)).length, 1, ending);
    }
  });

  test('reveal=interaction waits for a click, loading=lazy for the screen', async () => {
    const { page, server } = await pages.open(
      `${tag} reveal="interaction"></dcgan-viewer><div style="height:4000px"></div>${tag.replace('"a"', '"b"')} loading="lazy"></dcgan-viewer>`,
    );
    await page.waitForFunction(() => customElements.get('dcgan-viewer') !== undefined);
    // Nothing is to happen: a viewer that loads asks for its model.json as soon as it is defined.
    await quiet(page);
    assert.not.ok(server.requests.some((path) => path.endsWith('.json')));
    await page.click('#a');
    await waitFor(page, 'change');
    assert.is((await events(page)).at(-1)!.id, 'a');
    await page.evaluate(() => document.querySelector('#b')!.scrollIntoView());
    await waitFor(page, 'change', 2);
  });

  test('off the screen it pauses, and continues when it is back', async () => {
    const { page } = await pages.open(
      `${tag} mode="walk" playing></dcgan-viewer><div style="height:4000px"></div>`,
    );
    await waitFor(page, 'change', 3);
    await page.evaluate(() => scrollTo(0, 3000));
    const away = await quiet(page);
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForFunction(
      (count) => (window as unknown as { events: unknown[] }).events.length > count + 2,
      away,
    );
  });

  const emulated = testIn(['chromium'], 'has no emulated preferences', test);
  emulated('with reduced motion, only a person starts it', async () => {
    const { page } = await pages.open(`${tag} mode="walk" playing></dcgan-viewer>`, {
      context: { reducedMotion: 'reduce' },
    });
    await waitFor(page, 'change');
    await quiet(page);
    const changes = (await events(page)).filter(({ type }) => type === 'change').length;
    assert.is(changes, 1);
    await viewer(page, (element) => element.play());
    await waitFor(page, 'change', 4);
  });

  test('a model that cannot be loaded is shown in the error slot, and the page goes on', async () => {
    const { page } = await pages.open(
      `${tag.replace('model/model.json', 'nowhere/model.json')}></dcgan-viewer>`,
    );
    await waitFor(page, 'error');
    assert.match(
      String((await events(page)).at(-1)!.message),
      /nowhere\/model\.json: the server answers 404/,
    );
    assert.match(
      await viewer(page, (element) => element.shadowRoot!.querySelector('[part=error]')!.textContent ?? ''),
      /the server answers 404/,
    );
    await viewer(page, (element) => {
      element.src = 'model/model.json';
    });
    await waitFor(page, 'change');
    assert.is(
      await viewer(
        page,
        (element) => (element.shadowRoot!.querySelector('[part=error]') as HTMLElement).hidden,
      ),
      true,
    );
  });

  const measured = testIn(['chromium'], 'does not report the size of its heap', test);
  measured('attached and removed two hundred times, it leaves nothing behind', async () => {
    const { page } = await pages.open(`${tag}></dcgan-viewer>`);
    await waitFor(page, 'change');
    const session = await page.context().newCDPSession(page);
    const heap = async (): Promise<number> => {
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      return usedSize;
    };
    const cycle = (times: number): Promise<void> =>
      page.evaluate(async (count) => {
        const main = document.querySelector('main')!;
        for (let i = 0; i < count; i++) {
          const element = document.createElement('dcgan-viewer') as DcganViewer;
          element.src = 'model/model.json';
          main.append(element);
          if (i % 10 === 0)
            await new Promise((done) => element.addEventListener('change', done, { once: true }));
          element.remove();
        }
        (window as unknown as { events: unknown[] }).events.length = 0;
      }, times);
    await cycle(20);
    const before = await heap();
    await cycle(200);
    const grown = async (): Promise<number> => (await heap()) - before;
    // The last ones are released a moment later.
    for (let tries = 0; tries < 50 && (await grown()) >= 1_500_000; tries++) await page.waitForTimeout(50);
    assert.ok((await grown()) < 1_500_000, `${((await grown()) / 1e6).toFixed(2)} MB more`);
    assert.is(page.workers().filter((worker) => worker.url().endsWith('/worker.js')).length, 1);
    assert.is(await page.evaluate(() => document.querySelectorAll('dcgan-viewer').length), 1);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    (colorScheme === 'dark' ? emulated : test)(`axe reports nothing, ${colorScheme}`, async () => {
      const { page } = await pages.open(
        `<h1>Faces</h1>${tag} controls></dcgan-viewer>
         <dcgan-viewer src="nowhere.json" alt="Nothing"></dcgan-viewer>`,
        { context: { colorScheme } },
      );
      await waitFor(page, 'change');
      await waitFor(page, 'error');
      assert.equal(await axeViolations(page), []);
    });
  }
}

test.run();
