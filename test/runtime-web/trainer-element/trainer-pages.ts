// Pages with a <dcgan-trainer>, and what suites ask of them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { DcganTrainer } from '../../../runtime-web/trainer.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { servedPages, type PageOptions } from '../served-pages.ts';

/** Every event of the element is noted, from before it is defined. */
const preamble = `
window.events = [];
for (const type of ['progress', 'load', 'report', 'sample', 'collapse', 'done', 'error']) {
  document.addEventListener(type, (event) => {
    if (event.target.localName !== 'dcgan-trainer') return;
    const { error, report, step, seeds } = event.detail;
    window.events.push({ type, message: error && error.message, step: report ? report.step : step, seeds });
  }, true);
}`;

/** An event of the element. */
export interface Noted {
  readonly type: string;
  readonly message?: string;
  readonly step?: number;
  readonly seeds?: readonly number[];
}

/** Opens pages with a body under a strict policy; the packages are at `networks/`, the runtime at `web/`. */
export function trainerPages(browser: Browser | null, networks: Readonly<Record<string, string>>) {
  const pages = servedPages(browser);
  return {
    open(body: string, context: PageOptions['context'] = {}) {
      const site = temporaryFolder();
      mkdirSync(join(site, 'networks'));
      writeFileSync(join(site, 'networks', 'index.json'), JSON.stringify(Object.keys(networks)));
      writeFileSync(
        join(site, 'index.html'),
        `<!doctype html><html lang="en"><head><title>trainer</title><script src="first.js"></script>
         <script type="module" src="web/trainer.js"></script></head><body><main><h1>Trainer</h1>${body}</main></body></html>`,
      );
      writeFileSync(join(site, 'first.js'), preamble);
      writeFileSync(join(site, 'favicon.ico'), '');
      const csp =
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; img-src 'self' blob:";
      const folders = Object.entries(networks).map(
        ([name, folder]) => [`/networks/${name}/`, folder] as const,
      );
      return pages.open(
        {
          isIsolated: true,
          headers: { 'content-security-policy': csp },
          folders: { '/': site, '/web/': resolve('runtime-web', 'dist'), ...Object.fromEntries(folders) },
        },
        { context },
      );
    },
    close: pages.close,
  };
}

/** All events so far, of a type. */
export const events = (page: Page, type: string): Promise<Noted[]> =>
  page.evaluate(
    (wanted) => (window as unknown as { events: Noted[] }).events.filter((event) => event.type === wanted),
    type,
  );

/** Waits for the `count`th event of a type. */
export const waitFor = (page: Page, type: string, count = 1): Promise<unknown> =>
  page.waitForFunction(
    ([name, least]) =>
      (window as unknown as { events: Noted[] }).events.filter((event) => event.type === name).length >=
      least,
    [type, count] as const,
  );

/** Works with the element; `work` sees nothing of the test. */
export const trainer = <T>(page: Page, work: (element: DcganTrainer) => T): Promise<Awaited<T>> =>
  page.evaluate(`(${String(work)})(document.querySelector('dcgan-trainer'))`);

/** The colours of the wall, as a text to compare. */
export const wall = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const root = document.querySelector('dcgan-trainer')!.shadowRoot!;
    const canvas = root.querySelector<HTMLCanvasElement>('[part=canvas]')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return `${canvas.width}x${canvas.height} ${data.join()}`;
  });

/** Waits until the wall shows pictures of a size. */
export const wallOf = (page: Page, size: string): Promise<unknown> =>
  page.waitForFunction((wanted) => {
    const root = document.querySelector('dcgan-trainer')!.shadowRoot!;
    const { width, height } = root.querySelector<HTMLCanvasElement>('[part=canvas]')!;
    return `${width}x${height}` === wanted;
  }, size);
