// A suite of tests in a real browser, which is opened before and closed after them.
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import { openBrowser } from './browser.ts';

/** A suite, and the pages that its tests open. */
export interface BrowserSuite<Pages> {
  /** Skips every test where there is no browser. */
  readonly test: ReturnType<typeof suite>;
  readonly pages: Pages;
}

/**
 * Opens the browser for a suite; `pagesOf` makes its pages, which are closed after each test. Without a browser, or where `isMissing` (a
 * device is), all tests are skipped, with the reason printed.
 */
export async function browserSuite<Pages extends { close(): Promise<void> }>(
  name: string,
  pagesOf: (browser: Browser | null) => Pages,
  { isMissing = null }: { readonly isMissing?: string | null } = {},
): Promise<BrowserSuite<Pages>> {
  const test = suite(name);
  if (isMissing !== null) console.log(`skipped: ${name}, ${isMissing}`);
  const browser = isMissing === null ? await openBrowser(name) : null;
  const pages = pagesOf(browser);
  test.after.each(() => pages.close());
  test.after(() => browser?.close());
  return { pages, test: browser === null ? Object.assign(test.skip, test) : test };
}
