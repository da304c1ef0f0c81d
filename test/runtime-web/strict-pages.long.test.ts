// The viewer and its functions in pages with a strict policy, opened from a file, and in a page's own worker.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type * as Runtime from '../../runtime-web/index.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { listen, openBrowser } from './browser.ts';
import { picturesRun } from './models.ts';
import { events, tag, viewer, viewerPages, waitFor } from './viewer-pages.ts';

const test = suite('the viewer in strict pages');
const browser = await openBrowser('the viewer in strict pages');
const model = join(await picturesRun(), 'model');

const pages = viewerPages(browser, model);
test.after.each(() => pages.close());
test.after(() => browser?.close());

const policy = (...parts: readonly string[]) => ({ 'content-security-policy': parts.join('; ') });
const whole = ["default-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"];
/** The message of the first error event. */
async function failure(page: Page): Promise<string> {
  await waitFor(page, 'error');
  return String((await events(page)).find(({ type }) => type === 'error')!.message);
}

if (browser === null) {
  test.skip('all tests', () => undefined);
} else {
  for (const isIsolated of [false, true]) {
    for (const names of ['', 'trusted-types dcgan-viewer default']) {
      test(`with Trusted Types ${isIsolated ? 'and threads' : ''} ${names} it draws`, async () => {
        const { page, said } = await pages.open(`${tag} controls></dcgan-viewer>`, {
          isIsolated,
          headers: policy(...whole, "require-trusted-types-for 'script'", ...(names === '' ? [] : [names])),
        });
        await waitFor(page, 'change');
        assert.equal(said, []);
      });
    }
  }

  test('with Trusted Types whose policies the page does not allow, the message names it', async () => {
    const { page } = await pages.open(`${tag}></dcgan-viewer>`, {
      headers: policy(...whole, "require-trusted-types-for 'script'", 'trusted-types none-of-ours'),
    });
    assert.match(await failure(page), /add dcgan-viewer to trusted-types/);
  });

  test("without 'wasm-unsafe-eval' the message names it, before anything large is fetched", async () => {
    const { page, server } = await pages.open(`${tag}></dcgan-viewer>`, {
      headers: policy("default-src 'self'"),
    });
    assert.match(
      await failure(page),
      /^the Content-Security-Policy .*add 'wasm-unsafe-eval' to its script-src$/,
    );
    assert.not.ok(server.requests.some((path) => path.endsWith('.wasm')));
  });

  for (const directive of ['worker-src', 'connect-src']) {
    test(`with ${directive} 'none' the message says what to add`, async () => {
      const { page } = await pages.open(`${tag}></dcgan-viewer>`, {
        headers: policy(...whole, `${directive} 'none'`),
      });
      const message = await failure(page);
      assert.match(message, new RegExp(`add 'self' to ${directive}`));
      assert.match(message, directive === 'worker-src' ? /worker\.js/ : /model\.json/);
    });
  }

  test("another origin's address that connect-src lacks is named", async () => {
    const { page } = await pages.open(`<dcgan-viewer src="http://localhost:9/model.json"></dcgan-viewer>`, {
      headers: policy(...whole),
    });
    assert.match(await failure(page), /add http:\/\/localhost:9 to connect-src/);
  });

  test('in a sandboxed frame, which has no origin, it draws', async () => {
    const report =
      'for (const type of ["change", "error"]) document.addEventListener(type, ({ detail }) => parent.postMessage(`${origin} ${detail.seeds ?? detail.error}`, "*"), true);';
    const { page } = await pages.open(
      `<iframe sandbox="allow-scripts" srcdoc='<script>${report}</script><script type="module" src="web/element.js"></script>
       ${tag}></dcgan-viewer>'></iframe>`,
      {
        headers: { 'access-control-allow-origin': '*' },
        script: "addEventListener('message', ({ data }) => (document.title = data), { once: true });",
      },
    );
    await page.waitForFunction(() => document.title !== 'viewer');
    assert.is(await page.title(), 'null 0');
  });

  test('a worker’s file that is missing is still told as missing', async () => {
    const { page } = await pages.open('');
    const message = await page.evaluate(async () => {
      const at = (file: string): string => new URL(file, location.href).href;
      const { loadGenerator } = (await import(at('web/index.js'))) as typeof Runtime;
      return loadGenerator(at('model/model.json'), { assets: at('gone/') }).then(String, String);
    });
    assert.match(
      message,
      /WorkerError: .*gone\/worker\.js: cannot be started as a worker \(is the file there\?\)$/,
    );
  });

  test("opened from a file, the guide's page shows its hint and the console says what to do", async () => {
    const guide = readFileSync(resolve('docs', 'guide', 'embed.md'), 'utf8');
    const [, html] = /## A page opened from a file[\s\S]*?```html\n([\s\S]*?)```/.exec(guide)!;
    const site = temporaryFolder();
    writeFileSync(join(site, 'index.html'), `<!doctype html><title>file</title>${html}`);
    const page = await browser.newPage();
    const said = listen(page);
    await page.goto(pathToFileURL(join(site, 'index.html')).href);
    await page.getByText('needs a web server').waitFor();
    assert.ok(
      said.some((line) => /^error: .*needs a web server.*npx/.test(line)),
      said.join('\n'),
    );
    await page.close();
  });

  test('bundled into a script that runs from a file, it says so in its error and on the console', async () => {
    const site = temporaryFolder();
    const { status, stderr } = spawnSync(
      resolve('node_modules', '.bin', 'esbuild'),
      [
        ...[resolve('runtime-web', 'dist', 'element.js'), '--bundle', '--format=iife', '--log-level=error'],
        ...['--define:import.meta.url=document.baseURI', `--outfile=${join(site, 'all.js')}`],
      ],
      { encoding: 'utf8' },
    );
    assert.is(status, 0, stderr);
    writeFileSync(
      join(site, 'index.html'),
      '<!doctype html><title>file</title><dcgan-viewer src="model/model.json"></dcgan-viewer><script src="all.js"></script>',
    );
    const page = await browser.newPage();
    const said = listen(page);
    await page.goto(pathToFileURL(join(site, 'index.html')).href);
    const text = (): Promise<string> =>
      viewer(page, (element) => element.shadowRoot!.querySelector('[part=error]')!.textContent ?? '');
    for (let tries = 0; tries < 50 && !(await text()).includes('web server'); tries++)
      await page.waitForTimeout(100);
    assert.match(await text(), /opened from a file.*web server.*npx/);
    assert.ok(
      said.some((line) => /^error: .*opened from a file.*web server/.test(line)),
      said.join('\n'),
    );
    await page.close();
  });

  for (const format of ['esm', 'iife']) {
    test(`bundled (${format}) without the package's files, it names \`assets\`, and draws with it`, async () => {
      const { stdout } = spawnSync(
        resolve('node_modules', '.bin', 'esbuild'),
        [resolve('runtime-web', 'dist', 'element.js'), '--bundle', `--format=${format}`, '--log-level=error'],
        { encoding: 'utf8', maxBuffer: 1e8 },
      );
      const { page } = await pages.open('', { script: `customElements.define = () => undefined;` });
      await page.evaluate((code) => {
        Reflect.deleteProperty(customElements, 'define');
        document.body.innerHTML = '<dcgan-viewer src="model/model.json"></dcgan-viewer>';
        const script = document.createElement('script');
        script.type = 'module';
        script.textContent = code;
        document.body.append(script);
      }, stdout);
      assert.match(await failure(page), /^\S*worker\.js: cannot be started .*name that folder with assets$/);
      await viewer(page, (element) => {
        element.assets = 'web';
      });
      await waitFor(page, 'change');
    });
  }

  test('loadGenerator works in a worker of the page, where there is no document', async () => {
    const { page } = await pages.open('');
    const result = await page.evaluate(async () => {
      const at = (file: string): string => new URL(file, location.href).href;
      const code = `
        import { loadGenerator } from '${at('web/index.js')}';
        try {
          const generator = await loadGenerator('${at('model/model.json')}');
          const [image] = await generator.generate({ seeds: [7] });
          const refusal = await generator.discriminate({ images: [image] }).catch(String);
          self.postMessage({ width: image.width, data: image.data.join(), refusal });
        } catch (error) { self.postMessage({ message: String(error) }); }`;
      const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
      const worker = new Worker(url, { type: 'module' });
      const inWorker = await new Promise<{
        message?: string;
        width?: number;
        data?: string;
        refusal?: string;
      }>((done) => {
        worker.onmessage = ({ data }) => done(data as { message?: string });
      });
      const { loadGenerator } = (await import(at('web/index.js'))) as typeof Runtime;
      const [image] = await (await loadGenerator('model/model.json')).generate({ seeds: [7] });
      return { ...inWorker, isSame: inWorker.data === image!.data.join() };
    });
    assert.is(result.message, undefined);
    assert.is(result.width, 16);
    assert.is(result.isSame, true);
    // Its pictures are read, in a canvas, before the file is asked for.
    assert.match(String(result.refusal), /ModelLoadError: .*--discriminator/);
  });

  test('ten thousand calls leave nothing behind', async () => {
    const { page } = await pages.open('');
    await page.evaluate(async () => {
      const at = (file: string): string => new URL(file, location.href).href;
      const { loadGenerator } = (await import(at('web/index.js'))) as typeof Runtime;
      const generator = await loadGenerator('model/model.json', { device: 'wasm' });
      const { signal } = new AbortController();
      Object.assign(window, {
        calls: async (count: number) => {
          for (let i = 0; i < count; i++) {
            await generator.generate({ seeds: [i], as: 'floats', ...(i % 2 === 0 && { signal }) });
          }
        },
      });
    });
    const session = await page.context().newCDPSession(page);
    const heapAfter = async (count: number): Promise<number> => {
      await page.evaluate(
        (calls) => (window as unknown as { calls(count: number): Promise<void> }).calls(calls),
        count,
      );
      await session.send('HeapProfiler.collectGarbage');
      return (await session.send('Runtime.getHeapUsage')).usedSize;
    };
    const before = await heapAfter(500);
    const grown = ((await heapAfter(10_000)) - before) / 10_000;
    console.log(`${grown.toFixed(1)} bytes a call`);
    assert.ok(grown < 30, `${grown.toFixed(1)} bytes a call`);
  });
}

test.run();
