// `npm run bench -- quality`: PyTorch's DCGAN example and this program, trained with the same architecture on equally many of
// the same images, over several seeds, and the Fréchet distance of each to the real images. Long: it trains 2 x seeds models.
import { square } from '../../../runtime-web/format/image-shape.ts';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { tooFewFor } from '../../../trainer/metrics/frechet.ts';
import { measureSets } from '../../../trainer/metrics/measure-sets.ts';
import { openFeatureNetwork } from '../../../trainer/metrics/feature-network.ts';
import { modelLabels } from '../../../trainer/metrics/set-labels.ts';
import { lookAtImages, openImageSet, type ImageSet } from '../../../trainer/metrics/image-set.ts';
import { option, readFlags, refuse, text, toggle, wholeNumber } from '../../flags.ts';
import { dcgan, lastLine } from '../last-line.ts';
import { findPytorch } from '../peer.ts';

const flags = readFlags({
  data: option(text, 'avatars'),
  'image-size': option(wholeNumber(), '64'),
  'base-width': option(wholeNumber(), '32'),
  images: option(wholeNumber(), '128000'),
  seeds: option(wholeNumber(), '3'),
  'first-seed': option(wholeNumber(), '1'),
  count: option(wholeNumber(), '5000'),
  network: option(text),
  python: option(text),
  threads: option(wholeNumber(), '2'),
  'with-pytorch': toggle,
  out: option(text),
  json: toggle,
});
/** With --json, stdout gets only the last line. */
const say = (line: string): void => (flags.json ? console.error(line) : console.log(line));
const { images, seeds, count, threads } = flags;
const { 'image-size': imageSize, 'base-width': width, 'first-seed': firstSeed } = flags;
const batch = 64;
const latent = 100;
const found = findPytorch(flags.python, flags['with-pytorch']);
const python =
  found ?? refuse('no Python with PyTorch 2.5 or later; give --python FILE, or --with-pytorch to install it');

const signal = new AbortController().signal;
const data = flags.data === 'avatars' ? flags.data : resolve(flags.data);
const facts = await lookAtImages(data, signal);
const real = await openImageSet(facts, { ...square(imageSize), channels: facts.channels, signal });
const network = await openFeatureNetwork(flags.network === undefined ? null : resolve(flags.network));
const tooFew = tooFewFor(network, [{ count: Math.min(count, real.available) }]);
if (tooFew !== null) refuse(`--count ${count}: ${tooFew}`);
const out = flags.out === undefined ? mkdtempSync(join(tmpdir(), 'dcgan-quality-')) : resolve(flags.out);
mkdirSync(out, { recursive: true });

/** Images in a file of raw bytes. */
function rawImages(path: string, name: string): ImageSet {
  const pixels = new Uint8Array(readFileSync(path));
  const length = imageSize * imageSize * facts.channels;
  return {
    kind: 'model',
    name,
    available: pixels.length / length,
    ...square(imageSize),
    channels: facts.channels,
    fingerprint: name,
    read: async (first, many) => pixels.slice(first * length, (first + many) * length),
    labels: modelLabels({ conditioning: null }, null, 0),
    mix: null,
    openNamed: null,
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
    ...{ batch, seed, threads, points: [{ images, samples: count, out: samples }] },
  };
  const peer = join('scripts', 'bench', 'quality', 'pytorch_dcgan.py');
  const theirs = JSON.parse(await lastLine(python, [peer, JSON.stringify(settings)], 'PyTorch')) as {
    seconds: number;
  };
  const args = [
    ...['train', '--preset', 'dcgan-64', '--data', data, '--image-size', `${imageSize}`],
    ...['--channels', `${facts.channels}`, '--base-width', `${width}`, '--latent', `${latent}`],
    ...['--batch', `${batch}`, '--images', `${images}`, '--seed', `${seed}`, '--threads', `${threads}`],
    ...['--engine', 'onnx-cpu', '--sample-every', '1000000', '--out', out, '--json'],
  ];
  const started = Date.now();
  const ours = JSON.parse(await dcgan(...args)) as { model: string };
  const dcganSeconds = (Date.now() - started) / 1000;
  const distance = async (set: ImageSet): Promise<number> => {
    const { figures } = await measureSets({ network, a: set, b: real, count, seed: 0, signal });
    await set.close();
    return figures['frechet'] as number;
  };
  const model = await openImageSet(await lookAtImages(ours.model, signal), {
    ...square(imageSize),
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
