// Browser pages, each on a server of its own, for suites that drive a real browser.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { serveFolders, type StaticServer, type StaticServerOptions } from '../../scripts/static-server.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { browserName, listen } from './browser.ts';
import { noteMessages } from './webkit/page-messages.ts';

/** A page, its server, the browser's console messages, and the origins of all requests. */
export interface ServedPage {
  readonly page: Page;
  readonly server: StaticServer;
  readonly said: string[];
  readonly origins: Set<string>;
}

/** Options of a page. */
export interface PageOptions {
  /** The page's path and fragment; default `/`. */
  readonly path?: string;
  /** The host in its URL; default 127.0.0.1. */
  readonly host?: string;
  readonly context?: BrowserContextOptions;
}

/** The same pages, whose first script notes what the page reports: WebKit's driver does not. */
function notingPages(served: StaticServerOptions): StaticServerOptions {
  const script = join(temporaryFolder(), 'note-messages.js');
  writeFileSync(script, noteMessages);
  return {
    ...served,
    folders: { ...served.folders, '/note-messages.js': script },
    head: '<script src="/note-messages.js"></script>',
  };
}

/** Opens pages; `close` closes all of them and their servers. */
export function servedPages(browser: Browser | null) {
  const opened: ServedPage[] = [];
  return {
    async open(
      served: StaticServerOptions,
      { path = '/', host = '127.0.0.1', context = {} }: PageOptions = {},
    ): Promise<ServedPage> {
      const noted = browserName === 'webkit' ? notingPages(served) : served;
      const server = await serveFolders({ ...noted, hosts: [host] });
      const page = await (await browser!.newContext(context)).newPage();
      const origins = new Set<string>();
      page.context().on('request', (request) => {
        const url = new URL(request.url());
        if (url.protocol.startsWith('http')) origins.add(url.origin);
      });
      const result = { page, server, said: listen(page), origins };
      opened.push(result);
      await page.goto(server.origin.replace('127.0.0.1', host) + path);
      return result;
    },
    async close(): Promise<void> {
      for (const { page, server } of opened.splice(0)) {
        await page.context().close();
        await server.close();
      }
    },
  };
}
