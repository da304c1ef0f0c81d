// The browser that a bench measures in.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { chromium, type Browser } from 'playwright-core';
import { refuse } from '../flags.ts';

/** Starts Chromium with further flags; ends the script where there is none. */
export async function launchBrowser(...further: readonly string[]): Promise<Browser> {
  const found = spawnSync(process.execPath, ['scripts/find-browser.mjs'], { encoding: 'utf8' });
  if (found.status !== 0) refuse(found.stderr.trim());
  return chromium.launch({ executablePath: found.stdout.trim(), args: ['--no-sandbox', ...further] });
}
