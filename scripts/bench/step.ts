// `npm run bench -- step`: the DCGAN 64x64 training step on each engine of the processor and in PyTorch, interleaved in one
// run, with the time by operator. Prints tables, or with --json one line. Absolute figures drift from machine to machine and
// from minute to minute; quote the ratios.
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { pipelineRates } from './data-pipeline.ts';
import { matrixRate, type OperatorTime } from './operator-times.ts';
import { findPytorch, Peer } from './peer.ts';
import { median } from './median.ts';
import type { BenchSettings } from './settings.ts';
import { listOf, oneOf, option, readFlags, text, toggle, wholeNumber } from '../flags.ts';
import { engineNames, type EngineName } from '../../trainer/engine/engine.ts';
import { findInstallation } from '../../trainer/engine/tensorflow/installation.ts';

const flags = readFlags({
  'with-pytorch': toggle,
  python: option(text),
  pairs: option(wholeNumber(), '7'),
  steps: option(wholeNumber(), '5'),
  batch: option(wholeNumber(), '64'),
  threads: option(wholeNumber(), '2'),
  engines: option(listOf(oneOf(engineNames))),
  json: toggle,
});

/** The installed engines of the processor. */
function installedEngines(): EngineName[] {
  try {
    findInstallation();
    return ['onnx-cpu', 'tensorflow-cpu'];
  } catch (error) {
    say(`without tensorflow-cpu: ${(error as Error).message}`);
    return ['onnx-cpu'];
  }
}

const { batch, threads, pairs, steps } = flags;
const settings: BenchSettings = { batch, latent: 100, width: 64, threads };
const say = (line: string): void => {
  if (!flags.json) console.log(line);
};

say(`DCGAN 64x64x3, width 64, kernel 4, batch ${settings.batch}, float32, ${settings.threads} threads`);
say(`${cpus()[0]?.model.trim()}, Node ${process.versions.node}`);

// Comes first, while nothing else runs.
const pipeline = await pipelineRates();

/** One of our engines, running in a child process. */
interface Contestant {
  readonly engine: EngineName;
  readonly peer: Peer;
  readonly compileMs: number;
  readonly rates: number[];
  readonly ratios: number[];
  memory: number;
}

const contestants: Contestant[] = [];
for (const engine of flags.engines ?? installedEngines()) {
  const program = fileURLToPath(new URL('./training-step.js', import.meta.url));
  const peer = new Peer(process.execPath, [program, JSON.stringify({ ...settings, engine })]);
  const { compileMs, kernels } = await peer.answer<{ compileMs: number; kernels: number }>();
  say(`${engine}: recording ${kernels} kernels and opening them: ${compileMs.toFixed(0)} ms`);
  contestants.push({ engine, peer, compileMs, rates: [], ratios: [], memory: 0 });
}
const python = findPytorch(flags.python, flags['with-pytorch']);
const theirs =
  python === null
    ? null
    : new Peer(python, [
        fileURLToPath(new URL('../../../scripts/bench/pytorch_step.py', import.meta.url)),
        JSON.stringify(settings),
      ]);
const pytorch = theirs === null ? null : await theirs.answer<{ version: string }>();
if (pytorch === null)
  say(
    'no Python with PyTorch 2.5 or later: measuring ours only (--python FILE, or --with-pytorch to install)',
  );

const rate = (seconds: number): number => (batch * steps) / seconds;
const theirRates: number[] = [];
for (let i = 0; i < pairs; i++) {
  const parts: string[] = [];
  for (const contestant of contestants) {
    const { seconds, memory } = await contestant.peer.run(steps);
    contestant.rates.push(rate(seconds));
    contestant.memory = Math.max(contestant.memory, memory);
    parts.push(`${contestant.engine} ${rate(seconds).toFixed(1)}`);
  }
  if (theirs !== null) {
    const other = rate((await theirs.run(steps)).seconds);
    theirRates.push(other);
    for (const { rates, ratios } of contestants) ratios.push(rates.at(-1)! / other);
    parts.push(`PyTorch ${other.toFixed(1)}`);
  }
  say(`turn ${i + 1}, images/s: ${parts.join(', ')}`);
}
theirs?.close();

const engines = [];
for (const { engine, peer, compileMs, rates, ratios, memory } of contestants) {
  const { operators } = await peer.ask<{ operators: OperatorTime[] }>({ profile: true });
  peer.close();
  engines.push({
    engine,
    imagesPerSecond: median(rates),
    ratio: ratios.length > 0 ? median(ratios) : null,
    memoryBytes: memory,
    compileMs,
    operators,
  });
}
const result = {
  ...settings,
  engines,
  pytorch: pytorch?.version ?? null,
  pytorchImagesPerSecond: theirRates.length > 0 ? median(theirRates) : null,
  matrixGflops: await matrixRate(settings.threads),
  pipeline,
};

say('\nmedians                images/s   of PyTorch   resident');
for (const { engine, imagesPerSecond, ratio, memoryBytes } of engines) {
  const share = ratio === null ? '-' : ratio.toFixed(3);
  say(
    `${engine.padEnd(20)}${imagesPerSecond.toFixed(1).padStart(11)}${share.padStart(13)}${(memoryBytes / 1e9).toFixed(2).padStart(8)} GB`,
  );
}
if (result.pytorchImagesPerSecond !== null) {
  say(
    `${`PyTorch ${result.pytorch} eager`.padEnd(24)}${result.pytorchImagesPerSecond.toFixed(1).padStart(7)}`,
  );
}
for (const [where, { imagesPerSecond, busyMsPerBatch }] of [
  ['in this thread', result.pipeline.inThisThread],
  ['in a thread of its own', result.pipeline.inAThread],
] as const) {
  say(
    `data pipeline alone, 64x64x3 from the cache, ${where}: ${imagesPerSecond.toFixed(0)} images/s, ` +
      `${busyMsPerBatch.toFixed(2)} ms of this thread for 64`,
  );
}
say(`1024x1024 MatMul in ONNX Runtime: ${result.matrixGflops.toFixed(0)} GFLOP/s`);
for (const { engine, operators } of engines) {
  say(`\n${engine.padEnd(24)}  calls   ms/step   GFLOP/s   of MatMul`);
  for (const { operator, calls, milliseconds, rate: gflops } of operators.filter(
    ({ milliseconds: ms }) => ms >= 0.5,
  )) {
    const share =
      gflops === null
        ? ''
        : `${gflops.toFixed(0).padStart(9)}${(gflops / result.matrixGflops).toFixed(2).padStart(12)}`;
    say(`${operator.padEnd(24)}${String(calls).padStart(7)}${milliseconds.toFixed(1).padStart(10)}${share}`);
  }
}
if (flags.json) console.log(JSON.stringify(result));
