// The runtime in pages that lack something: a GPU that is lost, workers, SIMD, storage, https. Each has a defined result, and
// the page continues.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DcganViewer, Generator } from '../../runtime-web/index.ts';
import type * as Runtime from '../../runtime-web/index.ts';
import { largestDifference } from '../shared/closeness.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { openBrowser, plainHost, testIn } from './browser.ts';
import { picturesRun } from './models.ts';
import { servedPages } from './served-pages.ts';

const test = suite('the runtime in pages that lack something');
const browser = await openBrowser('the runtime in pages that lack something');
const model = join(await picturesRun(), 'model');

const pages = servedPages(browser);
test.after.each(() => pages.close());
test.after(() => browser?.close());

/**
 * A page with the runtime, where `inPage` has run before everything else; in the folder `/poor` of its files, `inWorker` has run in the
 * worker.
 */
async function open({ inPage = '', inWorker = '', host = '127.0.0.1', isIsolated = false } = {}) {
  const site = temporaryFolder();
  writeFileSync(
    join(site, 'index.html'),
    `<!doctype html><title>test</title><script>${inPage}</script>
     <script type="module">window.dcgan = await import('/web/index.js'); dcgan.defineViewer();</script><main></main>`,
  );
  writeFileSync(join(site, 'favicon.ico'), '');
  const web = resolve('runtime-web', 'dist');
  mkdirSync(join(site, 'poor'));
  writeFileSync(join(site, 'poor', 'worker.js'), `${inWorker}\nawait import('/web/worker.js');`);
  copyFileSync(join(web, 'worker-later.js'), join(site, 'poor', 'worker-later.js'));
  const folders = { '/': site, '/web/': web, '/poor/onnx/': join(web, 'onnx'), '/model/': model };
  const opened = await pages.open({ folders, isIsolated }, { host });
  await opened.page.waitForFunction(() => (window as unknown as { dcgan?: unknown }).dcgan !== undefined);
  return opened;
}

/** Loads and generates four images in the page; the result or the error. */
const tried = (page: Page, options: Runtime.LoadOptions) =>
  page.evaluate(async (given) => {
    const { dcgan: runtime } = window as unknown as { dcgan: typeof Runtime };
    try {
      const generator = await runtime.loadGenerator('/model/model.json', given);
      const images = await generator.generate({ seeds: [0, 1, 2, 3], as: 'floats' });
      Object.assign(window, { held: generator });
      return {
        message: '',
        device: generator.device,
        warnings: generator.warnings,
        values: images.flatMap((image) => Array.from(image)),
      };
    } catch (error) {
      const { name, message } = error as Error;
      return { message: `${name}: ${message}`, device: null, warnings: [], values: [] };
    }
  }, options);

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  const withGpu = testIn(['chromium'], 'has no WebGPU without a GPU', test);
  withGpu('a GPU that is lost: it continues with WebAssembly and the same images, and says so', async () => {
    const { page } = await open({
      inWorker: `const request = GPUAdapter.prototype.requestDevice;
        GPUAdapter.prototype.requestDevice = async function (...given) {
          return (self.device = await request.apply(this, given));
        };`,
    });
    const before = await tried(page, { device: 'webgpu', assets: '/poor' });
    assert.is(before.device?.name, 'webgpu', before.message);
    const worker = page.workers().find((candidate) => candidate.url().endsWith('/poor/worker.js'))!;
    await worker.evaluate(() => (self as unknown as { device: { destroy(): void } }).device.destroy());
    const after = await page.evaluate(async () => {
      const { held } = window as unknown as { held: Generator };
      const images = await held.generate({ seeds: [0, 1, 2, 3], as: 'floats' });
      return { device: held.device, values: images.flatMap((image) => Array.from(image)) };
    });
    assert.is(after.device.name, 'wasm');
    assert.match(after.device.reason, /the GPU was lost/);
    const difference = largestDifference(after.values, before.values);
    assert.ok(difference < 1e-4, `off by ${difference}`);
    assert.ok(after.values.some((value) => value !== 0));
  });

  test('without workers: the error says so, in the element too, and the page goes on', async () => {
    const { page } = await open({ inPage: 'delete window.Worker;' });
    const { message } = await tried(page, {});
    assert.match(message, /WorkerError: this browser has no workers/);
    const shown = await page.evaluate(async () => {
      const element = document.createElement('dcgan-viewer') as DcganViewer;
      element.src = '/model/model.json';
      const told = new Promise<string>((done) =>
        element.addEventListener('error', (event) =>
          done((event as unknown as CustomEvent<{ error: Error }>).detail.error.message),
        ),
      );
      document.querySelector('main')!.append(element);
      const event = await told;
      return [event, element.shadowRoot!.querySelector('[part=error]')!.textContent!.trim()];
    });
    assert.match(shown[0]!, /this browser has no workers/);
    assert.match(shown[1]!, /this browser has no workers/);
    assert.is(await page.evaluate(() => document.title), 'test');
  });

  test('without SIMD: it says so before anything large is fetched', async () => {
    const { page, server } = await open({ inWorker: 'WebAssembly.validate = () => false;' });
    const { message } = await tried(page, { assets: '/poor' });
    assert.match(message, /DeviceUnavailableError: .*WebAssembly.* SIMD/);
    assert.not.ok(server.requests.some((path) => /\.(wasm|onnx)$/.test(path)));
  });

  test('isolated, but without shared memory, as in WebKitGTK: it draws on one thread', async () => {
    const { page, said } = await open({ isIsolated: true, inWorker: 'delete self.SharedArrayBuffer;' });
    const { message, device } = await tried(page, { assets: '/poor' });
    assert.is(message, '');
    assert.match(device!.reason, /wasm with 1 thread/);
    assert.equal(said, []);
  });

  test('without the browser’s newer and optional parts it draws', async () => {
    const { page } = await open({
      inPage: `delete AbortSignal.any; delete Navigator.prototype.hardwareConcurrency;
        LockManager.prototype.request = () => Promise.reject(new DOMException('refused', 'SecurityError'));`,
      inWorker: `delete WorkerNavigator.prototype.hardwareConcurrency;
        Object.defineProperty(self, 'caches', { get() { throw new DOMException('refused', 'SecurityError'); } });
        LockManager.prototype.request = () => Promise.reject(new DOMException('refused', 'SecurityError'));`,
    });
    const { message, values } = await tried(page, { assets: '/poor' });
    assert.is(message, '');
    assert.ok(values.some((value) => value !== 0));
    const aborted = await page.evaluate(async () => {
      const { held } = window as unknown as { held: Generator };
      const [image] = await held.generate({ seeds: [1], signal: new AbortController().signal });
      const error = await held.generate({ seeds: [1], signal: AbortSignal.abort() }).catch(String);
      return `${image!.width} ${String(error)}`;
    });
    assert.match(aborted, /^16 AbortError/);
  });

  /** Draws with a viewer; resolves to `drawn`, or the message of its error. */
  const shown = (page: Page): Promise<string> =>
    page.evaluate(
      () =>
        new Promise((done) => {
          const viewer = document.createElement('dcgan-viewer');
          viewer.addEventListener('change', () => done('drawn'), { once: true });
          viewer.addEventListener('error', (event) =>
            done((event as unknown as CustomEvent<{ error: Error }>).detail.error.message),
          );
          viewer.setAttribute('assets', '/poor');
          viewer.setAttribute('src', '/model/model.json');
          viewer.setAttribute('playing', '');
          document.querySelector('main')!.append(viewer);
        }),
    );
  const refusing = (object: string, name: string): string =>
    `Object.defineProperty(${object}, '${name}', { configurable: true, get() { throw new DOMException('refused', 'SecurityError'); } });`;
  const noLocks = (prototype: string): string => `delete ${prototype}.locks;`;
  const neverGranted = 'LockManager.prototype.request = () => new Promise(() => undefined);';
  const refusedLocks =
    "LockManager.prototype.request = () => Promise.reject(new DOMException('refused', 'SecurityError'));";
  /** Each with scripts that run first in the page, and in the worker. */
  const poor: Readonly<Record<string, readonly [inPage: string, inWorker?: string]>> = {
    IntersectionObserver: ['delete window.IntersectionObserver;'],
    ResizeObserver: ['delete window.ResizeObserver;'],
    matchMedia: ['delete window.matchMedia;'],
    'constructable style sheets': [
      "window.CSSStyleSheet = class { constructor() { throw new TypeError('Illegal constructor'); } };",
    ],
    adoptedStyleSheets: [
      "Object.defineProperty(ShadowRoot.prototype, 'adoptedStyleSheets', { set() { throw new DOMException('', 'NotAllowedError'); } });",
    ],
    'Web Locks': [noLocks('Navigator.prototype'), noLocks('WorkerNavigator.prototype')],
    'Web Locks in the page': [noLocks('Navigator.prototype')],
    'Web Locks in the worker': ['', noLocks('WorkerNavigator.prototype')],
    'Web Locks that are not refused': [refusedLocks, refusedLocks],
    'Web Locks that are not refused in the worker': ['', refusedLocks],
    'Web Locks that are granted': [neverGranted, neverGranted],
    'Web Locks that may be read': [
      refusing('Navigator.prototype', 'locks'),
      refusing('WorkerNavigator.prototype', 'locks'),
    ],
    'Cache Storage that may be read': [refusing('window', 'caches'), refusing('self', 'caches')],
    'WebGPU that may be read': [
      refusing('Navigator.prototype', 'gpu'),
      refusing('WorkerNavigator.prototype', 'gpu'),
    ],
    OffscreenCanvas: ['delete window.OffscreenCanvas;', 'delete self.OffscreenCanvas;'],
    createImageBitmap: ['delete window.createImageBitmap;', 'delete self.createImageBitmap;'],
    'crypto.randomUUID': ['delete Crypto.prototype.randomUUID;', 'delete Crypto.prototype.randomUUID;'],
    'crypto.subtle': ['', 'delete Crypto.prototype.subtle;'],
    'hashes that are not refused': [
      '',
      "SubtleCrypto.prototype.digest = () => Promise.reject(new DOMException('refused', 'OperationError'));",
    ],
    hardwareConcurrency: ['', 'delete WorkerNavigator.prototype.hardwareConcurrency;'],
    FinalizationRegistry: ['delete window.FinalizationRegistry;', 'delete self.FinalizationRegistry;'],
    'clipboard, history and storage': [
      `delete Navigator.prototype.clipboard; ${refusing('window', 'localStorage')} ${refusing('window', 'sessionStorage')}
       history.replaceState = () => { throw new DOMException('refused', 'SecurityError'); };`,
    ],
  };
  for (const [what, [inPage, inWorker = '']] of Object.entries(poor)) {
    test(`without ${what} a viewer draws and plays`, async () => {
      const { page, said } = await open({ inPage, inWorker });
      assert.is(await shown(page), 'drawn');
      const look = await page.evaluate(async () => {
        const viewer = document.querySelector<DcganViewer>('dcgan-viewer')!;
        const before = viewer.seed;
        while (viewer.seed < before + 2) await new Promise((done) => setTimeout(done, 20));
        const canvas = viewer.shadowRoot!.querySelector('canvas')!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, 16, 16);
        return {
          isPicture: new Set(data).size > 10,
          position: getComputedStyle(canvas).position,
        };
      });
      assert.is(look.isPicture, true);
      assert.is(look.position, 'absolute');
      assert.equal(said, []);
    });
  }

  test('without createImageBitmap: what needs it says so', async () => {
    const { page } = await open({ inPage: 'delete window.createImageBitmap;' });
    await tried(page, {});
    const messages = await page.evaluate(async () => {
      const { held } = window as unknown as { held: Generator };
      const told = (error: Error): string => `${error.name}: ${error.message}`;
      const picture = new ImageData(16, 16);
      return [
        await held.generate({ seeds: [1], as: 'bitmap' }).then(() => 'made', told),
        await held.discriminate({ images: [picture] }).then(() => 'made', told),
      ];
    });
    assert.match(messages[0]!, /createImageBitmap/);
    assert.match(messages[1]!, /TypeError: image: cannot be read as a picture \(.*createImageBitmap/);
  });

  withGpu('a GPU adapter that goes away between two loads: the second one takes WebAssembly', async () => {
    const isReal = `Object.defineProperty(GPUAdapter.prototype, 'info', {
      get: () => ({ vendor: 'test', architecture: '', device: '', description: '' }),
    });`;
    const { page } = await open({
      inPage: isReal,
      inWorker: `${isReal} const request = GPU.prototype.requestAdapter;
        GPU.prototype.requestAdapter = function (...given) {
          return self.isGone ? Promise.resolve(null) : request.apply(this, given);
        };`,
    });
    const before = await tried(page, { assets: '/poor' });
    assert.is(before.message, '');
    const worker = page.workers().find((candidate) => candidate.url().endsWith('/poor/worker.js'))!;
    await worker.evaluate(() => void Object.assign(self, { isGone: true }));
    const refused = await tried(page, { device: 'webgpu', assets: '/poor' });
    assert.match(refused.message, /DeviceUnavailableError: device webgpu: the browser offers no GPU adapter/);
    const after = await tried(page, { dtype: 'fp32', assets: '/poor' });
    assert.is(after.message, '');
    assert.match(after.device!.reason, /no WebGPU/);
    assert.ok(largestDifference(after.values, before.values) < 0.05);
  });

  test('a model.json that breaks off: the kept copy is taken, and stays', async () => {
    const { page } = await open();
    const before = await tried(page, {});
    assert.is(before.message, '');
    await page
      .context()
      .route('**/model.json', (route) =>
        route.fulfill({ contentType: 'application/json', body: '{"formatVersion": "1' }),
      );
    for (const dtype of ['fp32', 'fp16'] as const) {
      await page.reload();
      await page.waitForFunction(() => (window as unknown as { dcgan?: unknown }).dcgan !== undefined);
      const after = await tried(page, { dtype });
      assert.is(after.message, '');
    }
    await page.evaluate(async () => caches.delete('dcgan-files'));
    await page.reload();
    await page.waitForFunction(() => (window as unknown as { dcgan?: unknown }).dcgan !== undefined);
    assert.match((await tried(page, {})).message, /ModelLoadError: .*model\.json: is not JSON/);
  });

  test('what a page stores is bounded, and cleared by a call', async () => {
    const { page } = await open();
    const stored = (): Promise<string[]> =>
      page.evaluate(async () => {
        const cache = await caches.open('dcgan-files');
        return (await cache.keys()).map(({ url }) => url);
      });
    await page.evaluate(async () => {
      const cache = await caches.open('dcgan-files');
      for (let i = 0; i < 210; i++) await cache.put(`/old/${i}`, new Response('old'));
      await cache.put('/model/generator-fp16.onnx?sha256=0', new Response('an older version'));
      await cache.put('/large', new Response('large', { headers: { 'content-length': '600000000' } }));
    });
    assert.is((await tried(page, {})).message, '');
    const urls = await stored();
    assert.ok(urls.length < 205, `${urls.length}`);
    assert.not.ok(urls.some((url) => /\/old\/0$|sha256=0$|large/.test(url)));
    assert.ok(urls.some((url) => url.endsWith('/model/model.json')));
    const clear = () =>
      page.evaluate(() => (window as unknown as { dcgan: typeof Runtime }).dcgan.clearStoredFiles());
    assert.is(await clear(), true);
    assert.is(await clear(), false);
    assert.equal(await stored(), []);
  });

  test('without WebAssembly at all: it says so', async () => {
    const { page } = await open({ inWorker: 'delete self.WebAssembly;' });
    const { message } = await tried(page, { assets: '/poor' });
    assert.match(message, /DeviceUnavailableError: .*WebAssembly/);
  });

  test('without WebGPU: auto draws with WebAssembly, and asking for it is refused by name', async () => {
    const without = 'Object.defineProperty(Navigator.prototype, "gpu", { get: () => undefined });';
    const { page } = await open({
      inPage: without,
      inWorker: without.replace('Navigator', 'WorkerNavigator'),
    });
    const { device } = await tried(page, { assets: '/poor' });
    assert.match(String(device?.reason), /no WebGPU/);
    const { message } = await tried(page, { device: 'webgpu', assets: '/poor' });
    assert.match(
      message,
      /DeviceUnavailableError: device webgpu: .*leave the device at auto, or choose wasm/,
    );
  });

  for (const [what, inWorker, reason] of [
    ['Cache Storage', 'delete self.caches; delete WorkerGlobalScope.prototype.caches;', /no Cache Storage/],
    [
      'room in it',
      'Cache.prototype.put = () => Promise.reject(new DOMException("full", "QuotaExceededError"));',
      /the storage is full/,
    ],
  ] as const) {
    test(`without ${what}: it draws, and warns that nothing is kept`, async () => {
      const { page } = await open({ inWorker });
      const { message, values, warnings } = await tried(page, { assets: '/poor' });
      assert.is(message, '');
      assert.is(values.length, 4 * 16 * 16 * 3);
      assert.is(warnings.length, 1, warnings.join('\n'));
      assert.match(warnings[0]!, /generator\.fp16\.onnx is not kept for the next visit/);
      assert.match(warnings[0]!, reason);
    });
  }

  test('on plain http: it draws on one thread, and warns that the hash was not checked', async () => {
    const { page, said } = await open({ host: plainHost });
    assert.is(await page.evaluate(() => window.isSecureContext), false);
    const { message, values, warnings, device } = await tried(page, {});
    assert.is(message, '');
    assert.is(values.length, 4 * 16 * 16 * 3);
    assert.match(String(device?.reason), /wasm with 1 thread; no WebGPU/);
    assert.match(
      warnings.join('\n'),
      /sha256 of .*generator\.fp16\.onnx was not checked: .*https or localhost/,
    );
    assert.match(warnings.join('\n'), /is not kept for the next visit: this page has no Cache Storage/);
    assert.equal(said, []);
  });
}

test.run();
