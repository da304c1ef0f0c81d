// `npm run bench`: the DCGAN 64x64 training step here and in PyTorch, in alternating pairs, with where the time goes.
// Prints a table, or with --json one line. Absolute figures drift from machine to machine; quote the ratio.
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { matrixRate, operatorTimes } from './bench/operator-times.ts';
import { findPytorch, Peer } from './bench/peer.ts';
import type { BenchSettings } from './bench/settings.ts';
import { engineNames } from '../trainer/engine/engine.ts';

/** Ends the bench with one line about what was asked for. */
function refuse(message: string): never {
  console.error(`error: ${message}`);
  process.exit(2);
}

function readFlags() {
  try {
    return parseArgs({
      options: {
        'with-pytorch': { type: 'boolean', default: false },
        python: { type: 'string' },
        pairs: { type: 'string', default: '7' },
        steps: { type: 'string', default: '5' },
        batch: { type: 'string', default: '64' },
        threads: { type: 'string', default: '2' },
        engine: { type: 'string', default: 'onnx-cpu' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

const flags = readFlags();

/** A flag that is a whole number from 1. */
function count(name: 'pairs' | 'steps' | 'batch' | 'threads'): number {
  const value = Number(flags[name]);
  return Number.isInteger(value) && value >= 1
    ? value
    : refuse(`--${name}: got ${flags[name]}, expected a whole number from 1`);
}

if (!(engineNames as readonly string[]).includes(flags.engine)) {
  refuse(`--engine: got ${flags.engine}, expected one of ${engineNames.join(', ')}`);
}
const settings: BenchSettings = { batch: count('batch'), latent: 100, width: 64, threads: count('threads') };
const pairs = count('pairs');
const steps = count('steps');
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const say = (line: string): void => {
  if (!flags.json) console.log(line);
};

say(`DCGAN 64x64x3, width 64, kernel 4, batch ${settings.batch}, float32, ${settings.threads} threads`);
say(`${cpus()[0]?.model.trim()}, Node ${process.versions.node}`);
const ours = new Peer(process.execPath, [
  fileURLToPath(new URL('./bench/training-step.js', import.meta.url)),
  JSON.stringify({ ...settings, engine: flags.engine }),
]);
const { compileMs, kernels } = await ours.answer<{ compileMs: number; kernels: number }>();
say(`recording ${kernels} kernels and opening the session: ${compileMs.toFixed(0)} ms`);

const python = findPytorch(flags.python, flags['with-pytorch']);
const theirs =
  python === null
    ? null
    : new Peer(python, [
        fileURLToPath(new URL('../../scripts/bench/pytorch_step.py', import.meta.url)),
        JSON.stringify(settings),
      ]);
const peer = theirs === null ? null : await theirs.answer<{ version: string }>();
if (peer === null)
  say('no Python with PyTorch 2.5 or later: ours alone (--python FILE, or --with-pytorch to install)');

const rate = (seconds: number): number => (settings.batch * steps) / seconds;
const rates: { ours: number; theirs: number | null }[] = [];
let memory = 0;
for (let i = 0; i < pairs; i++) {
  const mine = await ours.run(steps);
  const other = theirs === null ? null : await theirs.run(steps);
  memory = Math.max(memory, mine.memory);
  rates.push({ ours: rate(mine.seconds), theirs: other === null ? null : rate(other.seconds) });
  const { ours: a, theirs: b } = rates.at(-1)!;
  say(
    `pair ${i + 1}: ours ${a.toFixed(1)} images/s` +
      (b === null ? '' : `, PyTorch ${b.toFixed(1)}, ratio ${(a / b).toFixed(3)}`),
  );
}
ours.close();
theirs?.close();

const result = {
  engine: flags.engine,
  ...settings,
  imagesPerSecond: median(rates.map((pair) => pair.ours)),
  pytorch: peer?.version ?? null,
  pytorchImagesPerSecond: peer === null ? null : median(rates.map((pair) => pair.theirs!)),
  ratio: peer === null ? null : median(rates.map((pair) => pair.ours / pair.theirs!)),
  memoryBytes: memory,
  compileMs,
  matrixGflops: await matrixRate(settings.threads),
  operators: await operatorTimes(settings),
};
say(
  `median: ${result.imagesPerSecond.toFixed(1)} images/s, at most ${(memory / 1e9).toFixed(2)} GB resident`,
);
if (result.ratio !== null) {
  say(`median ratio to PyTorch ${result.pytorch} (eager): ${result.ratio.toFixed(3)}`);
}
say(`\n1024x1024 MatMul: ${result.matrixGflops.toFixed(0)} GFLOP/s\n`);
say('operator                  calls   ms/step   GFLOP/s   of MatMul');
for (const { operator, calls, milliseconds, rate: gflops } of result.operators) {
  const share =
    gflops === null
      ? ''
      : `${gflops.toFixed(0).padStart(9)}${(gflops / result.matrixGflops).toFixed(2).padStart(12)}`;
  say(`${operator.padEnd(24)}${String(calls).padStart(7)}${milliseconds.toFixed(1).padStart(10)}${share}`);
}
if (flags.json) console.log(JSON.stringify(result));
