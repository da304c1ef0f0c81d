// Pages that train a small package, and what suites do with the files that leave them.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { unpackZip } from '../../../scripts/unpack-zip.ts';
import type { TrainConfig } from '../../../trainer/config/fields.ts';
import type * as Train from '../../../runtime-web/train/index.ts';
import { dcgan } from '../../shared/command-line.ts';
import { madeOnce } from '../../shared/made-once.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { servedPages } from '../served-pages.ts';

/** The page's globals that these suites use. */
declare global {
  interface Window {
    train: typeof Train;
    trainer: Train.Trainer;
  }
}

/** Settings of the small networks. */
export const smallTraining: Partial<TrainConfig> = {
  ...{ imageSize: 16, baseWidth: 4, latent: 8, batch: 8, steps: 40, sampleCount: 4 },
  ...{ flip: true, objective: 'hinge', r1: 1, r1Every: 4, reportEvery: 5, sampleEvery: 10 },
};

/** A package of small networks to train, of these settings over {@link smallTraining}. */
export const trainablePackage = (name: string, values: Partial<TrainConfig> = {}): Promise<string> =>
  madeOnce(`trainable-${name}`, async (folder) => {
    const config = join(temporaryFolder(), 'config.json');
    writeFileSync(config, JSON.stringify({ ...smallTraining, ...values }));
    const out = join(folder, 'to-train');
    const { code, stderr } = await dcgan('export', '--trainable', '--config', config, '--out', out);
    assert.is(code, 0, stderr);
  }).then((folder) => join(folder, 'to-train'));

/** Opens pages whose `window.train` is the training runtime, with the package at `/model/`; `workers` are the sources that the policy allows. */
export function trainPages(browser: Browser | null, model: string) {
  const site = temporaryFolder();
  writeFileSync(
    join(site, 'index.html'),
    '<!doctype html><title>test</title><script type="module" src="main.js"></script>',
  );
  writeFileSync(join(site, 'main.js'), 'window.train = await import("/web/train.js");');
  writeFileSync(join(site, 'favicon.ico'), '');
  const pages = servedPages(browser);
  return {
    async open(folders: Readonly<Record<string, string>> = {}, workers = "'self'") {
      const web = resolve('runtime-web', 'dist');
      const csp = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src ${workers}; img-src 'self'`;
      const opened = await pages.open({
        isIsolated: true,
        headers: { 'content-security-policy': csp },
        folders: { '/': site, '/web/': web, '/model/': model, ...folders },
      });
      await ready(opened.page);
      return opened;
    },
    close: pages.close,
  };
}

/** Waits until the page has the runtime. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => window.train !== undefined);
}

/** Unpacks a zip that the page's `window.trainer` makes into a new folder; resolves to its path. */
export async function unpacked(page: Page, call: 'toRun' | 'toPackage'): Promise<string> {
  const numbers = await page.evaluate(async (name) => {
    const blob = await window.trainer[name]();
    return Array.from(new Uint8Array(await blob.arrayBuffer()));
  }, call);
  const root = temporaryFolder();
  const path = join(root, 'made.zip');
  writeFileSync(path, Uint8Array.from(numbers));
  await unpackZip(path, join(root, 'unpacked'));
  return join(root, 'unpacked');
}
