// The runtime in pages that lack something: a GPU that is lost, workers, SIMD, storage, https. Each has a defined result, and
// the page continues.
import { writeFileSync } from 'node:fs';
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
 * A page with the runtime, where `inPage` has run before everything else; `worker.js` is the runtime's worker where
 * `inWorker` has.
 */
async function open({ inPage = '', inWorker = '', host = '127.0.0.1', isIsolated = false } = {}) {
  const site = temporaryFolder();
  writeFileSync(
    join(site, 'index.html'),
    `<!doctype html><title>test</title><script>${inPage}</script>
     <script type="module">window.dcgan = await import('/web/index.js'); dcgan.defineViewer();</script><main></main>`,
  );
  writeFileSync(join(site, 'favicon.ico'), '');
  writeFileSync(join(site, 'worker.js'), `${inWorker}\nawait import('/web/dcgan-worker.js');`);
  const folders = { '/': site, '/web/': resolve('dist', 'web'), '/model/': model };
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
    const before = await tried(page, { device: 'webgpu', workerUrl: '/worker.js' });
    assert.is(before.device?.name, 'webgpu', before.message);
    const worker = page.workers().find((candidate) => candidate.url().endsWith('/worker.js'))!;
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
    const { message } = await tried(page, { workerUrl: '/worker.js' });
    assert.match(message, /DeviceUnavailableError: .*WebAssembly.* SIMD/);
    assert.not.ok(server.requests.some((path) => /\.(wasm|onnx)$/.test(path)));
  });

  test('isolated, but without shared memory, as in WebKitGTK: it draws on one thread', async () => {
    const { page, said } = await open({ isIsolated: true, inWorker: 'delete self.SharedArrayBuffer;' });
    const { message, device } = await tried(page, { workerUrl: '/worker.js' });
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
    const { message, values } = await tried(page, { workerUrl: '/worker.js' });
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
    const before = await tried(page, { workerUrl: '/worker.js' });
    assert.is(before.message, '');
    const worker = page.workers().find((candidate) => candidate.url().endsWith('/worker.js'))!;
    await worker.evaluate(() => void Object.assign(self, { isGone: true }));
    const refused = await tried(page, { device: 'webgpu', workerUrl: '/worker.js' });
    assert.match(refused.message, /DeviceUnavailableError: device webgpu: the browser offers no GPU adapter/);
    const after = await tried(page, { dtype: 'fp32', workerUrl: '/worker.js' });
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
    const { message } = await tried(page, { workerUrl: '/worker.js' });
    assert.match(message, /DeviceUnavailableError: .*WebAssembly/);
  });

  test('without WebGPU: auto draws with WebAssembly, and asking for it is refused by name', async () => {
    const without = 'Object.defineProperty(Navigator.prototype, "gpu", { get: () => undefined });';
    const { page } = await open({
      inPage: without,
      inWorker: without.replace('Navigator', 'WorkerNavigator'),
    });
    const { device } = await tried(page, { workerUrl: '/worker.js' });
    assert.match(String(device?.reason), /no WebGPU/);
    const { message } = await tried(page, { device: 'webgpu', workerUrl: '/worker.js' });
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
      const { message, values, warnings } = await tried(page, { workerUrl: '/worker.js' });
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
