// `npm run bench -- web`: the browser runtime in a real Chromium. Prints images per second of a 64x64 model beside plain
// onnxruntime-web and tfjs's wasm backend in the same page, and onnxruntime-node; the longest task of the page's main thread
// during a walk; the time to the first image from a warm cache; bytes by file.
import { stagesOf } from '../../../trainer/config/stages.ts';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import * as ort from 'onnxruntime-node';
import type { CDPSession, Page } from 'playwright-core';
import type * as Runtime from '../../../runtime-web/index.ts';
import { parseModel } from '../../../runtime-web/format/parse-model.ts';
import { option, positiveNumber, readFlags, text, toggle, wholeNumber } from '../../flags.ts';
import { serveFolders } from '../../static-server.ts';
import { launchBrowser } from '../browser.ts';
import { median } from '../median.ts';
import { allScripts, brotliBytes, scriptsAtOnce } from './script-bytes.ts';

const flags = readFlags({
  model: option(text, 'demo/models/avatars-64'),
  seconds: option(positiveNumber, '1'),
  turns: option(wholeNumber(), '15'),
  json: toggle,
});
const ms = flags.seconds * 1000;
const { turns } = flags;
const batch = 16;
const warmLoads = 5;
const say = (line: string): void => {
  if (!flags.json) console.log(line);
};

const model = parseModel(JSON.parse(readFileSync(join(flags.model, 'model.json'), 'utf8')), flags.model);
const weights = model.files.generatorFp16 ?? model.files.generator;

// A site with the runtime, the peers and the model.
const site = mkdtempSync(join(tmpdir(), 'dcgan-bench-web-'));
const tfjsWasm = dirname(
  createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'),
);
await build({
  bundle: true,
  format: 'esm',
  minify: true,
  platform: 'browser',
  entryPoints: ['scripts/bench/web/tfjs-page.ts', 'scripts/bench/web/ort-page.ts'],
  outdir: site,
  logLevel: 'error',
});
mkdirSync(join(site, 'tfjs'));
for (const folder of ['dist', 'wasm-out']) {
  try {
    for (const file of readdirSync(join(tfjsWasm, folder))) {
      if (file.endsWith('.wasm')) copyFileSync(join(tfjsWasm, folder, file), join(site, 'tfjs', file));
    }
  } catch {
    // The other folder has them.
  }
}
writeFileSync(join(site, 'favicon.ico'), '');
writeFileSync(
  join(site, 'index.html'),
  '<!doctype html><title>bench</title><script type="module" src="web/element.js"></script><dcgan-viewer src="model/model.json" alt="x"></dcgan-viewer>',
);
const server = await serveFolders({
  folders: { '/': site, '/web/': 'runtime-web/dist', '/model/': flags.model },
  isIsolated: true,
});
const browser = await launchBrowser();

/** A new page at a path; the runtime's viewer is at `/`. */
async function open(path = '/'): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(server.origin + path);
  return page;
}
const drawn = (page: Page): Promise<unknown> =>
  page.waitForFunction(
    () => document.querySelector('dcgan-viewer')!.shadowRoot!.querySelector('canvas')!.width > 1,
  );

const threads = Math.min(4, cpus().length);
/** Loads our runtime and onnxruntime-web in the page, and warms both up. */
const prepare = (page: Page): Promise<void> =>
  page.evaluate(
    async (given) => {
      const { loadGenerator } = (await import(
        new URL('/web/index.js', location.href).href
      )) as typeof Runtime;
      const generator = await loadGenerator('/model/model.json', { device: 'wasm' });
      const seeds = Array.from({ length: 4 * given.batch }, (_, i) => i);
      const worker = new Worker('/ort-page.js', { type: 'module' });
      const ask = (message: object): Promise<number> =>
        new Promise((done) => {
          worker.onmessage = ({ data }: MessageEvent<number>) => done(data);
          worker.postMessage(message);
        });
      const rates: RatesInPage = {
        // In requests of 4 batches, as a page would make them.
        async ours(ms) {
          const started = performance.now();
          let images = 0;
          while (performance.now() - started < ms) images += (await generator.generate({ seeds })).length;
          return (images * 1000) / (performance.now() - started);
        },
        plain: (ms) => ask({ ms }),
      };
      await ask(given);
      Object.assign(globalThis, { rates });
      for (const rate of Object.values(rates) as RatesInPage['ours'][]) await rate(1000);
    },
    {
      model: `${server.origin}/model/${weights.file}`,
      latent: model.latent.dim,
      batch,
      threads,
      folder: `${server.origin}/web/onnx/`,
    },
  );

/** Functions that {@link prepare} leaves in the page: images per second, measured over `ms` milliseconds. */
interface RatesInPage {
  ours(ms: number): Promise<number>;
  plain(ms: number): Promise<number>;
}
const rateOf = (page: Page, which: keyof RatesInPage): Promise<number> =>
  page.evaluate(
    ([name, duration]) => (globalThis as unknown as { rates: RatesInPage }).rates[name](duration),
    [which, ms] as const,
  );

/** Images per second of onnxruntime-node, and the generator's kernel size and widths, from the training's config.json. */
async function nativeRate(): Promise<{ rate: number; widths: number[]; kernel: number }> {
  const session = await ort.InferenceSession.create(join(flags.model, weights.file), {
    intraOpNumThreads: threads,
  });
  const z = new ort.Tensor('float32', Float32Array.from({ length: batch * model.latent.dim }, Math.random), [
    batch,
    model.latent.dim,
  ]);
  await session.run({ z });
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < ms) {
    await session.run({ z });
    count += batch;
  }
  const rate = (count * 1000) / (performance.now() - started);
  await session.release();
  const { baseWidth, kernel } = JSON.parse(
    readFileSync(join('demo', 'training', model.name, 'config.json'), 'utf8'),
  ) as { readonly baseWidth: number; readonly kernel: number };
  const stages = stagesOf(model).count;
  return {
    rate,
    kernel,
    widths: Array.from({ length: stages }, (_, i) => baseWidth * 2 ** (stages - 1 - i)),
  };
}

const tfjsRate = (page: Page, shape: object): Promise<number> =>
  page.evaluate(
    async ([given, size, duration]) => {
      const { tfjsRate: run } = (await import(new URL('/tfjs-page.js', location.href).href)) as {
        tfjsRate(folder: string, shape: object, batch: number, ms: number): Promise<number>;
      };
      return run('/tfjs/', given, size, duration);
    },
    [shape, batch, ms] as const,
  );

/** Processor times of the main thread's tasks during a walk, in milliseconds, longest first. */
async function tasksOfWalk(page: Page): Promise<number[]> {
  const session: CDPSession = await page.context().newCDPSession(page);
  const events: {
    name: string;
    ph: string;
    tid: number;
    pid: number;
    tdur?: number;
    args?: { name?: string };
  }[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as typeof events)));
  await page.evaluate(() => {
    const viewer = document.querySelector('dcgan-viewer')!;
    viewer.setAttribute('mode', 'walk');
    viewer.toggleAttribute('playing', true);
  });
  await page.waitForTimeout(1000);
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    categories: 'toplevel,disabled-by-default-devtools.timeline,devtools.timeline',
  });
  await page.waitForTimeout(4000);
  const complete = new Promise((done) => session.once('Tracing.tracingComplete', done));
  await session.send('Tracing.end');
  await complete;
  const main = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  return events
    .filter(
      ({ name, pid, tid, tdur }) =>
        name.endsWith('RunTask') && tdur !== undefined && main.has(`${pid} ${tid}`),
    )
    .map(({ tdur }) => tdur! / 1000)
    .sort((a, b) => b - a);
}

const rates = { ours: [] as number[], plain: [] as number[], native: [] as number[] };
const first = await open();
await drawn(first);
const fetched = [...server.requests].map((path) => {
  const file = path.startsWith('/web/')
    ? join('runtime-web/dist', path.slice(5))
    : path.startsWith('/model/')
      ? join(flags.model, path.slice(7))
      : join(site, path === '/' ? 'index.html' : path);
  return { path, bytes: statSync(file).size };
});
const twice = fetched.filter(({ path }, i) => fetched.findIndex((other) => other.path === path) < i);

let shape = { latent: model.latent.dim, channels: model.channels, widths: [] as number[], kernel: 4 };
await prepare(first);
for (let turn = 0; turn < turns; turn++) {
  const { rate, widths, kernel } = await nativeRate();
  shape = { ...shape, widths, kernel };
  rates.native.push(rate);
  // Alternates the order, because the first one finds the processor warmed up by onnxruntime-node.
  for (const which of turn % 2 === 0 ? (['ours', 'plain'] as const) : (['plain', 'ours'] as const)) {
    rates[which].push(await rateOf(first, which));
  }
  say(
    `turn ${turn + 1}, images/s: ours ${rates.ours.at(-1)!.toFixed(1)}, plain onnxruntime-web ${rates.plain.at(-1)!.toFixed(1)}, onnxruntime-node ${rate.toFixed(1)}`,
  );
}
const tfjs = await tfjsRate(await open('/favicon.ico'), shape).catch(
  (error: Error) => error.message.split('\n')[0]!,
);
const warm: number[] = [];
for (let i = 0; i < warmLoads; i++) {
  await first.reload();
  await drawn(first);
  warm.push(await first.evaluate(() => performance.now()));
}
const tasks = await tasksOfWalk(first);
await browser.close();
await server.close();
rmSync(site, { recursive: true, force: true });

const atOnce = scriptsAtOnce('runtime-web/dist', ['element.js', 'worker.js']);
const whenUsed = allScripts('runtime-web/dist').filter((file) => !atOnce.includes(file));
const ratios = {
  plain: median(rates.ours.map((rate, i) => rate / rates.plain[i]!)),
  native: median(rates.ours.map((rate, i) => rate / rates.native[i]!)),
};
const result = {
  model: model.name,
  threads,
  imagesPerSecond: median(rates.ours),
  ratioToOnnxruntimeWeb: ratios.plain,
  ratioToOnnxruntimeNode: ratios.native,
  tfjsImagesPerSecond: tfjs,
  ratioToTfjs: typeof tfjs === 'number' ? median(rates.ours) / tfjs : null,
  longestTaskMs: tasks[0] ?? null,
  tasks: tasks.length,
  firstPictureWarmMs: median(warm),
  brotliBytes: {
    runtimeAndViewer: brotliBytes('runtime-web/dist', atOnce),
    layersAndRestoring: brotliBytes('runtime-web/dist', whenUsed),
    demo: brotliBytes('dist/demo', allScripts('dist/demo')),
  },
  fetched,
  fetchedTwice: twice.map(({ path }) => path),
};
if (flags.json) console.log(JSON.stringify(result));
say(
  `\n${model.name}, ${model.width}x${model.height}x${model.channels}, wasm with ${threads} threads, ${cpus()[0]?.model.trim()}`,
);
say(
  `images/s: ${result.imagesPerSecond.toFixed(1)}; of plain onnxruntime-web ${ratios.plain.toFixed(3)}, of onnxruntime-node ${ratios.native.toFixed(3)}`,
);
say(
  `tfjs wasm backend: ${typeof tfjs === 'number' ? `${tfjs.toFixed(1)} images/s, ours are ${(result.imagesPerSecond / tfjs).toFixed(1)} times that` : tfjs}`,
);
say(
  `longest of ${tasks.length} main-thread tasks during a walk: ${(tasks[0] ?? 0).toFixed(1)} ms of processor time`,
);
say(`first image from a warm cache: ${result.firstPictureWarmMs.toFixed(0)} ms (median of ${warmLoads})`);
say(
  `scripts, brotli: runtime and viewer ${(result.brotliBytes.runtimeAndViewer / 1000).toFixed(1)} kB, chunks fetched on demand ${(result.brotliBytes.layersAndRestoring / 1000).toFixed(1)} kB, demo without them ${(result.brotliBytes.demo / 1000).toFixed(1)} kB`,
);
say(`\nfetched for the first image${twice.length > 0 ? ' (some twice!)' : ', nothing twice'}:`);
for (const { path, bytes } of fetched) say(`${String(bytes).padStart(10)}  ${path}`);
