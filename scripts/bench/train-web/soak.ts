// A training of a page for many minutes, as a visitor leaves it: speed and memory of each.
import type { Browser } from 'playwright-core';
import { openPageSide } from './page-side.ts';

const minuteMs = 60_000;

/** One minute of a soak. */
export interface SoakMinute {
  /** From 1 on. */
  readonly minute: number;
  readonly imagesPerSecond: number;
  /** Memory of the page and its workers, at the minute's end. */
  readonly megabytes: number;
  /** The trainer's warnings so far. */
  readonly warnings: readonly string[];
}

/** Trains the package at `/NAME/` in a new page for that many minutes. */
export async function* soak(
  browser: Browser,
  origin: string,
  name: string,
  minutes: number,
): AsyncGenerator<SoakMinute> {
  const page = await openPageSide(browser, origin, name, true);
  const begun = performance.now();
  for (let minute = 1; minute <= minutes; minute++) {
    // Measuring memory is part of the minute.
    const { imagesPerSecond } = await page.rate(begun + minute * minuteMs - performance.now());
    const megabytes = await page.memoryAfter(1);
    yield { minute, imagesPerSecond, megabytes, warnings: await page.warnings() };
  }
  await page.close();
}

/** A minute in words. */
export function soakLine({ minute, imagesPerSecond, megabytes, warnings }: SoakMinute): string {
  const figures = `${imagesPerSecond.toFixed(0)} images/s, ${megabytes.toFixed(1)} MB`;
  return `minute ${minute}: ${[figures, ...warnings].join('; ')}`;
}
