// The time of an update in onnxruntime-node and in a page on WebAssembly, by ONNX operator: the same step.onnx with the same inputs on one
// thread, by turns. Both figures hold on a busy machine: an operator's time is the first decile of its runs, that of an update the
// processor's.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import * as ort from 'onnxruntime-node';
import type { Browser } from 'playwright-core';
import type * as Web from 'onnxruntime-web';
import type { ProfileEvent } from '../operator-times.ts';

/** Milliseconds of one kind of operators. */
export interface OperatorRow {
  readonly operators: string;
  readonly native: number;
  readonly page: number;
}

/** Kinds of operators by their names. */
const kinds: readonly (readonly [string, RegExp])[] = [
  ['convolutions', /^(Conv|ConvTranspose|FusedConv)$/],
  ['transposes and reorders', /^(Transpose|Reorder)/],
  ['sums and means', /^Reduce/],
  ['matrix products', /^(MatMul|Gemm|FusedMatMul)$/],
  [
    'pads, slices, concatenations, reshapes',
    /^(Pad|Slice|Concat|Reshape|Squeeze|Unsqueeze|Expand|Tile|Gather|Identity|Cast|Shape|Split)$/,
  ],
  ['element by element', /./],
];

const turns = 3;
const runs = 40;
/** Runs before those that count. */
const warmUp = 10;
/** The place in the order of an operator's times that counts. */
const decile = 0.1;

/** The profiles of a build: its text, and the processor's milliseconds for each run. */
interface Profile {
  readonly text: string;
  readonly milliseconds: number;
}

/** Measures a package of `networks` that `origin` serves at `/NAME/`; the last row is the whole update, by the processor's time. */
export async function operatorRows(
  browser: Browser,
  origin: string,
  networks: string,
  name: string,
): Promise<readonly OperatorRow[]> {
  const profiles: { readonly native: Profile[]; readonly page: Profile[] } = { native: [], page: [] };
  for (let turn = 0; turn < turns; turn++) {
    profiles.native.push(await profiledHere(join(networks, name, 'step.onnx')));
    profiles.page.push(await profiledInPage(browser, origin, name));
  }
  const [native, page] = [byKind(profiles.native), byKind(profiles.page)];
  const least = (of: readonly Profile[]): number => Math.min(...of.map(({ milliseconds }) => milliseconds));
  return [
    ...kinds.map(([operators]) => ({
      operators,
      native: native.get(operators) ?? 0,
      page: page.get(operators) ?? 0,
    })),
    {
      operators: "the update, processor's time",
      native: least(profiles.native),
      page: least(profiles.page),
    },
  ];
}

/** Milliseconds of an update by kind of operators. */
function byKind(profiles: readonly Profile[]): ReadonlyMap<string, number> {
  const ofNodes = new Map<string, { readonly kind: string; readonly microseconds: number[] }>();
  for (const { text } of profiles) {
    const events = JSON.parse(text) as ProfileEvent[];
    const starts = events.filter(({ name }) => name === 'model_run').map(({ ts }) => ts);
    const from = starts.sort((a, b) => a - b)[warmUp]!;
    for (const { cat, name, ts, dur, args } of events) {
      if (cat !== 'Node' || !name.endsWith('_kernel_time') || ts < from) continue;
      const [kind] = kinds.find(([, pattern]) => pattern.test(args.op_name))!;
      const node = ofNodes.get(name) ?? { kind, microseconds: [] };
      node.microseconds.push(dur);
      ofNodes.set(name, node);
    }
  }
  const sums = new Map<string, number>();
  for (const { kind, microseconds } of ofNodes.values()) {
    const inOrder = microseconds.sort((a, b) => a - b);
    const time = inOrder[Math.floor(decile * inOrder.length)]! / 1000;
    sums.set(kind, (sums.get(kind) ?? 0) + time);
  }
  return sums;
}

/** Numbers for an input: small and positive, so that roots and logarithms are finite. */
const numbersFor = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => (((i * 7919) % 1009) + 1) / 5000);

/** A profile in this process. */
async function profiledHere(file: string): Promise<Profile> {
  const folder = mkdtempSync(join(tmpdir(), 'dcgan-profile-'));
  try {
    const session = await ort.InferenceSession.create(file, {
      ...{ graphOptimizationLevel: 'all', intraOpNumThreads: 1, logSeverityLevel: 3 },
      ...{ enableProfiling: true, profileFilePrefix: join(folder, 'step') },
    });
    const feeds: Record<string, ort.Tensor> = {};
    for (const value of session.inputMetadata) {
      if (!value.isTensor) continue;
      const shape = value.shape.map(Number);
      const length = shape.reduce((product, side) => product * side, 1);
      feeds[value.name] = new ort.Tensor('float32', numbersFor(length), shape);
    }
    for (let i = 0; i < warmUp + runs; i++) await session.run(feeds);
    session.endProfiling();
    // Profiling costs time itself.
    const before = process.cpuUsage();
    for (let i = 0; i < runs; i++) await session.run(feeds);
    const { user, system } = process.cpuUsage(before);
    await session.release();
    const text = readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8');
    return { text, milliseconds: (user + system) / 1000 / runs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds of the processor that all pages of a browser have taken. */
async function secondsOfPages(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.reduce((sum, { type, cpuTime }) => sum + (type === 'renderer' ? cpuTime : 0), 0);
}

/** The page's globals while it is profiled. */
interface Globals {
  numbersFor: typeof numbersFor;
  printed: string[];
  session: Web.InferenceSession;
  feeds: Record<string, Web.Tensor>;
}

/** A profile in a new page. The WebAssembly build prints it on the console. */
async function profiledInPage(browser: Browser, origin: string, name: string): Promise<Profile> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${origin}/`);
    await page.addScriptTag({ content: `globalThis.numbersFor = ${numbersFor.toString()}` });
    await page.evaluate(async (folder) => {
      const printed: string[] = [];
      console.log = (line: unknown): void => void printed.push(String(line));
      const { env, InferenceSession, Tensor } = (await import(
        new URL('/web/onnx/ort.wasm.min.mjs', location.href).href
      )) as typeof Web;
      env.wasm.numThreads = 1;
      env.wasm.wasmPaths = new URL('/web/onnx/', location.href).href;
      const session = await InferenceSession.create(`/${folder}/step.onnx`, {
        ...{ executionProviders: ['wasm'], graphOptimizationLevel: 'all', logSeverityLevel: 3 },
        enableProfiling: true,
      });
      const feeds: Record<string, Web.Tensor> = {};
      for (const value of session.inputMetadata) {
        if (!value.isTensor) continue;
        const shape = value.shape.map(Number);
        const length = shape.reduce((product, side) => product * side, 1);
        const numbers = (globalThis as unknown as Globals).numbersFor(length);
        feeds[value.name] = new Tensor('float32', numbers, shape);
      }
      Object.assign(globalThis, { session, feeds, printed });
    }, name);
    const run = (count: number): Promise<void> =>
      page.evaluate(async (times) => {
        const { session, feeds } = globalThis as unknown as Globals;
        for (let i = 0; i < times; i++) await session.run(feeds);
      }, count);
    await run(warmUp + runs);
    const lines = await page.evaluate(() => {
      const { session, printed } = globalThis as unknown as Globals;
      session.endProfiling();
      return printed;
    });
    const before = await secondsOfPages(browser);
    await run(runs);
    const seconds = (await secondsOfPages(browser)) - before;
    const text = lines.slice(lines.indexOf('[')).join('\n');
    return { text, milliseconds: (1000 * seconds) / runs };
  } finally {
    await context.close();
  }
}

/** A row in words. */
export function operatorLine({ operators, native, page }: OperatorRow): string {
  const figures = `native ${native.toFixed(2)}, page ${page.toFixed(2)}`;
  return `  ${operators}: ${figures}; page ${(page / native).toFixed(2)} of native`;
}
