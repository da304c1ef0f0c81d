// The packed package in pages that others build: each draws, without a word on the console. The fixtures are projects of their own,
// with current bundlers, and are installed from the registry.
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveFolders, type StaticServerOptions } from '../../scripts/static-server.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { listen, openBrowser } from './browser.ts';
import { hasRegistry, installed, model, started, succeed, unpacked } from './embed-fixture.ts';

const test = suite('the package in pages that others build');
const browser = await openBrowser('the package in pages that others build');
const isOnline = await hasRegistry();
test.after(() => browser?.close());

/** Messages that are none of the page's: the software GPU's, and those of development servers. */
const isNoise = (line: string): boolean => /No available adapters|^(info|log|debug): /.test(line);

/** The image that seed 42 gives in Chromium without a bundler; every page must draw it. */
let expected: string | null = null;

/** Waits for the viewer's image in a page, and returns it as text; an error in the viewer is thrown. */
const drawn = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    for (;;) {
      const root = document.querySelector('dcgan-viewer')?.shadowRoot;
      const error = root?.querySelector<HTMLElement>('[part=error]');
      if (error?.hidden === false) throw new Error(error.textContent!.trim());
      const canvas = root?.querySelector('canvas');
      const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
      if (pixels !== undefined && new Set(pixels).size > 20) return pixels.join();
      await new Promise((done) => setTimeout(done, 100));
    }
  });

/** Opens a page, waits for its image, and checks it and the console. */
async function assertDraws(url: string, also: (page: Page) => Promise<void> = async () => undefined) {
  const context = await (browser as Browser).newContext();
  try {
    const page = await context.newPage();
    const said = listen(page);
    page.on('response', (response) => {
      if (response.status() >= 400) said.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(url);
    const image = await drawn(page);
    expected ??= image;
    assert.is(image === expected, true, `${url}: another image than that of the plain page`);
    await also(page);
    assert.equal(
      said.filter((line) => !isNoise(line)),
      [],
    );
  } finally {
    await context.close();
  }
}

/** The same for folders on a server of ours, at a path. */
async function assertServed(options: StaticServerOptions, path = '/', also?: (page: Page) => Promise<void>) {
  const server = await serveFolders(options);
  try {
    await assertDraws(server.origin + path, also);
  } finally {
    await server.close();
  }
}

const threads = (page: Page): Promise<boolean> => page.evaluate(() => crossOriginIsolated);

if (browser === null || !isOnline) {
  if (!isOnline) console.log('skipped: the package in pages that others build, npm reaches no registry');
  test.skip('all fixtures', () => undefined);
} else {
  const dist = join(await unpacked(), 'dist');
  const plain = resolve('test', 'embed', 'plain');

  test('the package holds what it should, and nothing else', () => {
    const root = join(dist, '..');
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
    assert.ok(bytes < 60e6, `${bytes} bytes`);
    assert.equal(
      files
        .map(({ name }) => name)
        .filter((name) => !/\.(js|mjs|wasm|d\.ts|json|md|txt)$|^LICENSE$/.test(name)),
      [],
    );
    for (const name of ['README.md', 'LICENSE', 'LICENSES.txt'])
      assert.ok(existsSync(join(root, name)), name);
    const described = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
    assert.is(described['dependencies'], undefined);
    for (const target of JSON.stringify(described['exports']).matchAll(/"(\.\/dist\/[^"]+)"/g)) {
      assert.ok(existsSync(join(root, target[1]!)), target[1]);
    }
    // Tools that do not know `exports` read these.
    for (const field of ['main', 'types']) assert.ok(existsSync(join(root, String(described[field]))), field);
  });

  test('every entry can be imported where there is no page', async () => {
    const folder = join(dist, '..', '..', '..');
    const entries = ['', '/element', '/format', '/react'].map(
      (entry) => `await import('dcgan-viewer${entry}');`,
    );
    await succeed(process.execPath, ['--input-type=module', '--eval', entries.join('\n')], folder);
  });

  test('a plain page, at the root and under a path', async () => {
    const folders = { '/': plain, '/dcgan-viewer/': dist, '/model/': model };
    await assertServed({ folders });
    const below = Object.fromEntries(
      Object.entries(folders).map(([path, folder]) => [`/a/b${path}`, folder]),
    );
    await assertServed({ folders: below, isIsolated: true }, '/a/b/', async (page) =>
      assert.is(await threads(page), true),
    );
  });

  for (const isIsolated of [false, true]) {
    test(`a plain page with the package on another origin${isIsolated ? ', with threads' : ''}`, async () => {
      const headers = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };
      const network = await serveFolders({ folders: { '/dcgan-viewer/': dist }, headers });
      const site = temporaryFolder();
      cpSync(plain, site, { recursive: true });
      const page = readFileSync(join(site, 'index.html'), 'utf8');
      writeFileSync(
        join(site, 'index.html'),
        page.replace('src="dcgan-viewer/', `src="${network.origin}/dcgan-viewer/`),
      );
      try {
        await assertServed({ folders: { '/': site, '/model/': model }, isIsolated });
      } finally {
        await network.close();
      }
    });
  }

  test('Vite: built, below a path and with threads, and its development server', async () => {
    const folder = await installed('vite');
    await succeed('npm', ['run', 'build', '--', '--base', './'], folder);
    await assertServed(
      { folders: { '/deep/': join(folder, 'dist') }, isIsolated: true },
      '/deep/',
      async (page) => assert.is(await threads(page), true),
    );
    const server = await started(folder, 'vite/bin/vite.js', '--host', '127.0.0.1', '--strictPort', '--port');
    try {
      await assertDraws(`${server.origin}/`);
    } finally {
      await server.stop();
    }
  });

  test('webpack', async () => {
    const folder = await installed('webpack');
    await succeed('npm', ['run', 'build'], folder);
    const built = join(folder, 'dist');
    cpSync(join(folder, 'index.html'), join(built, 'index.html'));
    await assertServed({ folders: { '/': built, '/model/': model }, isIsolated: true });
  });

  test('Next: the page comes from the server, built and from the development server', async () => {
    const folder = await installed('next');
    await succeed('npm', ['run', 'build'], folder);
    for (const mode of ['start', 'dev']) {
      const server = await started(folder, 'next/dist/bin/next', mode, '--hostname', '127.0.0.1', '--port');
      try {
        const html = await (await fetch(server.origin)).text();
        assert.match(html, /<dcgan-viewer src="\/model\/model\.json" alt="A garment" seed="42">/);
        await assertDraws(`${server.origin}/`);
      } finally {
        await server.stop();
      }
    }
  });

  test('React with strict types, and a property that changes', async () => {
    const folder = await installed('react');
    await succeed('npm', ['run', 'build'], folder);
    await assertServed({ folders: { '/': join(folder, 'dist') } }, '/', async (page) => {
      await page.getByRole('button', { name: 'Next' }).click();
      assert.is(await page.evaluate(() => document.querySelector('dcgan-viewer')!.seed), 43);
    });
  });

  test('Svelte', async () => {
    const folder = await installed('svelte');
    await succeed('npm', ['run', 'build'], folder);
    await assertServed({ folders: { '/': join(folder, 'dist') } });
  });

  test('Vue: its events, a property that changes, and one without a value', async () => {
    const folder = await installed('vue');
    await succeed('npm', ['run', 'build'], folder);
    await assertServed({ folders: { '/': join(folder, 'dist') } }, '/', async (page) => {
      const viewer = page.locator('dcgan-viewer');
      assert.is(await viewer.getAttribute('poster'), null);
      await page.locator('p', { hasText: 'fashion-mnist-32' }).waitFor();
      await viewer.click({ button: 'right' });
      await page.locator('dcgan-viewer[seed="43"]').waitFor();
    });
  });
}

test.run();
