// Pages of the built demo under a sub-path, each on a server of its own, for suites that drive a real browser.
import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { serveFolders, type StaticServer } from '../../scripts/static-server.ts';
import { listen } from '../runtime-web/browser.ts';

/** The built site. */
export const site = resolve('dist', 'demo');

/** A page, its server, and whatever the browser complains of. */
export interface OpenedRoom {
  readonly page: Page;
  readonly server: StaticServer;
  readonly said: string[];
}

/** Opens rooms by their fragment of the URL; `close` closes all that are open, but servers that were closed already. */
export function demoPages(browser: Browser | null) {
  const servers = new Set<StaticServer>();
  const pages: Page[] = [];
  return {
    async open(hash: string): Promise<OpenedRoom> {
      const server = await serveFolders({ folders: { '/a/b/': site } });
      servers.add(server);
      const page = await (await browser!.newContext()).newPage();
      pages.push(page);
      const said = listen(page);
      await page.goto(`${server.origin}/a/b/${hash}`);
      await page.waitForFunction(() => navigator.serviceWorker?.controller != null && crossOriginIsolated);
      await page.waitForSelector('h2');
      return { page, server, said };
    },
    /** Takes the network away from a page. */
    async stop(server: StaticServer): Promise<void> {
      servers.delete(server);
      await server.close();
    },
    async close(): Promise<void> {
      for (const page of pages.splice(0)) await page.context().close();
      for (const server of servers) await server.close();
      servers.clear();
    },
  };
}
