// A real Chromium for tests of the browser half, with a software WebGPU adapter, and pages on servers of this machine.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import process from 'node:process';
import { chromium, type Browser, type Page } from 'playwright-core';

/** A name of this machine that browsers do not take for localhost. */
export const plainHost = 'classroom.test';

const flags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page that is neither on https nor on localhost, as in a classroom.
  `--host-resolver-rules=MAP ${plainHost} 127.0.0.1`,
];

/** Opens the browser, or returns null and prints the reason. */
export async function openBrowser(suite: string): Promise<Browser | null> {
  const found = spawnSync(process.execPath, [resolve('scripts', 'find-browser.mjs')], { encoding: 'utf8' });
  if (found.status !== 0) {
    console.log(`skipped: ${suite}, ${found.stderr.trim().split('\n').at(-1)}`);
    return null;
  }
  return chromium.launch({ executablePath: found.stdout.trim(), args: flags });
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
