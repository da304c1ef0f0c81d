// `npm run bench -- gpu`: the DCGAN 64x64 training step on the engines that use a GPU, by batch size, with the device's
// utilisation, beside PyTorch eager and compiled if it is installed. Prints a Markdown table. onnx-webgpu needs only the npm
// packages, tensorflow-cuda needs `npm run setup:tensorflow -- --gpu`; an engine that does not start is left out with its reason.
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  listOf,
  oneOf,
  option,
  positiveNumber,
  readFlags,
  refuse,
  text,
  toggle,
  wholeNumber,
} from '../flags.ts';
import { findPytorch, Peer } from './peer.ts';
import { engineNames, type EngineName } from '../../trainer/engine/engine.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { held } from '../../trainer/held.ts';

const flags = readFlags({
  'with-pytorch': toggle,
  python: option(text),
  engines: option(listOf(oneOf(engineNames)), 'tensorflow-cuda,onnx-webgpu'),
  batches: option(listOf(wholeNumber(2)), '64,128,256,512,1024'),
  seconds: option(positiveNumber, '5'),
  tf32: toggle,
  json: toggle,
});
const { batches, seconds, engines } = flags;

/** One row of the table. */
interface Row {
  readonly what: string;
  readonly batch: number;
  readonly imagesPerSecond: number;
  /** Utilisation of the device, 0 to 1; null without nvidia-smi. */
  readonly busy: number | null;
}

/** Runs `work` and measures the device's mean utilisation with nvidia-smi. */
async function withBusyShare<T>(work: () => Promise<T>): Promise<{ result: T; busy: number | null }> {
  const query = ['--query-gpu=utilization.gpu', '--format=csv,noheader,nounits', '--loop-ms=200'];
  const child = spawn('nvidia-smi', query, { stdio: ['ignore', 'pipe', 'ignore'] });
  const shares: number[] = [];
  child.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trim().split('\n')) {
      if (/^\d+$/.test(line.trim())) shares.push(Number(line) / 100);
    }
  });
  try {
    const result = await work();
    return { result, busy: shares.length === 0 ? null : shares.reduce((a, b) => a + b) / shares.length };
  } finally {
    child.kill();
  }
}

/** Times steps for about `--seconds`; a trial of 3 steps determines their number. */
async function measure(peer: Peer, what: string, batch: number): Promise<Row> {
  const trial = await peer.run(3);
  const steps = Math.max(3, Math.round((seconds * 3) / trial.seconds));
  const { result, busy } = await withBusyShare(() => peer.run(steps));
  return { what, batch, imagesPerSecond: (batch * steps) / result.seconds, busy };
}

const say = (line: string): void => {
  if (!flags.json) console.log(line);
};
const program = fileURLToPath(new URL('./training-step.js', import.meta.url));
const python = findPytorch(flags.python, flags['with-pytorch']);
const script = fileURLToPath(new URL('../../../scripts/bench/pytorch_step.py', import.meta.url));
const rows: Row[] = [];
const left: string[] = [];
const working: EngineName[] = [];
let device = '';
for (const name of engines) {
  try {
    const { engine } = await selectEngine({ engine: name, threads: null, tf32: flags.tf32 });
    device = engine.device;
    await engine.dispose();
    working.push(name);
  } catch (error) {
    left.push((error as Error).message.split('\n').at(-1)!.trim());
  }
}
for (const line of left) say(`left out: ${line}`);
if (working.length === 0)
  refuse(`none of ${engines.join(', ')} starts here; npm run doctor prints the reasons`);
const isOnCuda = working.includes('tensorflow-cuda');
if (python === null)
  say('no Python with PyTorch 2.5 or later: measuring ours only (--python FILE, or --with-pytorch)');

for (const batch of batches) {
  const settings = { batch, latent: 100, width: 64, threads: cpus().length, tf32: flags.tf32 };
  const contestants: (readonly [string, () => Peer])[] = working.map((engine) => [
    engine,
    () =>
      new Peer(process.execPath, [
        program,
        JSON.stringify({ ...settings, tf32: engine === 'tensorflow-cuda' && flags.tf32, engine }),
      ]),
  ]);
  if (python !== null) {
    const torch = { ...settings, device: isOnCuda ? 'cuda' : 'cpu' };
    for (const compiled of isOnCuda ? [false, true] : [false]) {
      const name = `PyTorch ${compiled ? 'compiled' : 'eager'}`;
      contestants.push([name, () => new Peer(python, [script, JSON.stringify({ ...torch, compiled })])]);
    }
  }
  for (const [what, open] of contestants) {
    try {
      await using peer = held(open());
      await peer.answer();
      rows.push(await measure(peer, what, batch));
      say(`batch ${batch}, ${what}: ${rows.at(-1)!.imagesPerSecond.toFixed(0)} images/s`);
    } catch (error) {
      say(`batch ${batch}, ${what}: ${(error as Error).message}`);
    }
  }
}

const rateOf = (what: string, batch: number): number | undefined =>
  rows.find((row) => row.what === what && row.batch === batch)?.imagesPerSecond;
const ratio = (row: Row, peer: string): string => {
  const other = rateOf(peer, row.batch);
  return other === undefined ? '-' : (row.imagesPerSecond / other).toFixed(2);
};
if (flags.json) console.log(JSON.stringify({ device, tf32: flags.tf32, rows, left }));
say(`\nDCGAN 64x64x3, width 64, kernel 4, ${flags.tf32 ? 'TensorFloat-32' : 'float32'}, on ${device}\n`);
say('| batch | | images/s | device busy | of PyTorch eager | of PyTorch compiled |');
say('|---|---|---|---|---|---|');
for (const row of rows) {
  const busy = row.busy === null ? '-' : `${Math.round(row.busy * 100)}%`;
  say(
    `| ${row.batch} | ${row.what} | ${row.imagesPerSecond.toFixed(0)} | ${busy} | ` +
      `${ratio(row, 'PyTorch eager')} | ${ratio(row, 'PyTorch compiled')} |`,
  );
}
