// The runtime in a real browser: the same floats as onnxruntime-node on every device, one download, and a defined
// error for everything that can go wrong between a page and a model.
import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { latentFromSeed, type LatentDistribution } from '../../runtime-web/format/random.ts';
import type { StaticServerOptions } from '../../scripts/static-server.ts';
import type * as Runtime from '../../runtime-web/index.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { largestDifference } from '../shared/closeness.ts';
import { dcgan } from '../shared/command-line.ts';
import { runModel } from '../graph/lower/run-graph.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { openBrowser, testIn } from './browser.ts';
import { picturesRun } from './models.ts';
import { runtimePages } from './pages.ts';
import { packageBytes } from '../shared/package-bytes.ts';

const test = suite('runtime in the browser');
const browser = await openBrowser('runtime in the browser');

/** The page's globals that tests use. */
declare global {
  interface Window {
    dcgan: typeof Runtime;
  }
}

const model = join(await picturesRun(), 'model');

const pages = runtimePages(browser, model, 'index.js');
/** A page with the runtime, without threads where nothing else is said. */
const open = (options: Partial<StaticServerOptions> = {}) => pages.open({ isIsolated: false, ...options });
test.after.each(() => pages.close());
test.after(() => browser?.close());

/** The distribution of the model's latents. */
function latentDistribution(): LatentDistribution {
  const json = JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')) as {
    readonly latent: { readonly distribution: LatentDistribution };
  };
  return json.latent.distribution;
}

/** Images of seeds by onnxruntime-node, from one of the package's files. */
async function reference(file: string, list: readonly number[]): Promise<HostTensor> {
  const z = new Float32Array(list.length * 8);
  list.forEach((seed, i) => z.set(latentFromSeed(seed, 8, latentDistribution()), i * 8));
  const outputs = await runModel(readFileSync(join(model, file)), {
    z: { shape: [list.length, 8], dtype: 'float32', data: z },
  });
  return outputs['images']!;
}

const seeds = Array.from({ length: 20 }, (_, i) => i * 7);

/** Loads and draws `seeds` as floats, in the page. */
const drawn = (page: Page, options: Runtime.LoadOptions) =>
  page.evaluate(
    async ([given, list]) => {
      const generator = await window.dcgan.loadGenerator('/model/model.json', given);
      const images = await generator.generate({ seeds: list, as: 'floats' });
      return {
        device: generator.device,
        warnings: generator.warnings,
        values: images.flatMap((image) => Array.from(image)),
      };
    },
    [options, seeds] as const,
  );

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  for (const isIsolated of [false, true]) {
    test(`wasm draws onnxruntime-node's floats ${isIsolated ? 'with threads' : 'on one thread'}`, async () => {
      const { page, said } = await open({ isIsolated });
      for (const [dtype, file] of [
        ['fp32', 'generator.onnx'],
        ['fp16', 'generator.fp16.onnx'],
      ] as const) {
        const { device, values, warnings } = await drawn(page, { device: 'wasm', dtype });
        assert.is(device.name, 'wasm');
        assert.match(device.reason, isIsolated ? /with [2-4] threads/ : 'with 1 thread');
        assert.equal(warnings, []);
        const difference = largestDifference(values, (await reference(file, seeds)).data);
        assert.ok(difference < 1e-4, `${dtype}: off by ${difference}`);
      }
      assert.equal(said, []);
    });
  }

  const withGpu = testIn(['chromium'], 'has no WebGPU without a GPU', test);
  withGpu("WebGPU draws onnxruntime-node's floats", async () => {
    const { page } = await open({ isIsolated: true });
    const { device, values } = await drawn(page, { device: 'webgpu', dtype: 'fp32' });
    assert.is(device.name, 'webgpu');
    assert.match(device.reason, /swiftshader/i);
    const difference = largestDifference(values, (await reference('generator.onnx', seeds)).data);
    assert.ok(difference < 1e-4, `off by ${difference}`);
  });

  withGpu(
    'auto takes wasm where the adapter is software, says so, and fetches that build alone',
    async () => {
      const { page, server } = await open();
      const { device } = await drawn(page, {});
      assert.is(device.name, 'wasm');
      assert.match(device.reason, /swiftshader.* is no GPU/i);
      const fetched = server.requests.filter((path) => path.endsWith('.wasm'));
      assert.equal(fetched, ['/web/onnx/ort-wasm-simd-threaded.wasm']);
      assert.equal(
        server.requests.filter((path) => path.endsWith('.onnx')),
        ['/model/generator.fp16.onnx'],
      );
      assert.is(new Set(server.requests).size, server.requests.length, 'nothing is fetched twice');
    },
  );

  test('images, bitmaps, walks and sums agree with their floats', async () => {
    const { page } = await open();
    const result = await page.evaluate(async () => {
      const generator = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
      const [floats] = await generator.generate({ seeds: [3], as: 'floats' });
      const [picture] = await generator.generate({ seeds: [3] });
      const [bitmap] = await generator.generate({ seeds: [3], as: 'bitmap' });
      const walk = await generator.interpolate({ from: 3, to: 8, steps: 5, as: 'floats' });
      const [end] = await generator.generate({ seeds: [8], as: 'floats' });
      const exemplars = [5, 6].map((seed) => window.dcgan.latentOf(generator.model, seed));
      const sums = await generator.arithmetic({
        plus: [3, exemplars],
        minus: [window.dcgan.meanLatent(exemplars)],
        jitter: 0.2,
        as: 'floats',
      });
      return {
        size: [picture!.width, bitmap!.width],
        pixel: Array.from(picture!.data.slice(0, 4)),
        first: Array.from(floats!.slice(0, 3)),
        walkStart: Array.from(walk[0]!),
        walkEnd: Array.from(walk[4]!),
        three: Array.from(floats!),
        eight: Array.from(end!),
        sums: sums.length,
        middle: Array.from(sums[4]!),
      };
    });
    assert.equal(result.size, [16, 16]);
    assert.equal(result.pixel, [...result.first.map((value) => Math.round((value + 1) * 127.5)), 255]);
    assert.ok(largestDifference(result.walkStart, result.three) < 1e-5);
    assert.ok(largestDifference(result.walkEnd, result.eight) < 1e-5);
    assert.is(result.sums, 9);
    assert.ok(largestDifference(result.middle, result.three) < 1e-4, 'a + b - b is a');
  });

  test("layers come as onnxruntime-node's, and a package without them says so", async () => {
    const folder = join(temporaryFolder(), 'model');
    const exported = await dcgan('export', join(model, '..'), '--activations', '--out', folder);
    assert.is(exported.code, 0, exported.stderr);
    const { page } = await open({ folders: { '/layers/': folder } });
    const { layers, message } = await page.evaluate(async () => {
      const { loadGenerator } = window.dcgan;
      const generator = await loadGenerator('/layers/model.json', { device: 'wasm' });
      const found = await generator.layers({ source: 5 });
      const without = await loadGenerator('/model/model.json', { device: 'wasm' });
      return {
        layers: found.map(({ name, size, channels, data }) => ({
          name,
          size,
          channels,
          data: Array.from(data),
        })),
        message: await without
          .layers({ source: 5 })
          .catch((error: Error) => `${error.name}: ${error.message}`),
      };
    });
    assert.match(String(message), /ModelLoadError: .*no activations; export it with --activations/);
    assert.equal(
      layers.map(({ name, size, channels }) => [name, size, channels]),
      [
        ['generator/project', 4, 8],
        ['generator/block1', 8, 4],
        ['images', 16, 3],
      ],
    );
    const z = latentFromSeed(5, 8, latentDistribution());
    const expected = await runModel(await packageBytes(folder, 'activations'), {
      z: { shape: [1, 8], dtype: 'float32', data: Float32Array.from(z) },
    });
    for (const { name, data } of layers) {
      const difference = largestDifference(data, expected[name]!.data);
      assert.ok(difference < 1e-4, `${name}: off by ${difference}`);
    }
  });

  test('invalid requests are refused by name', async () => {
    const { page } = await open();
    const messages = await page.evaluate(async () => {
      const { loadGenerator } = window.dcgan;
      const told = (error: Error): string => `${error.name}: ${error.message}`;
      const said: string[] = [];
      const collect = (work: Promise<unknown>): Promise<unknown> =>
        work.catch((error: Error) => said.push(told(error)));
      await collect(loadGenerator('/model/model.json', { device: 'npu' as never }));
      const generator = await loadGenerator('/model/model.json', { device: 'wasm' });
      await collect(generator.generate({ z: [[1, 2]] }));
      await collect(generator.generate({ z: [[1, 2, 3, NaN, 5, 6, 7, 8]] }));
      await collect(generator.generate({ seeds: [-1] }));
      await collect(generator.generate({ seeds: [1], labels: 3 }));
      await collect(generator.interpolate({ from: 1, to: 2, steps: 1 }));
      generator.dispose();
      await collect(generator.generate({ seeds: [1] }));
      return said;
    });
    const expected = [
      /TypeError: device: got npu, expected auto, webgpu, wasm/,
      /RangeError: z: got 2 numbers, expected 8/,
      /RangeError: z\[3\]: got NaN, expected a finite number/,
      /RangeError: seed: got -1, expected a whole number from 0/,
      /RangeError: label: got 3, and the model has neither classes nor codes/,
      /RangeError: steps: got 1, expected a whole number from 2/,
      /Error: the generator has been disposed of/,
    ];
    assert.is(messages.length, expected.length, messages.join('\n'));
    expected.forEach((pattern, i) => assert.match(messages[i]!, pattern));
  });

  test('an aborted request ends at once with the reason, and the next one works', async () => {
    const { page } = await open();
    const result = await page.evaluate(async () => {
      const generator = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
      const controller = new AbortController();
      const many = Array.from({ length: 4000 }, (_, i) => i);
      const drawing = generator.generate({ seeds: many, signal: controller.signal });
      setTimeout(() => controller.abort(new Error('enough')), 20);
      const message = await drawing.then(
        () => 'drawn',
        (error: Error) => error.message,
      );
      const started = performance.now();
      const next = await generator.generate({ seeds: [1] });
      return { message, count: next.length, ms: performance.now() - started };
    });
    assert.is(result.message, 'enough');
    assert.is(result.count, 1);
    assert.ok(result.ms < 2000, `the next one waited ${result.ms} ms`);
  });

  const reached = testIn(['chromium', 'firefox'], 'lets nothing reach its workers and requests', test);
  reached('a worker that is killed is started again, from the cache', async () => {
    const { page, server } = await open();
    await page.evaluate(async () => {
      const generator = await window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' });
      await generator.generate({ seeds: [1] });
      Object.assign(window, { held: generator });
    });
    const before = server.requests.length;
    const worker = page.workers()[0]!;
    assert.match(worker.url(), /\/worker\.js$/);
    await worker.evaluate(() => self.close()).catch(() => undefined);
    const count = await page.evaluate(async () => {
      const { held } = window as unknown as { held: Runtime.Generator };
      return (await held.generate({ seeds: [1, 2] })).length;
    });
    assert.is(count, 2);
    const after = server.requests.slice(before);
    assert.not.ok(
      after.some((path) => path.endsWith('.onnx') || path.endsWith('.wasm')),
      after.join(),
    );
  });

  reached('without a network a model that was loaded before loads again', async () => {
    const { page, server } = await open();
    await page.evaluate(() => window.dcgan.loadGenerator('/model/model.json', { device: 'wasm' }));
    await page.reload();
    await page.waitForFunction(() => window.dcgan !== undefined);
    await page.route(/\/model\//, (route) => route.abort());
    await page.route(/\.wasm$/, (route) => route.abort());
    const before = server.requests.length;
    const { values } = await drawn(page, { device: 'wasm' });
    assert.is(values.length, 20 * 16 * 16 * 3);
    assert.not.ok(server.requests.slice(before).some((path) => path.startsWith('/model/')));
  });

  test('a strict content security policy is enough', async () => {
    const csp =
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; img-src 'self'";
    const strict = temporaryFolder();
    writeFileSync(
      join(strict, 'index.html'),
      '<!doctype html><title>t</title><script type="module" src="main.js"></script>',
    );
    writeFileSync(join(strict, 'favicon.ico'), '');
    writeFileSync(join(strict, 'main.js'), 'window.dcgan = await import("/web/element.js");');
    const { page, said } = await open({
      isIsolated: true,
      headers: { 'content-security-policy': csp },
      folders: { '/': strict },
    });
    const { values } = await drawn(page, { device: 'wasm' });
    assert.is(values.length, 20 * 16 * 16 * 3);
    assert.equal(said, []);
  });

  /** A copy of the package with one thing wrong. */
  function spoilt(spoil: (folder: string) => void): string {
    const folder = temporaryFolder();
    cpSync(model, folder, { recursive: true });
    spoil(folder);
    return folder;
  }
  const edit = (folder: string, change: (json: Record<string, unknown>) => void): void => {
    const path = join(folder, 'model.json');
    const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    change(json);
    writeFileSync(path, JSON.stringify(json));
  };
  const faults: readonly [string, (folder: string) => void, RegExp][] = [
    [
      'no model.json',
      (f) => truncateSync(join(f, 'model.json'), 0),
      /ModelLoadError: .*model\.json: is not JSON/,
    ],
    [
      'a web page for it',
      (f) => writeFileSync(join(f, 'model.json'), '<!doctype html><p>hello'),
      /ModelLoadError: .*answered with a web page/,
    ],
    [
      'a schema that is not ours',
      (f) => edit(f, (json) => delete json['latent']),
      /ModelFormatError: .*latent: got nothing, expected an object/,
    ],
    [
      'a newer version',
      (f) => edit(f, (json) => (json['formatVersion'] = '9.0')),
      /ModelFormatError: .*newer version/,
    ],
    [
      'truncated weights',
      (f) => truncateSync(join(f, 'generator.fp16.onnx'), 1000),
      /ModelLoadError: .*generator\.fp16\.onnx: got 1000 bytes, expected/,
    ],
    [
      'other weights of the same size',
      (f) => {
        const path = join(f, 'generator.fp16.onnx');
        const bytes = readFileSync(path);
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(path, bytes);
      },
      /ModelLoadError: .*generator\.fp16\.onnx: is not the file that was published/,
    ],
    [
      'a web page for the weights',
      (f) => writeFileSync(join(f, 'generator.fp16.onnx'), '<!DOCTYPE html><p>hi'),
      /ModelLoadError: .*answered with a web page/,
    ],
  ];
  test('an invalid package gives the right error', async () => {
    const folders = Object.fromEntries(faults.map(([, spoil], i) => [`/bad${i}/`, spoilt(spoil)]));
    const { page } = await open({ folders });
    for (const [i, [what, , expected]] of faults.entries()) {
      const message = await page.evaluate(
        (url) =>
          window.dcgan.loadGenerator(url, { device: 'wasm' }).then(
            () => 'loaded',
            (error: Error) => `${error.name}: ${error.message}`,
          ),
        `/bad${i}/model.json`,
      );
      assert.match(message, expected, what);
    }
    const messages = await page.evaluate(async () => {
      const told = (error: Error): string => `${error.name}: ${error.message}`;
      const { loadGenerator, ModelLoadError, WorkerError } = window.dcgan;
      const missing = await loadGenerator('/nowhere/model.json').catch((error: Error) => error);
      const noWorker = await loadGenerator('/model/model.json', { assets: '/nowhere/' }).catch(
        (error: Error) => error,
      );
      return [
        missing instanceof ModelLoadError && told(missing),
        noWorker instanceof WorkerError && told(noWorker),
      ];
    });
    assert.match(String(messages[0]), /\/nowhere\/model\.json: the server answers 404/);
    assert.match(String(messages[1]), /nowhere\/worker\.js: cannot be started as a worker/);
  });
}

test.run();
