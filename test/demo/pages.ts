// Pages of the built demo under a sub-path, and the pixels of their canvases, for suites that drive a real browser.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { browserName } from '../runtime-web/browser.ts';
import { servedPages, type PageOptions, type ServedPage } from '../runtime-web/served-pages.ts';

/** The built site. */
export const site = resolve('dist', 'demo');

/** Opens rooms by their fragment of the URL, on a host that sends no isolation headers; `close` closes all of them. */
export function demoPages(browser: Browser | null) {
  const pages = servedPages(browser);
  return {
    /** `more` are folders, or files, in the place of the site's own, by their path in it. */
    async open(
      hash: string,
      context: PageOptions['context'] = {},
      more: Readonly<Record<string, string>> = {},
    ): Promise<ServedPage> {
      const own = Object.entries(more).map(([path, folder]) => [`/a/b/${path}`, folder]);
      const folders = { '/a/b/': site, ...(Object.fromEntries(own) as Record<string, string>) };
      const opened = await pages.open({ folders }, { path: `/a/b/${hash}`, context });
      const { page } = opened;
      await page.waitForFunction(() => navigator.serviceWorker?.controller != null && crossOriginIsolated);
      await page.waitForSelector('h2');
      return opened;
    },
    close: pages.close,
  };
}

/** Chooses a folder as a model of the visitor's, and waits until it is drawn from. */
export async function chooseModel(page: Page, folder: string): Promise<void> {
  if (browserName === 'chromium') await page.setInputFiles('input[type=file]', folder);
  else {
    // Other drivers choose no folders: the page gets the files, as if it had been.
    const files = readdirSync(folder).map(
      (name) => [name, readFileSync(join(folder, name), 'base64')] as const,
    );
    await page.waitForSelector('input[type=file]');
    await page.evaluate((given) => {
      const chosen = new DataTransfer();
      for (const [name, base64] of given) {
        chosen.items.add(new File([Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))], name));
      }
      const input = document.querySelector<HTMLInputElement>('input[type=file]')!;
      input.files = chosen.files;
      input.dispatchEvent(new Event('change'));
    }, files);
  }
  await page.waitForFunction(() => location.hash.startsWith('#generate?model=dropped'));
}

/** The bytes of each canvas that a selector finds, as a text to compare. */
export function pixelsOf(page: Page, selector = 'main canvas'): Promise<string[]> {
  return page.evaluate(
    (wanted) =>
      [...document.querySelectorAll<HTMLCanvasElement>(wanted)].map((canvas) =>
        canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.join(),
      ),
    selector,
  );
}

/** Resolves when the page shows a text. A wait in vain fails with what the page shows instead. */
export async function showsText(page: Page, text: RegExp): Promise<void> {
  try {
    await page.getByText(text).waitFor();
  } catch (error) {
    const shown = await page.evaluate(
      () =>
        `${location.href}, ${crossOriginIsolated ? '' : 'not '}isolated:\n${document.body.innerText.slice(0, 2000)}`,
    );
    throw new Error(`waited in vain for ${text} at ${shown}`, { cause: error });
  }
}

/** Resolves when some canvases are there, and all of them, or any, show an image: a canvas is opaque then. */
export async function drawn(
  page: Page,
  selector = 'main canvas',
  which: 'all' | 'any' = 'all',
): Promise<void> {
  await page.waitForFunction(
    ([wanted, isAny]) => {
      const all = [...document.querySelectorAll<HTMLCanvasElement>(wanted)];
      const isOpaque = (canvas: HTMLCanvasElement): boolean =>
        canvas.getContext('2d')!.getImageData(0, 0, 1, 1).data[3] === 255;
      return isAny ? all.some(isOpaque) : all.length > 0 && all.every(isOpaque);
    },
    [selector, which === 'any'] as const,
  );
}

/** Resolves when the first canvas that a selector finds no longer has these pixels, to those that it has. */
export async function changedFrom(
  page: Page,
  before: string | undefined,
  selector = 'main canvas',
): Promise<string> {
  await page.waitForFunction(
    ([wanted, pixels]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(wanted!)!;
      return canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.join() !== pixels;
    },
    [selector, before],
    { polling: 50 },
  );
  return (await pixelsOf(page, selector))[0]!;
}
