// Pages with <dcgan-plane>, and what suites do with them.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import type { PlaneEvents } from '../../../runtime-web/plane.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { servedPages } from '../served-pages.ts';

/** Opens pages with an element, in English unless another language is given, under a strict policy; `close` closes all of them. */
export function planePages(browser: Browser | null, networks: string) {
  const pages = servedPages(browser);
  const open = async (attributes: string, context: { reducedMotion?: 'reduce' } = {}, language = 'en') => {
    const site = temporaryFolder();
    writeFileSync(
      join(site, 'index.html'),
      `<!doctype html><html lang="${language}"><title>test</title><script type="module" src="/web/plane.js"></script>` +
        `<main><h1>Test</h1><dcgan-plane src="/networks/index.json" ${attributes}></dcgan-plane></main></html>`,
    );
    writeFileSync(join(site, 'favicon.ico'), '');
    const csp =
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; img-src 'self'";
    const opened = await pages.open(
      {
        isIsolated: true,
        headers: { 'content-security-policy': csp },
        folders: { '/': site, '/web/': resolve('runtime-web', 'dist'), '/networks/': networks },
      },
      { context },
    );
    await inPlane(opened.page, '[part=method]').first().waitFor();
    return opened;
  };
  return { open, close: pages.close };
}

/** The details of the next report. */
export const nextReport = (page: Page): Promise<PlaneEvents['report']> =>
  page.evaluate(
    () =>
      new Promise((done, fail) => {
        setTimeout(() => fail(new Error('no report for 60 s')), 60_000);
        document
          .querySelector('dcgan-plane')!
          .addEventListener('report', (event) => done((event as CustomEvent<PlaneEvents['report']>).detail), {
            once: true,
          });
      }),
  );
/** The step of a report. */
export const stepOf = ({ methods }: PlaneEvents['report']): number => methods[0]!.step;
/** Presses a button. */
export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();
/** Nodes of the element. Not every driver finds `dcgan-plane SELECTOR` in a shadow tree. */
export const inPlane = (page: Page, selector: string): Locator =>
  page.locator('dcgan-plane').locator(selector);
/** The pixels of the first panel. */
export const picture = (page: Page): Promise<string> =>
  page.evaluate(() =>
    document
      .querySelector('dcgan-plane')!
      .shadowRoot!.querySelector<HTMLCanvasElement>('[part=panel] canvas')!
      .toDataURL(),
  );
