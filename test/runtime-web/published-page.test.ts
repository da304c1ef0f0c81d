// A published folder in a browser: the viewer draws, the choices beside it work, and nothing outside of the folder is asked for.
import { join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { dcgan } from '../shared/command-line.ts';
import { attributesOfColour, conditionPackage } from '../shared/condition-package.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { axeViolations } from './browser.ts';
import { browserSuite } from './browser-suite.ts';
import { servedPages } from './served-pages.ts';

const { test, pages } = await browserSuite('published page', servedPages);

/** Publishes a model, with the built viewer. */
async function published(model: string, ...flags: readonly string[]): Promise<string> {
  const out = join(temporaryFolder(), 'site');
  const viewer = resolve('runtime-web');
  const { code, stderr } = await dcgan('publish', model, '--out', out, '--viewer', viewer, ...flags);
  assert.is(code, 0, stderr);
  return out;
}

/** Colours of the canvas's upper half, in levels of 255; null before the first picture. */
const drawn = (): number[] | null => {
  const canvas = document.querySelector('dcgan-viewer')!.shadowRoot!.querySelector('canvas')!;
  if (canvas.hidden || canvas.width === 0) return null;
  return [...canvas.getContext('2d')!.getImageData(0, 0, 1, 1).data].slice(0, 3);
};

/** The choices beside the viewer set the view, the seed and the conditions. */
async function tryChoices(page: Page): Promise<void> {
  await page.selectOption('#view', 'sample');
  await page.fill('#seed', '7');
  await page.press('#seed', 'Enter');
  // The model's red, green and blue are its attributes.
  for (const [choices, colour] of [
    [
      ['1', '0', '1'],
      [255, 128, 255],
    ],
    [
      ['0', '1', '0'],
      [128, 255, 128],
    ],
  ] as const) {
    for (const [i, choice] of choices.entries())
      await page.locator('[data-condition]').nth(i).selectOption(choice);
    await page.waitForFunction(
      (wanted) => {
        const canvas = document.querySelector('dcgan-viewer')!.shadowRoot!.querySelector('canvas')!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, 1, 1);
        return wanted.every((value, i) => Math.abs(data[i]! - value) <= 1);
      },
      [...colour],
    );
  }
  assert.is(
    await page.evaluate(() => (document.querySelector('dcgan-viewer') as unknown as { seed: number }).seed),
    7,
  );
}

test('the page draws on a phone and on a desk, in light and dark, from its own folder, and axe finds nothing', async () => {
  const site = await published(
    conditionPackage(attributesOfColour),
    '--intended',
    'see https://example.org/a.',
  );
  // The policy is in the page itself, and as strict as the viewer allows.
  const [, policy] = /http-equiv="content-security-policy"\s+content="([^"]+)"/.exec(
    readFileSync(join(site, 'index.html'), 'utf8'),
  )!;
  assert.match(policy!, "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'");
  assert.not.match(policy!, /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|https?:|\*/);
  for (const [viewport, colorScheme] of [
    [{ width: 1280, height: 800 }, 'light'],
    [{ width: 390, height: 844 }, 'dark'],
  ] as const) {
    const { page, server, said, origins } = await pages.open(
      { folders: { '/deep/path/': site } },
      { path: '/deep/path/', context: { viewport, colorScheme } },
    );
    await page.waitForSelector('#choices:not([hidden])');
    await page.waitForFunction(drawn);
    assert.equal([...origins], [server.origin]);
    assert.equal(
      server.requests.filter((path) => !path.startsWith('/deep/path/')),
      [],
    );
    assert.equal(await axeViolations(page), []);
    assert.is(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width);
    assert.is(await page.locator('a[href="https://example.org/a"]').count(), 1);
    await tryChoices(page);
    assert.equal(said, []);
  }
});

test.run();
