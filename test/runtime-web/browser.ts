// The browser that suites drive: Chromium with a software WebGPU adapter, or the one that DCGAN_TEST_BROWSER names.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import process from 'node:process';
import { chromium, firefox, type Browser, type Page } from 'playwright-core';
import type { uvu } from 'uvu';
import type { DeviceName } from '../../runtime-web/protocol.ts';
import { skipIf } from '../shared/skip.ts';
import { launchWebKit } from './webkit/launch.ts';

const names = ['chromium', 'firefox', 'webkit'] as const;

/** The browser of this run. */
export const browserName = process.env['DCGAN_TEST_BROWSER'] ?? 'chromium';
if (!names.some((name) => name === browserName))
  throw new Error(`DCGAN_TEST_BROWSER: got ${browserName}, expected ${names.join(', ')}`);

/** The devices that images are generated on: only Chromium has a WebGPU that needs no GPU. */
export const devices: readonly DeviceName[] = browserName === 'chromium' ? ['wasm', 'webgpu'] : ['wasm'];

/** `test`; in other browsers than these, `test.skip`, with the reason printed. */
export const testIn = <T>(
  where: readonly (typeof names)[number][],
  reason: string,
  test: uvu.Test<T>,
): uvu.Test<T> | uvu.Test<T>['skip'] =>
  skipIf(!where.some((name) => name === browserName), `${browserName} ${reason}`, test);

/** A name of this machine that browsers do not take for localhost. */
export const plainHost = 'classroom.test';

const chromiumFlags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--disable-quic',
  '--use-fake-device-for-media-stream',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page that is neither on https nor on localhost, as in a classroom.
  `--host-resolver-rules=MAP ${plainHost} 127.0.0.1`,
];

/** Opens the browser, or returns null and prints the reason. */
export async function openBrowser(suite: string): Promise<Browser | null> {
  const script = resolve('scripts', 'find-browser.mjs');
  const found = spawnSync(process.execPath, [script, browserName], { encoding: 'utf8' });
  if (found.status !== 0) {
    console.log(`skipped: ${suite}, ${found.stderr.trim().split('\n').at(-1)}`);
    return null;
  }
  const executablePath = found.stdout.trim();
  if (browserName === 'webkit') return launchWebKit(executablePath);
  // The channel makes Playwright speak WebDriver BiDi, which the Firefox of everybody understands.
  if (browserName === 'firefox')
    return firefox.launch({
      channel: 'moz-firefox',
      executablePath,
      firefoxUserPrefs: { 'network.dns.localDomains': plainHost },
    });
  return chromium.launch({ executablePath, args: chromiumFlags });
}

/** The paths that are requested more than once. */
export function fetchedTwice(requests: readonly string[]): string[] {
  const again = requests.filter((path, i) => requests.indexOf(path) !== i);
  // The driver's WebKit has no HTTP cache: scripts that page and worker share, and model.json, come twice. What the runtime
  // stores itself does not.
  return browserName === 'webkit' ? again.filter((path) => /\.(onnx|wasm)$/.test(path)) : again;
}

/** Messages on a page's console, with errors and refused requests; filled as they come. */
export function listen(page: Page): string[] {
  const said: string[] = [];
  page.on('console', (message) => {
    // A warning about the tests' own reading of canvases.
    if (!message.text().includes('willReadFrequently')) said.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => said.push(`pageerror: ${error.message}`));
  return said;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The violations that axe finds in a page; it is injected by the debugger, so the page's policy does not matter. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: checker } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await checker.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}
