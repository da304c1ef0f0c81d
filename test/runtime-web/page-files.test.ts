// The runtime finds its own files: beside its script, in a folder that the page names, and on another origin; from a page and from a
// worker.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type * as Runtime from '../../runtime-web/index.ts';
import { serveFolders } from '../../scripts/static-server.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { openBrowser } from './browser.ts';
import { avatarsRun } from './models.ts';
import { servedPages } from './served-pages.ts';

const test = suite("the runtime's own files");
const browser = await openBrowser("the runtime's own files");
const model = join(await avatarsRun(), 'all');
const web = resolve('runtime-web', 'dist');
const pages = servedPages(browser);
test.after.each(() => pages.close());
test.after(() => browser?.close());

/** A page whose head has this script, and whose server has these files and folders. */
function open(
  script: string,
  files: Readonly<Record<string, string>>,
  folders: Readonly<Record<string, string>>,
) {
  const site = temporaryFolder();
  writeFileSync(join(site, 'index.html'), `<!doctype html><title>test</title>${script}<main></main>`);
  writeFileSync(join(site, 'favicon.ico'), '');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(site, name), text);
  return pages.open({ folders: { '/': site, '/model/': model, ...folders }, isIsolated: true });
}

/** Generates the image of seed 7, and asks the discriminator about it as a picture, which takes the files that are loaded later. */
const generate = `async (runtime, options) => {
  const generator = await runtime.loadGenerator('/model/model.json', { device: 'wasm', ...options });
  const [image] = await generator.generate({ seeds: [7], as: 'floats' });
  const opinions = await generator.discriminate({ images: await generator.generate({ seeds: [7] }) });
  return { values: Array.from(image), opinions, threads: generator.device.reason };
}`;

interface Generated {
  readonly values: readonly number[];
  readonly threads: string;
}

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  test('a worker of the page generates the same image as the page, and reads pictures', async () => {
    const inWorker = `import * as runtime from '/web/index.js';
      const generate = ${generate};
      onmessage = async () => postMessage(await generate(runtime, {}).catch(String));`;
    const { page, said } = await open('', { 'mine.js': inWorker }, { '/web/': web });
    const inPage = (await page.evaluate(
      `import('/web/index.js').then((runtime) => (${generate})(runtime, {}))`,
    )) as Generated;
    const there = (await page.evaluate(
      () =>
        new Promise((done, fail) => {
          const worker = new Worker('/mine.js', { type: 'module' });
          worker.onmessage = ({ data }) => done(data);
          worker.onerror = ({ message }) => fail(new Error(message));
          worker.postMessage('');
        }),
    )) as Generated;
    assert.ok(inPage.values.some((value) => value !== 0));
    assert.equal(there, inPage);
    assert.equal(said, []);
  });

  test('a folder that the page names: all files come from it, for the functions and for the element', async () => {
    const { page, server, said } = await open('', {}, { '/web/': web, '/elsewhere/': web });
    const own = (path: string): boolean => /worker|onnx\//.test(path);
    for (const assets of ['/elsewhere', 'elsewhere/']) {
      const { values } = (await page.evaluate(
        `import('/web/index.js').then((runtime) => (${generate})(runtime, { assets: '${assets}' }))`,
      )) as Generated;
      assert.ok(values.some((value) => value !== 0));
    }
    await page.evaluate(async () => {
      await import(new URL('/web/element.js', location.href).href);
      const viewer = document.createElement('dcgan-viewer');
      Object.assign(viewer, { src: '/model/model.json', assets: '/elsewhere', device: 'wasm' });
      const changed = new Promise((done) => viewer.addEventListener('change', done, { once: true }));
      document.querySelector('main')!.append(viewer);
      await changed;
    });
    assert.equal(
      server.requests.filter((path) => own(path) && !path.startsWith('/elsewhere/')),
      [],
    );
    for (const file of [
      'worker.js',
      'worker-later.js',
      'onnx/ort.wasm.min.mjs',
      'onnx/ort-wasm-simd-threaded.wasm',
    ])
      assert.ok(server.requests.includes(`/elsewhere/${file}`), file);
    assert.equal(said, []);
  });

  test('the script of another origin: its worker starts, with threads', async () => {
    const headers = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };
    const network = await serveFolders({ folders: { '/package/': web }, headers });
    try {
      const { page, said } = await open('', {}, {});
      const { values, threads } = (await page.evaluate(
        `import('${network.origin}/package/index.js').then((runtime) => (${generate})(runtime, {}))`,
      )) as Generated;
      assert.ok(values.some((value) => value !== 0));
      assert.match(threads, /with [2-4] threads/);
      assert.equal(said, []);
    } finally {
      await network.close();
    }
  });

  test('on a server every entry can be imported, and says what is missing when it is called', async () => {
    for (const entry of ['index', 'element', 'react', 'format']) await import(join(web, `${entry}.js`));
    const runtime = (await import(join(web, 'index.js'))) as typeof Runtime;
    const error = await runtime
      .loadGenerator('https://host.example/model.json')
      .catch((thrown: Error) => thrown);
    assert.match(String(error), /WorkerError: .*has no workers/);
  });
}

test.run();
