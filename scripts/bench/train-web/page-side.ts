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
  /** Trains that many steps; resolves to the megabytes of the page and its workers after them.; not a number if the browser does not say within a minute. */
  memoryAfter(steps: number): Promise<number>;
  /** Warnings of the trainer, such as a worker that had to be started anew. */
  warnings(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Seconds from the page's call of `loadTrainer`. */
export interface Moments {
  readonly opened: number;
  /** The first sample after one step. */
  readonly firstSample: number;
  /** A sample after {@link momentsOf}'s number of images. */
  readonly imagesSeen: number;
  /** Speed of those images but the first step's, each of which is drawn for the first time. */
  readonly firstFaces: Rated;
}

/** The page's globals that this leaves. */
interface Globals {
  trainer: Train.Trainer;
  /** When {@link momentsOf} called `loadTrainer`, in milliseconds. */
  begun: number;
}

/** Longest wait for the browser's measurement of memory. */
const memoryLimitMs = 60_000;

async function blank(browser: Browser, origin: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${origin}/`);
  return page;
}

/** Trains in the page for so many images or, about, milliseconds; resolves to the speed. */
function ratedRun(page: Page, limits: { readonly ms?: number; readonly images?: number }): Promise<Rated> {
  return page.evaluate(async ({ ms = Infinity, images }) => {
    const { trainer } = globalThis as unknown as Globals;
    const [begun, first] = [performance.now(), trainer.report];
    let [inDevice, before] = [0, first.seconds];
    const last = await trainer.run({
      images,
      onReport({ seconds, shareOutside }) {
        inDevice += (seconds - before) * (1 - shareOutside);
        before = seconds;
      },
      until: () => performance.now() - begun > ms,
    });
    const spent = (performance.now() - begun) / 1000;
    return { imagesPerSecond: (last.images - first.images) / spent, shareOutside: 1 - inDevice / spent };
  }, limits);
}

/**
 * Opens the training of the package at `/NAME/` in a new page, and goes once through the faces, so that all are drawn. With `isVisit`, as a
 * visitor has it: of all faces, none of them drawn, with the state kept in the browser's storage.
 */
export async function openPageSide(
  browser: Browser,
  origin: string,
  name: string,
  isVisit = false,
): Promise<PageSide> {
  const page = await blank(browser, origin);
  const device = await page.evaluate(
    async ([folder, avatars, keep]) => {
      const { loadTrainer } = (await import(new URL('/web/train.js', location.href).href)) as typeof Train;
      const trainer = await loadTrainer(`/${folder}/model.json`, {
        ...{ device: 'wasm', keep, data: keep ? 'avatars' : { avatars } },
      });
      await (keep ? trainer.step() : trainer.run({ images: avatars }));
      Object.assign(globalThis, { trainer });
      return trainer.device.reason;
    },
    [name, faceCount, isVisit] as const,
  );
  return {
    device,
    rate: (ms) => ratedRun(page, { ms }),
    memoryAfter: (steps) =>
      page.evaluate(
        async ([count, limit]) => {
          await (globalThis as unknown as Globals).trainer.run({ steps: count });
          const measuring = performance as unknown as {
            measureUserAgentSpecificMemory(): Promise<{ readonly bytes: number }>;
          };
          const measured = measuring.measureUserAgentSpecificMemory().then(({ bytes }) => bytes / 2 ** 20);
          const tooLate = new Promise<number>((done) => setTimeout(() => done(NaN), limit));
          return await Promise.race([measured, tooLate]);
        },
        [steps, memoryLimitMs] as const,
      ),
    warnings: () => page.evaluate(() => (globalThis as unknown as Globals).trainer.warnings),
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
  const [opened, firstSample] = await page.evaluate(async (folder) => {
    const { loadTrainer } = (await import(new URL('/web/train.js', location.href).href)) as typeof Train;
    const begun = performance.now();
    const trainer = await loadTrainer(`/${folder}/model.json`, { device: 'wasm', keep: false });
    const loaded = performance.now();
    await trainer.step();
    await trainer.sample([0, 1, 2, 3]);
    Object.assign(globalThis, { trainer, begun });
    return [(loaded - begun) / 1000, (performance.now() - begun) / 1000] as const;
  }, name);
  const firstFaces = await ratedRun(page, { images });
  const imagesSeen = await page.evaluate(async () => {
    const { trainer, begun } = globalThis as unknown as Globals;
    await trainer.sample([0, 1, 2, 3]);
    return (performance.now() - begun) / 1000;
  });
  await page.context().close();
  return { opened, firstSample, imagesSeen, firstFaces };
}
