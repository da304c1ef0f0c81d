// A training in a page of a real browser, by the built runtime. A page that is not isolated has one thread.
import type { Browser, Page } from 'playwright-core';
import type * as Train from '../../../runtime-web/train/index.ts';

/** Number of faces to train on: few, because drawing each for the first time is no part of a step. */
export const faceCount = 320;

/** Speed of a training over some seconds. */
export interface Rated {
  readonly imagesPerSecond: number;
  /** Share of the wall-clock time outside ONNX Runtime. */
  readonly shareOutside: number;
}

/** A training in a page. */
export interface PageSide {
  /** The device and its threads, as the trainer names them. */
  readonly device: string;
  /** Trains for about so many milliseconds. */
  rate(ms: number): Promise<Rated>;
  /** Trains that many steps; resolves to the megabytes of the page and its workers after them. */
  memoryAfter(steps: number): Promise<number>;
  close(): Promise<void>;
}

/** Seconds from the page's call of `loadTrainer`. */
export interface Moments {
  readonly opened: number;
  /** The first sample after one step. */
  readonly firstSample: number;
  /** A sample after {@link momentsOf}'s number of images. */
  readonly imagesSeen: number;
}

/** The page's globals that this leaves. */
interface Globals {
  trainer: Train.Trainer;
}

async function blank(browser: Browser, origin: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${origin}/`);
  return page;
}

/** Opens the training of the package at `/NAME/` in a new page, and goes once through the faces, so that all are drawn. */
export async function openPageSide(browser: Browser, origin: string, name: string): Promise<PageSide> {
  const page = await blank(browser, origin);
  const device = await page.evaluate(
    async ([folder, avatars]) => {
      const { loadTrainer } = (await import(new URL('/web/train.js', location.href).href)) as typeof Train;
      const trainer = await loadTrainer(`/${folder}/model.json`, {
        ...{ device: 'wasm', keep: false, data: { avatars } },
      });
      await trainer.run({ images: avatars });
      Object.assign(globalThis, { trainer });
      return trainer.device.reason;
    },
    [name, faceCount] as const,
  );
  return {
    device,
    rate: (ms) =>
      page.evaluate(async (limit) => {
        const { trainer } = globalThis as unknown as Globals;
        const begun = performance.now();
        const { images } = trainer.report;
        let [inDevice, before] = [0, trainer.report.seconds];
        await trainer.run({
          onReport({ seconds, shareOutside }) {
            inDevice += (seconds - before) * (1 - shareOutside);
            before = seconds;
          },
          until: () => performance.now() - begun > limit,
        });
        const spent = (performance.now() - begun) / 1000;
        const seen = trainer.report.images - images;
        return { imagesPerSecond: seen / spent, shareOutside: 1 - inDevice / spent };
      }, ms),
    memoryAfter: (steps) =>
      page.evaluate(async (count) => {
        await (globalThis as unknown as Globals).trainer.run({ steps: count });
        const measuring = performance as unknown as {
          measureUserAgentSpecificMemory(): Promise<{ readonly bytes: number }>;
        };
        return (await measuring.measureUserAgentSpecificMemory()).bytes / 2 ** 20;
      }, steps),
    close: () => page.context().close(),
  };
}

/** The moments of a visit, from an empty cache. */
export async function momentsOf(
  browser: Browser,
  origin: string,
  name: string,
  images: number,
): Promise<Moments> {
  const page = await blank(browser, origin);
  const moments = await page.evaluate(
    async ([folder, count]) => {
      const { loadTrainer } = (await import(new URL('/web/train.js', location.href).href)) as typeof Train;
      const begun = performance.now();
      const since = (): number => (performance.now() - begun) / 1000;
      const trainer = await loadTrainer(`/${folder}/model.json`, { device: 'wasm', keep: false });
      const opened = since();
      await trainer.step();
      await trainer.sample([0, 1, 2, 3]);
      const firstSample = since();
      await trainer.run({ images: count });
      await trainer.sample([0, 1, 2, 3]);
      return { opened, firstSample, imagesSeen: since() };
    },
    [name, images] as const,
  );
  await page.context().close();
  return moments;
}
