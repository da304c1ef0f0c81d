// Pages with the runtime on them, each on a server of its own, for suites that drive a real browser.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { serveFolders, type StaticServer, type StaticServerOptions } from '../../scripts/static-server.ts';
import { temporaryFolder } from '../run/temporary-folder.ts';
import { listen } from './browser.ts';

/** A page, its server, and whatever the browser complains of. */
export interface OpenedPage {
  readonly page: Page;
  readonly server: StaticServer;
  readonly said: string[];
}

/** Opens pages; {@link RuntimePages.close} closes all that are open. */
export interface RuntimePages {
  open(options?: Partial<StaticServerOptions>): Promise<OpenedPage>;
  close(): Promise<void>;
}

/** Pages whose `window.dcgan` is the runtime (by default with the viewer's element), with the given model at `/model/`. */
export function runtimePages(
  browser: Browser | null,
  model: string,
  script: 'dcgan-viewer.js' | 'index.js' = 'dcgan-viewer.js',
): RuntimePages {
  const site = temporaryFolder();
  writeFileSync(
    join(site, 'index.html'),
    '<!doctype html><title>test</title><script type="module" src="main.js"></script>',
  );
  writeFileSync(join(site, 'main.js'), `window.dcgan = await import("/web/${script}");`);
  writeFileSync(join(site, 'favicon.ico'), '');
  const servers: StaticServer[] = [];
  const pages: Page[] = [];
  return {
    async open(options = {}) {
      const server = await serveFolders({
        isIsolated: true,
        ...options,
        folders: { '/': site, '/web/': resolve('dist', 'web'), '/model/': model, ...options.folders },
      });
      servers.push(server);
      const page = await (await browser!.newContext()).newPage();
      pages.push(page);
      const said = listen(page);
      await page.goto(server.origin);
      await page.waitForFunction(() => window.dcgan !== undefined);
      return { page, server, said };
    },
    async close() {
      for (const page of pages.splice(0)) await page.context().close();
      for (const server of servers.splice(0)) await server.close();
    },
  };
}
