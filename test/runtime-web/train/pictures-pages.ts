// Pages with the demo's own security policy that read pictures.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { servedPages } from '../served-pages.ts';
import { ready } from './train-pages.ts';

/** The demo's policy, as a tag. */
const policy = /<meta\s+http-equiv="content-security-policy"[^>]*>/.exec(
  readFileSync('demo/index.html', 'utf8'),
)![0];

/** Opens pages whose `window.train` is the training runtime, under the demo's policy, with files of a folder at `/files/`. */
export function picturePages(browser: Browser | null, files: string) {
  const site = temporaryFolder();
  const body = '<input type="file" multiple><canvas></canvas><p id="drop">Drop</p>';
  writeFileSync(
    join(site, 'index.html'),
    `<!doctype html>${policy}<title>test</title><script type="module" src="main.js"></script><body>${body}`,
  );
  writeFileSync(join(site, 'main.js'), 'window.train = await import("/web/train.js");');
  writeFileSync(join(site, 'favicon.ico'), '');
  const pages = servedPages(browser);
  return {
    async open(context: BrowserContextOptions = {}) {
      const folders = {
        '/': site,
        '/web/': resolve('runtime-web', 'dist'),
        '/files/': files,
        '/clothes/': resolve('demo', 'clothes'),
      };
      const opened = await pages.open({ isIsolated: true, folders }, { context });
      await ready(opened.page);
      return opened;
    },
    close: pages.close,
  };
}
