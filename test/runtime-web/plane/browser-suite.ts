// The opening that suites of pages share: a suite, its browser and its pages.
import type { Browser } from 'playwright-core';
import { suite, type Test } from 'uvu';
import { openBrowser, testIn } from '../browser.ts';

/** Adds a test, or one that is skipped. */
type AddTest = Test | Test['skip'];

/** A suite of pages. */
export interface BrowserSuite<Pages> {
  /** Adds a test; without a browser it is skipped. */
  readonly test: AddTest;
  /** The same; in other browsers than these it is skipped, with the reason printed. */
  testIn(where: Parameters<typeof testIn>[0], reason: string): AddTest;
  readonly pages: Pages;
  run(): void;
}

/** Opens the browser and makes pages, which are closed after each test. */
export async function browserSuite<Pages extends { close(): Promise<void> }>(
  name: string,
  pagesIn: (browser: Browser | null) => Pages,
): Promise<BrowserSuite<Pages>> {
  const test = suite(name);
  const browser = await openBrowser(name);
  const pages = pagesIn(browser);
  test.after.each(() => pages.close());
  test.after(() => browser?.close());
  const isMissing = browser === null;
  return {
    test: isMissing ? test.skip : test,
    testIn: (where, reason) => (isMissing ? test.skip : testIn(where, reason, test)),
    pages,
    run: () => test.run(),
  };
}
