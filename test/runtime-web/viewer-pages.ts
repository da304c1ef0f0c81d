// Pages with <dcgan-viewer> elements, and what suites ask of them.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { DcganViewer } from '../../runtime-web/index.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { servedPages, type PageOptions } from './served-pages.ts';

/** Every event of every viewer is noted, from before the element is defined. */
const preamble = `
window.events = [];
for (const type of ['progress', 'load', 'change', 'error']) {
  document.addEventListener(type, (event) => {
    if (event.target.localName !== 'dcgan-viewer') return;
    const { error, seeds, device, loaded, total } = event.detail;
    window.events.push({ type, id: event.target.id, message: error && error.message, seeds, device: device && device.name, loaded, total });
  }, true);
}`;

/** An event of a viewer. */
export interface Noted {
  readonly type: string;
  readonly id: string;
  readonly message?: string;
  readonly seeds?: readonly number[];
  readonly device?: string;
}

/** Parts of a page other than its body. */
export interface ViewerPageOptions {
  readonly context?: PageOptions['context'];
  /** Headers of every file. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Attributes of the `html` element. */
  readonly html?: string;
  /** A script that runs first. */
  readonly script?: string;
  readonly isIsolated?: boolean;
}

/** Opens pages with a body, served from a folder under a sub-path; the model is at `model/`, the runtime at `web/`. */
export function viewerPages(browser: Browser | null, model: string) {
  const pages = servedPages(browser);
  return {
    open(
      body: string,
      {
        context = {},
        headers = {},
        html = 'lang="en"',
        script = '',
        isIsolated = false,
      }: ViewerPageOptions = {},
    ) {
      const site = temporaryFolder();
      writeFileSync(
        join(site, 'index.html'),
        `<!doctype html><html ${html}><head><title>viewer</title><script src="first.js"></script>
         <script type="module" src="web/element.js"></script></head><body><main>${body}</main></body></html>`,
      );
      writeFileSync(join(site, 'first.js'), preamble + script);
      writeFileSync(join(site, 'favicon.ico'), '');
      const folders = {
        '/': temporaryFolder(),
        '/favicon.ico': join(site, 'favicon.ico'),
        '/deep/down/': site,
        '/deep/down/web/': resolve('runtime-web', 'dist'),
        '/deep/down/model/': model,
      };
      return pages.open({ folders, headers, isIsolated }, { path: '/deep/down/', context });
    },
    close: pages.close,
  };
}

/** All events so far. */
export const events = (page: Page): Promise<Noted[]> =>
  page.evaluate(() => (window as unknown as { events: Noted[] }).events);
/** Waits for the `count`th event of a type. */
export const waitFor = (page: Page, type: string, count = 1): Promise<unknown> =>
  page.waitForFunction(
    ([name, least]) =>
      (window as unknown as { events: Noted[] }).events.filter((event) => event.type === name).length >=
      least,
    [type, count] as const,
  );
/**
 * Resolves to the number of events once none has come for 150 ms. A playing viewer sends one for each frame, so one that
 * goes on playing never gets here.
 */
export const quiet = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const { events: noted } = window as unknown as { events: Noted[] };
    for (let before = -1; before < noted.length;) {
      before = noted.length;
      await new Promise((done) => setTimeout(done, 150));
    }
    return noted.length;
  });
/** The colours of the canvas, as a text to compare. */
export const picture = (page: Page, selector = 'dcgan-viewer'): Promise<string> =>
  page.evaluate((query) => {
    const canvas = document.querySelector(query)!.shadowRoot!.querySelector('canvas')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return `${canvas.width}x${canvas.height} ${data.join()}`;
  }, selector);
/** Reads something of the first viewer; `read` sees nothing of the test. */
export const viewer = <T>(page: Page, read: (element: DcganViewer) => T): Promise<T> =>
  page.evaluate(`(${String(read)})(document.querySelector('dcgan-viewer'))`);
/** The start of a viewer's tag. */
export const tag = '<dcgan-viewer id="a" src="model/model.json" alt="A face"';
