// `npm run bench:quality`: PyTorch's DCGAN example and this program, trained on the same images, with the same architecture, for equally
// many images, over several seeds; and how far the pictures of each are from the real ones. Long: it trains 2 x seeds models.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { measureSets } from '../../../trainer/metrics/measure-sets.ts';
import { openFeatureNetwork } from '../../../trainer/metrics/feature-network.ts';
import { lookAtImages, openImageSet, type ImageSet } from '../../../trainer/metrics/image-set.ts';
import { findPytorch } from '../peer.ts';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: 'avatars' },
    'image-size': { type: 'string', default: '64' },
    'base-width': { type: 'string', default: '32' },
    images: { type: 'string', default: '128000' },
    seeds: { type: 'string', default: '3' },
    'first-seed': { type: 'string', default: '1' },
    count: { type: 'string', default: '5000' },
    network: { type: 'string' },
    python: { type: 'string' },
    threads: { type: 'string', default: '2' },
    'with-pytorch': { type: 'boolean', default: false },
    out: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
/** With --json stdout is for the last line alone. */
const say = (line: string): void => (flags.json ? console.error(line) : console.log(line));
const refuse = (message: string): never => {
  console.error(`error: ${message}`);
  process.exit(2);
};
const whole = (
  name: 'image-size' | 'base-width' | 'images' | 'seeds' | 'first-seed' | 'count' | 'threads',
): number => {
  const value = Number(flags[name]);
  return Number.isSafeInteger(value) && value > 0
    ? value
    : refuse(`--${name}: got ${flags[name]}, expected a whole number above 0`);
};
const [imageSize, width, images] = [whole('image-size'), whole('base-width'), whole('images')];
const [seeds, firstSeed] = [whole('seeds'), whole('first-seed')];
const [count, threads] = [whole('count'), whole('threads')];
const batch = 64;
const latent = 100;
const found = findPytorch(flags.python, flags['with-pytorch']);
const python =
  found ?? refuse('no Python with PyTorch 2.5 or later; give --python FILE, or --with-pytorch to install it');

const signal = new AbortController().signal;
const data = flags.data === 'avatars' ? flags.data : resolve(flags.data);
const facts = await lookAtImages(data, signal);
const real = await openImageSet(facts, { imageSize, channels: facts.channels, signal });
const network = await openFeatureNetwork(flags.network === undefined ? null : resolve(flags.network));
const out = flags.out === undefined ? mkdtempSync(join(tmpdir(), 'dcgan-quality-')) : resolve(flags.out);
mkdirSync(out, { recursive: true });

/** Runs a command to its end; resolves to the last line that it printed. */
function run(command: string, args: readonly string[], name: string): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done(output.trim().split('\n').at(-1)!);
      else fail(new Error(`${name} ended with ${code}`));
    });
  });
}

/** Images that lie in a file of bytes. */
function rawImages(path: string, name: string): ImageSet {
  const pixels = new Uint8Array(readFileSync(path));
  const length = imageSize * imageSize * facts.channels;
  return {
    kind: 'model',
    name,
    available: pixels.length / length,
    imageSize,
    channels: facts.channels,
    fingerprint: name,
    read: async (first, many) => pixels.slice(first * length, (first + many) * length),
    close: async () => undefined,
  };
}

const rawData = join(out, 'images.bytes');
writeFileSync(rawData, await real.read(0, real.available));
say(
  `${real.name}: ${real.available} images of ${imageSize}x${imageSize}x${facts.channels}; width ${width}, ${images} images shown`,
);
say(`${network.sidecar.name}, ${Math.min(count, real.available)} images of each side, PyTorch by ${python}`);

interface Row {
  readonly seed: number;
  readonly pytorch: number;
  readonly dcgan: number;
  readonly pytorchSeconds: number;
  readonly dcganSeconds: number;
}
const rows: Row[] = [];
for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
  const samples = join(out, `pytorch-${seed}.bytes`);
  const settings = {
    ...{ data: rawData, count: real.available, size: imageSize, channels: facts.channels, width, latent },
    ...{ images, batch, seed, threads, samples: count, out: samples },
  };
  const peer = join('scripts', 'bench', 'quality', 'pytorch_dcgan.py');
  const theirs = JSON.parse(await run(python, [peer, JSON.stringify(settings)], 'PyTorch')) as {
    seconds: number;
  };
  const args = [
    join('dist', 'trainer', 'cli.js'),
    ...[
      'train',
      '--preset',
      'dcgan-64',
      '--data',
      data,
      '--image-size',
      `${imageSize}`,
      '--channels',
      `${facts.channels}`,
    ],
    ...[
      '--base-width',
      `${width}`,
      '--latent',
      `${latent}`,
      '--batch',
      `${batch}`,
      '--images',
      `${images}`,
      '--seed',
      `${seed}`,
    ],
    ...[
      '--threads',
      `${threads}`,
      '--engine',
      'onnx-cpu',
      '--sample-every',
      '1000000',
      '--out',
      out,
      '--json',
    ],
  ];
  const started = Date.now();
  const ours = JSON.parse(await run(process.execPath, args, 'dcgan train')) as { model: string };
  const dcganSeconds = (Date.now() - started) / 1000;
  const distance = async (set: ImageSet): Promise<number> => {
    const { figures } = await measureSets({ network, a: set, b: real, count, seed: 0, signal });
    await set.close();
    return figures['frechet'] as number;
  };
  const model = await openImageSet(await lookAtImages(ours.model, signal), {
    imageSize,
    channels: facts.channels,
    signal,
  });
  const row: Row = {
    seed,
    pytorch: await distance(rawImages(samples, `pytorch ${seed}`)),
    dcgan: await distance(model),
    pytorchSeconds: theirs.seconds,
    dcganSeconds,
  };
  rows.push(row);
  say(
    `seed ${seed}: PyTorch ${row.pytorch.toFixed(2)} in ${theirs.seconds.toFixed(0)} s, ours ${row.dcgan.toFixed(2)} in ` +
      `${dcganSeconds.toFixed(0)} s, ratio ${(row.dcgan / row.pytorch).toFixed(3)}`,
  );
}
const mean = (of: (row: Row) => number): number => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
const ratio = mean((row) => row.dcgan) / mean((row) => row.pytorch);
say(
  `mean: PyTorch ${mean((row) => row.pytorch).toFixed(2)}, ours ${mean((row) => row.dcgan).toFixed(2)}, ratio ${ratio.toFixed(3)}`,
);
if (flags.json) {
  console.log(
    JSON.stringify({
      data: real.name,
      imageSize,
      width,
      images,
      network: network.sidecar.name,
      count,
      rows,
      ratio,
    }),
  );
}
await real.close();
await network.dispose();
rmSync(rawData);
