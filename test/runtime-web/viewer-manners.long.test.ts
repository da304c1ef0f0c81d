// <dcgan-viewer> among a page's other scripts and frameworks: properties set early or emptied, nothing set on the host, slots, reduced
// motion, print, small sizes and right-to-left pages.
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DcganViewer } from '../../runtime-web/index.ts';
import { axeViolations, openBrowser } from './browser.ts';
import { picturesRun } from './models.ts';
import { events, picture, quiet, tag, viewer, viewerPages, waitFor } from './viewer-pages.ts';

const test = suite('<dcgan-viewer> in a page');
const browser = await openBrowser('<dcgan-viewer> in a page');
const model = join(await picturesRun(), 'model');

const pages = viewerPages(browser, model);
test.after.each(() => pages.close());
test.after(() => browser?.close());

const blank = (page: Parameters<typeof picture>[0]): Promise<boolean> =>
  picture(page).then((text) => text.startsWith('1x1 '));

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('properties set before the element is defined count', async () => {
    const { page } = await pages.open('<dcgan-viewer id="a"></dcgan-viewer>', {
      script: `addEventListener('readystatechange', () => {
        const viewer = document.querySelector('dcgan-viewer');
        if (customElements.get('dcgan-viewer') !== undefined) throw new Error('defined too early');
        Object.assign(viewer, { src: 'model/model.json', seed: 6, mode: 'grid', columns: 2, rows: 1, controls: true, strings: { next: 'Weiter' } });
      }, { capture: true, once: true });`,
    });
    await waitFor(page, 'change');
    assert.equal((await events(page)).at(-1)!.seeds, [6, 7]);
    assert.is(await viewer(page, (element) => element.getAttribute('seed')), '6');
    assert.is(await page.getByRole('button', { name: 'Weiter' }).count(), 1);
    await viewer(page, (element) => {
      element.seed = 9;
    });
    assert.is(await viewer(page, (element) => element.getAttribute('seed')), '9');
  });

  test('a property that becomes null or undefined removes its attribute', async () => {
    const { page, server } = await pages.open(`${tag} seed="3" label="2" playing controls></dcgan-viewer>`);
    await waitFor(page, 'load');
    const left = await viewer(page, (element) => {
      const values = element as unknown as Record<string, unknown>;
      values['label'] = undefined;
      values['seed'] = null;
      values['playing'] = undefined;
      values['controls'] = null;
      values['src'] = undefined;
      // A flag that is absent stays absent.
      values['pixelated'] = undefined;
      return element.getAttributeNames();
    });
    assert.equal(left.sort(), ['alt', 'id']);
    await quiet(page);
    assert.not.ok(server.requests.some((path) => /undefined|null/.test(path)));
  });

  test('src removed or empty clears the picture, and its poster is back', async () => {
    for (const clear of [
      (element: DcganViewer) => element.removeAttribute('src'),
      (element: DcganViewer) => element.setAttribute('src', ''),
    ]) {
      const { page } = await pages.open(`${tag} poster="favicon.ico"></dcgan-viewer>`);
      await waitFor(page, 'change');
      const isPosterHidden = (): Promise<boolean> =>
        viewer(page, (element) =>
          element.shadowRoot!.querySelector('slot[name=poster]')!.hasAttribute('hidden'),
        );
      assert.is(await isPosterHidden(), true);
      await viewer(page, clear);
      await quiet(page);
      assert.is(await blank(page), true);
      assert.is(await isPosterHidden(), false);
      assert.match(
        await viewer(page, (element) => element.toBlob().then(() => 'a file', String)),
        /nothing has been drawn/,
      );
    }
  });

  test('it sets no attribute on itself; Tab goes to its inside once, and focus() works', async () => {
    const { page } = await pages.open(`<button id="before">before</button>${tag}></dcgan-viewer>
      <button id="after">after</button>`);
    await waitFor(page, 'change');
    assert.equal(await viewer(page, (element) => element.getAttributeNames().sort()), ['alt', 'id', 'src']);
    const active = (): Promise<string> => page.evaluate(() => document.activeElement!.id);
    await page.focus('#before');
    await page.keyboard.press('Tab');
    assert.is(await active(), 'a');
    await page.keyboard.press('Tab');
    assert.is(await active(), 'after');
    await viewer(page, (element) => element.focus());
    assert.is(await active(), 'a');
    await viewer(page, (element) => element.setAttribute('tabindex', '-1'));
    await page.focus('#before');
    await page.keyboard.press('Tab');
    assert.is(await active(), 'after');
  });

  test("a page's own controls are clicked and typed in, and their keys stay theirs", async () => {
    const { page } = await pages.open(
      `${tag} seed="4" controls><span slot="controls"><button onclick="this.closest('dcgan-viewer').seed = 8">Eight</button>
       <input type="range" aria-label="Range" min="0" max="10" value="5"></span></dcgan-viewer>`,
    );
    await waitFor(page, 'change');
    await page.getByRole('button', { name: 'Eight' }).click();
    assert.is(await viewer(page, (element) => element.seed), 8);
    await page.getByRole('slider').focus();
    await page.keyboard.press('ArrowRight');
    assert.is(await page.getByRole('slider').inputValue(), '6');
    assert.is(await viewer(page, (element) => element.seed), 8);
    assert.is(await page.getByRole('button', { name: 'Next picture' }).count(), 0);
  });

  test('with reduced motion, the button says Play while nothing moves, and one click plays', async () => {
    const { page } = await pages.open(`${tag} mode="walk" playing controls></dcgan-viewer>`, {
      context: { reducedMotion: 'reduce' },
    });
    await waitFor(page, 'change');
    await quiet(page);
    await page.getByRole('button', { name: 'Play' }).click();
    await waitFor(page, 'change', 4);
    await page.getByRole('button', { name: 'Pause' }).click();
    await quiet(page);
    assert.is(await page.getByRole('button', { name: 'Play' }).count(), 1);
    // The preference may change while the page is open.
    await viewer(page, (element) => element.setAttribute('playing', ''));
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.getByRole('button', { name: 'Play' }).waitFor();
    await quiet(page);
  });

  test('below the fold it has its picture too, changes included, and prints it', async () => {
    const { page } = await pages.open(`<div style="height:4000px"></div>${tag}></dcgan-viewer>`);
    await waitFor(page, 'change');
    await viewer(page, (element) => {
      element.seed = 5;
    });
    await waitFor(page, 'change', 2);
    const pdf = (await page.pdf()).toString('latin1');
    assert.match(pdf, /\/Subtype \/Image/);
  });

  test('in a right-to-left page arrow keys and buttons are mirrored alike', async () => {
    const { page } = await pages.open(`${tag} seed="4" controls></dcgan-viewer>`, {
      html: 'lang="ar" dir="rtl"',
    });
    await waitFor(page, 'change');
    const [previous, next] = await Promise.all(
      ['Previous picture', 'Next picture'].map((name) =>
        page.getByRole('button', { name }).evaluate((button) => button.getBoundingClientRect().x),
      ),
    );
    assert.ok(next! < previous!, 'next lies on the left');
    await viewer(page, (element) => element.focus());
    await page.keyboard.press('ArrowLeft');
    assert.is(await viewer(page, (element) => element.seed), 5);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    assert.is(await viewer(page, (element) => element.seed), 3);
  });

  for (const width of [80, 160, 400]) {
    test(`at ${width} px all buttons lie inside, 24 px or larger, and can be clicked`, async () => {
      const { page } = await pages.open(
        `<h1>Faces</h1>${tag} seed="4" controls style="inline-size:${width}px"></dcgan-viewer>`,
      );
      await waitFor(page, 'change');
      await page.getByRole('button', { name: 'Next picture' }).waitFor();
      const sizes = await viewer(page, (element) => {
        const host = element.getBoundingClientRect();
        return [...element.shadowRoot!.querySelectorAll('button')].map((button) => {
          const { left, right, top, bottom, width: wide, height } = button.getBoundingClientRect();
          const isInside =
            left >= host.left && right <= host.right && top >= host.top && bottom <= host.bottom;
          return { isInside, wide, height };
        });
      });
      assert.is(sizes.length, 4);
      for (const { isInside, wide, height } of sizes) {
        assert.ok(isInside && wide >= 24 && height >= 24, JSON.stringify(sizes));
      }
      await page.getByRole('button', { name: 'Next picture' }).click();
      await page.getByRole('button', { name: 'Previous picture' }).click();
      await page.getByRole('button', { name: 'Another picture' }).click();
      await page.getByRole('button', { name: 'Play' }).click();
      await page.getByRole('button', { name: 'Pause' }).click();
      assert.equal(await axeViolations(page), []);
    });
  }
}

test.run();
