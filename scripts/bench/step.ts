// `npm run bench -- step`: the DCGAN 64x64 training step (with --network modern, R3GAN's) on each engine of the processor and in
// PyTorch, interleaved in one run, with the time by operator (of a step with penalties, if only some steps have them). Prints tables,
// or with --json one line. Absolute figures drift from machine to machine and from minute to minute; quote the ratios.
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { pipelineRates } from './data-pipeline.ts';
import { matrixRate, type OperatorTime } from './operator-times.ts';
import { findPytorch, Peer } from './peer.ts';
import { median } from './median.ts';
import { benchConfig, type BenchSettings } from './settings.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { listOf, oneOf, option, readFlags, text, toggle, wholeNumber } from '../flags.ts';
import { engineNames, type EngineName } from '../../trainer/engine/engine.ts';
import { findInstallation } from '../../trainer/engine/tensorflow/installation.ts';

const flags = readFlags({
  network: option(oneOf(['dcgan', 'modern'] as const), 'dcgan'),
  width: option(wholeNumber()),
  'with-pytorch': toggle,
  python: option(text),
  pairs: option(wholeNumber(), '7'),
  steps: option(wholeNumber(), '4'),
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

const { network, batch, threads, pairs, steps } = flags;
const width = flags.width ?? (network === 'dcgan' ? 64 : 32);
const settings: BenchSettings = { network, batch, latent: 100, width, threads };
const say = (line: string): void => {
  if (!flags.json) console.log(line);
};

const { generator, discriminator } = planTraining(benchConfig(settings)).describe();
const parameters = [...generator, ...discriminator].reduce((sum, layer) => sum + layer.parameters, 0);
say(
  `${network === 'dcgan' ? 'DCGAN' : "R3GAN's networks"}, 64x64x3, width ${width}, ${(parameters / 1e6).toFixed(2)} million parameters, ` +
    `batch ${batch}, float32, ${threads} threads`,
);
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
const program = fileURLToPath(new URL('../../../scripts/bench/pytorch_step.py', import.meta.url));
/** PyTorch's sides: the networks of R3GAN also in the memory format that its convolutions prefer. */
const theirs = (python === null ? [] : network === 'dcgan' ? [false] : [false, true]).map(
  (isChannelsLast) => ({
    name: isChannelsLast ? 'channels_last' : 'eager',
    peer: new Peer(python!, [program, JSON.stringify({ ...settings, isChannelsLast })]),
    rates: [] as number[],
  }),
);
let pytorch: { readonly version: string; readonly parameters: number } | null = null;
for (const { peer } of theirs) pytorch = await peer.answer();
if (pytorch !== null && pytorch.parameters !== parameters)
  throw new Error(`PyTorch's networks have ${pytorch.parameters} parameters, expected ${parameters}`);
if (pytorch === null)
  say(
    'no Python with PyTorch 2.5 or later: measuring ours only (--python FILE, or --with-pytorch to install)',
  );

const rate = (seconds: number): number => (batch * steps) / seconds;
for (let i = 0; i < pairs; i++) {
  const parts: string[] = [];
  for (const contestant of contestants) {
    const { seconds, memory } = await contestant.peer.run(steps);
    contestant.rates.push(rate(seconds));
    contestant.memory = Math.max(contestant.memory, memory);
    parts.push(`${contestant.engine} ${rate(seconds).toFixed(1)}`);
  }
  for (const { name, peer, rates } of theirs) {
    rates.push(rate((await peer.run(steps)).seconds));
    parts.push(`PyTorch ${name} ${rates.at(-1)!.toFixed(1)}`);
  }
  if (theirs.length > 0) {
    const other = Math.max(...theirs.map(({ rates }) => rates.at(-1)!));
    for (const { rates, ratios } of contestants) ratios.push(rates.at(-1)! / other);
  }
  say(`turn ${i + 1}, images/s: ${parts.join(', ')}`);
}
for (const { peer } of theirs) peer.close();

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
  parameters,
  pytorchImagesPerSecond: Object.fromEntries(theirs.map(({ name, rates }) => [name, median(rates)])),
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
for (const [name, images] of Object.entries(result.pytorchImagesPerSecond)) {
  say(`${`PyTorch ${result.pytorch} ${name}`.padEnd(24)}${images.toFixed(1).padStart(7)}`);
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
