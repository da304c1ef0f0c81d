// The built demo in browsers that lack or refuse something optional: each room that needs it goes on, or says so.
import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openBrowser } from '../runtime-web/browser.ts';
import { servedPages } from '../runtime-web/served-pages.ts';
import { changedFrom, drawn, pixelsOf, site } from './pages.ts';

const test = suite('the demo in browsers that lack something');
const browser = existsSync(site) ? await openBrowser('the demo in browsers that lack something') : null;
const pages = servedPages(browser);
test.after.each(() => pages.close());
test.after(() => browser?.close());

const refusing = (object: string, name: string): string =>
  `Object.defineProperty(${object}, '${name}', { get() { throw new DOMException('refused', 'SecurityError'); } });`;

/** A room in a page where `script` has run first, without service workers unless they are wanted. */
async function open(hash: string, script: string, context: object = { serviceWorkers: 'block' }) {
  const opened = await pages.open({ folders: { '/a/b/': site } }, { path: '/a/b/icon.svg', context });
  const { page, server } = opened;
  await page.addInitScript(script);
  await page.goto(`${server.origin}/a/b/${hash}`);
  await page.waitForSelector('h2');
  return opened;
}
const errors = (page: Page): Promise<string[]> => page.locator('.error').allTextContents();

/** Each with the script that takes it away. */
const poor: Readonly<Record<string, string>> = {
  IntersectionObserver: 'delete window.IntersectionObserver;',
  ResizeObserver: 'delete window.ResizeObserver;',
  matchMedia: 'delete window.matchMedia;',
  OffscreenCanvas: 'delete window.OffscreenCanvas;',
  'Cache Storage': 'delete window.caches;',
  'Cache Storage that may be read': refusing('window', 'caches'),
  'Cache Storage that lists its keys': 'Cache.prototype.keys = () => Promise.reject(new Error("refused"));',
  storage: refusing('window', 'sessionStorage') + refusing('window', 'localStorage'),
  'service workers': 'delete Navigator.prototype.serviceWorker;',
  'service workers that may be read': refusing('Navigator.prototype', 'serviceWorker'),
  'history that may be changed':
    'history.replaceState = () => { throw new DOMException("refused", "SecurityError"); };',
  'Web Locks': 'delete Navigator.prototype.locks;',
  'crypto.randomUUID': 'delete Crypto.prototype.randomUUID;',
};

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  for (const [what, script] of Object.entries(poor)) {
    test(`without ${what} pictures are drawn, and others after them`, async () => {
      const { page, said } = await open('#generate?seed=12', script);
      await drawn(page);
      const [before] = await pixelsOf(page);
      await page.getByRole('button', { name: 'More' }).click();
      await changedFrom(page, before);
      assert.equal(await errors(page), []);
      await page.evaluate(() => (location.hash = '#models'));
      await page.waitForSelector('main input[type=file]');
      assert.equal(await errors(page), []);
      assert.equal(
        said.filter((line) => line.startsWith('pageerror')),
        [],
      );
    });
  }

  test('without a clipboard, or where it refuses, the link is shown', async () => {
    for (const script of [
      'delete Navigator.prototype.clipboard;',
      'Clipboard.prototype.writeText = () => Promise.reject(new DOMException("refused", "NotAllowedError"));',
    ]) {
      const { page } = await open('#generate?seed=12', script);
      await drawn(page);
      await page.locator('main button.picture').first().click();
      await page.getByRole('button', { name: 'Copy link' }).click();
      await page.waitForFunction(() => document.querySelector('dialog [role=status]')!.textContent !== '');
      const text = await page.locator('dialog [role=status]').textContent();
      assert.match(text!, /^http.*#generate\?model=.*seed=12$/);
      assert.equal(await errors(page), []);
    }
  });

  test('without AbortSignal.any a picture is restored, and stopped', async () => {
    const { page } = await open('#restore', 'delete AbortSignal.any;');
    await drawn(page, 'main canvas', 'any');
    await page.getByRole('button', { name: 'Restore it' }).click();
    await page.waitForFunction(() => /Step [1-9]/.test(document.querySelector('main')!.textContent ?? ''));
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.waitForFunction(() => document.querySelector('main')!.textContent?.includes('Stopped.'));
    assert.equal(await errors(page), []);
  });

  test('without createImageBitmap the room of real pictures says that they cannot be read', async () => {
    const { page } = await open('#real-or-fake', 'delete window.createImageBitmap;');
    await page.waitForSelector('.error');
    assert.match((await errors(page)).join(), /cannot be read as a picture/);
  });
}

test.run();
