// The first minute of a visitor: `<dcgan-trainer>` draws its faces and learns for 60 seconds. Its model is then measured beside one that
// `dcgan train` makes with the same settings of as many images, and so is the work of the page's own thread.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { Browser, Page } from 'playwright-core';
import { unpackZip } from '../../unpack-zip.ts';

const seconds = 60;
/** Seconds of the minute, from the first on, in which the page's thread is watched. */
const [watchedFrom, watchedFor] = [40, 10];

/** The result of the minute. */
export interface Minute {
  readonly images: number;
  /** Fréchet distances to the faces by the embedded network. */
  readonly frechet: number;
  readonly frechetOfTrain: number;
  /** The longest task of the page's thread while it trained, in milliseconds of its processor time. */
  readonly longestTask: number;
}

/** Trains the package at `/NAME/` in an element of a new page; `folder` gets the files. Throws Error if a command fails. */
export async function firstMinute(
  browser: Browser,
  origin: string,
  name: string,
  folder: string,
): Promise<Minute> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(`${origin}/`);
  await page.evaluate(async (src) => {
    await import(new URL('/web/trainer.js', location.href).href);
    const element = document.createElement('dcgan-trainer');
    Object.assign(element, { src, controls: true });
    document.body.append(element);
    element.play();
  }, `/${name}/model.json`);
  await page.waitForTimeout(watchedFrom * 1000);
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await page.waitForTimeout(watchedFor * 1000);
  const longestTask = longestOf(await browser.stopTracing());
  await page.waitForTimeout((seconds - watchedFrom - watchedFor) * 1000);
  const images = await page.evaluate(async () => {
    const element = document.querySelector('dcgan-trainer')!;
    element.pause();
    return (await element.trainer)!.report.images;
  });
  const model = await unpacked(page, 'toPackage', join(folder, 'package'), 'model.json');
  const run = await unpacked(page, 'toRun', join(folder, 'run'), 'config.json');
  await page.context().close();
  const out = join(folder, 'runs');
  const length = ['--images', String(images), '--steps', 'none', '--minutes', 'none'];
  const config = join(run, 'config.json');
  dcgan(...['train', '--config', config, ...length, '--evaluate-every', 'none', '--out', out]);
  return {
    ...{ images, longestTask },
    frechet: frechetOf(model),
    frechetOfTrain: frechetOf(join(out, readdirSync(out)[0]!)),
  };
}

/** The longest task of a page's main thread, in milliseconds of processor time, from a trace of Chromium. */
function longestOf(trace: Buffer): number {
  interface TraceEvent {
    readonly name: string;
    readonly pid: number;
    readonly tid: number;
    readonly tdur?: number;
    readonly args: { readonly name?: string };
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { readonly traceEvents: readonly TraceEvent[] };
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents.filter(
    ({ name, pid, tid }) => /RunTask$/.test(name) && main.has(`${pid} ${tid}`),
  );
  if (tasks.length === 0) throw new Error('the trace has no task of the page');
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
}

/** Unpacks one of the element's zips, and resolves to the folder that has the file. */
async function unpacked(
  page: Page,
  call: 'toPackage' | 'toRun',
  folder: string,
  file: string,
): Promise<string> {
  const numbers = await page.evaluate(async (name) => {
    const element = document.querySelector('dcgan-trainer')!;
    return Array.from(new Uint8Array(await (await element[name]()).arrayBuffer()));
  }, call);
  mkdirSync(folder, { recursive: true });
  const path = `${folder}.zip`;
  writeFileSync(path, Uint8Array.from(numbers));
  // A run is in a folder of its own.
  const [first] = (await unpackZip(path, folder)).map((name) => name.split('/')[0]!);
  return existsSync(join(folder, file)) ? folder : join(folder, first!);
}

function frechetOf(model: string): number {
  return Number(
    dcgan('evaluate', model, 'avatars', '--count', '2000', '--out', `${model}-evaluation`)['frechet'],
  );
}

/** Runs a command to its end; the last line of its JSON. */
function dcgan(...args: readonly string[]): Readonly<Record<string, unknown>> {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join('dist', 'trainer', 'cli.js'), ...args, '--json'],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(`dcgan ${args[0]}: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Readonly<Record<string, unknown>>;
}
