// Pages with the runtime on them, for suites that drive a real browser.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import type { StaticServerOptions } from '../../scripts/static-server.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { servedPages, type ServedPage } from './served-pages.ts';

/** Opens pages; {@link RuntimePages.close} closes all that are open. */
export interface RuntimePages {
  open(options?: Partial<StaticServerOptions>): Promise<ServedPage>;
  close(): Promise<void>;
}

/** Pages whose `window.dcgan` is the runtime (by default with the viewer's element), with the given model at `/model/`. */
export function runtimePages(
  browser: Browser | null,
  model: string,
  script: 'element.js' | 'index.js' = 'element.js',
): RuntimePages {
  const site = temporaryFolder();
  writeFileSync(
    join(site, 'index.html'),
    '<!doctype html><title>test</title><script type="module" src="main.js"></script>',
  );
  writeFileSync(join(site, 'main.js'), `window.dcgan = await import("/web/${script}");`);
  writeFileSync(join(site, 'favicon.ico'), '');
  const pages = servedPages(browser);
  return {
    async open(options = {}) {
      const folders = {
        '/': site,
        '/web/': resolve('runtime-web', 'dist'),
        '/model/': model,
        ...options.folders,
      };
      const opened = await pages.open({ isIsolated: true, ...options, folders });
      await opened.page.waitForFunction(() => window.dcgan !== undefined);
      return opened;
    },
    close: pages.close,
  };
}
