// The time of an update by ONNX operator: in onnxruntime-node, in the same without blocked layouts of convolutions, and in a page on
// WebAssembly. Each runs the same step.onnx with the same inputs, by turns.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { Browser } from 'playwright-core';
import type * as Web from 'onnxruntime-web';
import { summarise, type OperatorTime, type ProfileEvent } from '../operator-times.ts';

/** The builds that are compared. */
export const builds = ['native', 'unblocked', 'page'] as const;
/** Milliseconds of an update in each. */
export type BuildTimes = Readonly<Record<(typeof builds)[number], number>>;

/** One kind of operators. */
export interface OperatorRow extends BuildTimes {
  readonly operators: string;
}

/** Kinds of operators by their names. */
const kinds: readonly (readonly [string, RegExp])[] = [
  ['convolutions', /conv|filter gradient/i],
  ['transposes and reorders', /^(Transpose|Reorder)/],
  ['sums and means', /^Reduce/],
  [
    'element by element',
    /^(Add|Sub|Mul|Div|Sqrt|Neg|Sigmoid|LeakyRelu|Relu|Tanh|Where|Greater|Less|Exp|Log|Abs|Max|Min|Fused)/,
  ],
  ['matrix products', /^(MatMul|Gemm|FusedMatMul)/],
];

const turns = 3;
const runs = 12;

/** Measures a package of `networks` that `origin` serves at `/NAME/`, on so many threads; the last row is the whole update. */
export async function operatorRows(
  browser: Browser,
  origin: string,
  networks: string,
  name: string,
  threads: number,
): Promise<readonly OperatorRow[]> {
  const profiles: Record<(typeof builds)[number], OperatorTime[]> = { native: [], unblocked: [], page: [] };
  const file = join(networks, name, 'step.onnx');
  for (let turn = 0; turn < turns; turn++) {
    profiles.native.push(...(await profiledHere(file, threads, 'all')));
    profiles.unblocked.push(...(await profiledHere(file, threads, 'extended')));
    profiles.page.push(...(await profiledInPage(browser, origin, name, threads)));
  }
  const row = (operators: string, isOne: (operator: string) => boolean): OperatorRow => {
    const sum = (times: readonly OperatorTime[]): number =>
      times.reduce((all, { operator, milliseconds }) => all + (isOne(operator) ? milliseconds : 0), 0) /
      turns;
    const [native, unblocked, page] = builds.map((build) => sum(profiles[build]));
    return { operators, native: native!, unblocked: unblocked!, page: page! };
  };
  const kindOf = (operator: string): string =>
    kinds.find(([, pattern]) => pattern.test(operator))?.[0] ?? 'others';
  return [
    ...[...kinds.map(([kind]) => kind), 'others'].map((kind) => row(kind, (one) => kindOf(one) === kind)),
    row('all', () => true),
  ];
}

/** The times in this process, with graph optimisations of a level. */
async function profiledHere(
  file: string,
  threads: number,
  graphOptimizationLevel: 'all' | 'extended',
): Promise<OperatorTime[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dcgan-profile-'));
  try {
    const session = await ort.InferenceSession.create(file, {
      ...{ graphOptimizationLevel, intraOpNumThreads: threads, logSeverityLevel: 3 },
      ...{ enableProfiling: true, profileFilePrefix: join(folder, 'step') },
    });
    const feeds: Record<string, ort.Tensor> = {};
    for (const value of session.inputMetadata) {
      if (!value.isTensor) continue;
      const shape = value.shape.map(Number);
      const length = shape.reduce((product, side) => product * side, 1);
      const data = Float32Array.from({ length }, (_, i) => (((i * 7919) % 1009) + 1) / 5000);
      feeds[value.name] = new ort.Tensor('float32', data, shape);
    }
    for (let i = 0; i < runs; i++) await session.run(feeds);
    session.endProfiling();
    await session.release();
    return summariseText(readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The times in a new page. The WebAssembly build prints its profile on the console. */
async function profiledInPage(
  browser: Browser,
  origin: string,
  name: string,
  threads: number,
): Promise<OperatorTime[]> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${origin}/`);
    const text = await page.evaluate(
      async ([folder, numThreads, count]) => {
        const lines: string[] = [];
        console.log = (line: unknown): void => void lines.push(String(line));
        const { env, InferenceSession, Tensor } = (await import(
          new URL('/web/onnx/ort.wasm.min.mjs', location.href).href
        )) as typeof Web;
        env.wasm.numThreads = numThreads;
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
          const data = Float32Array.from({ length }, (_, i) => (((i * 7919) % 1009) + 1) / 5000);
          feeds[value.name] = new Tensor('float32', data, shape);
        }
        for (let i = 0; i < count; i++) await session.run(feeds);
        session.endProfiling();
        return lines.join('\n');
      },
      [name, threads, runs] as const,
    );
    return summariseText(text.slice(text.indexOf('[\n')));
  } finally {
    await context.close();
  }
}

function summariseText(text: string): OperatorTime[] {
  return summarise(JSON.parse(text) as ProfileEvent[], runs);
}

/** A row in words. */
export function operatorLine({ operators, ...times }: OperatorRow): string {
  const figures = builds.map((build) => `${build} ${times[build].toFixed(2)}`).join(', ');
  return `  ${operators}: ${figures}; ${(times.page / times.native).toFixed(2)}, of the unblocked ${(times.page / times.unblocked).toFixed(2)}`;
}
