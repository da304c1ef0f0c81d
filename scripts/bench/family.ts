// `npm run bench -- family`: trains every method with the same networks on the same number of real images; prints the Fréchet
// distance and speed of each and writes a grid of its images. With `--costs`, prints the cost of the parts of a step instead.
// Long: it trains one model a method, but reuses results in --out.
import { square } from '../../runtime-web/format/image-shape.ts';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import sharp from 'sharp';
import { measureSets } from '../../trainer/metrics/measure-sets.ts';
import { openFeatureNetwork } from '../../trainer/metrics/feature-network.ts';
import { lookAtImages, openImageSet } from '../../trainer/metrics/image-set.ts';
import { resolveOverDefault } from '../../trainer/config/presets.ts';
import { listOf, option, readFlags, refuse, text, toggle, wholeNumber } from '../flags.ts';
import { dcgan } from './last-line.ts';
import { measureNetworkCosts } from './network-costs.ts';
import { measureStepCosts } from './step-costs.ts';

const flags = readFlags({
  data: option(text),
  images: option(wholeNumber(), '96000'),
  'base-width': option(wholeNumber(), '32'),
  seed: option(wholeNumber(), '1'),
  count: option(wholeNumber(), '5000'),
  network: option(text),
  methods: option(listOf(text)),
  out: option(text, join('runs', 'family')),
  costs: toggle,
});
const { images, 'base-width': width, count, seed } = flags;

/** The methods, as flags of `train` over the preset fashion-mnist-32. */
const methods: Readonly<Record<string, string>> = {
  'non-saturating': '',
  minimax: '--objective minimax',
  'least-squares': '--objective least-squares',
  hinge: '--objective hinge',
  wgan: '--objective wgan',
  'wgan-gp': '--objective wgan-gp',
  r1: '--r1 1',
  relativistic: '--objective relativistic',
  'unrolled-3': '--unroll 3',
  'label-maps': '--condition label',
  'label-projection': '--condition label --label-discriminator projection --objective hinge',
  info: '--condition info',
  stylegan: '--network stylegan --grow-images 8000',
  stylegan2: '--network stylegan2',
  augmented: '--augment color,translation,cutout',
};

/** Factor of the width at which DCGAN's networks, with kernel 5, have as many parameters as StyleGAN's. */
const equalWidthFactor = 37 / 32;

if (flags.costs) {
  const shape = { imageSize: 32, channels: 1, baseWidth: width, kernel: 5, latent: 100, batch: 64 } as const;
  const { plainD, penaltyCritic, plainStep, unrolled } = await measureStepCosts(shape, [1, 3, 5], 30);
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  console.log(`32x32x1, width ${width}, kernel 5, batch 64: medians of 30 runs`);
  console.log(`a plain update of D: ${ms(plainD)}; a plain step: ${ms(plainStep)}`);
  console.log(
    `a critic's update with gradient penalty: ${ms(penaltyCritic)}, ${(penaltyCritic / plainD).toFixed(2)} of it`,
  );
  for (const [k, time] of Object.entries(unrolled)) {
    // Cost of D's updates in units of a plain one: the step's time without G's share of a plain step.
    const updates = (time - (plainStep - plainD)) / plainD;
    console.log(
      `a step with ${k} unrolled updates: ${ms(time)}, D's part costs ${updates.toFixed(1)} plain updates (1 + 3k: ${1 + 3 * Number(k)})`,
    );
  }
  const styled = { ...shape, network: 'stylegan', latent: 64, growFrom: null } as const;
  const networks = await measureNetworkCosts(
    {
      dcgan: { ...shape, baseWidth: Math.round(width * equalWidthFactor) },
      'stylegan with R1': { ...styled, r1Every: 1 },
      'stylegan without R1': { ...styled, r1: 0, r1Every: 1 },
    },
    20,
  );
  const { stepMs: dcganMs } = networks['dcgan']!;
  for (const [name, { parameters, stepMs }] of Object.entries(networks)) {
    console.log(
      `${name}: ${(parameters / 1e6).toFixed(2)} million parameters, a step ${ms(stepMs)}, ${(dcganMs / stepMs).toFixed(2)} of dcgan's images/s`,
    );
  }
  const [withR1, without] = [networks['stylegan with R1']!.stepMs, networks['stylegan without R1']!.stepMs];
  const { r1Every } = resolveOverDefault([{ source: 'bench', values: styled }]);
  const mean = without + (withR1 - without) / r1Every;
  console.log(
    `stylegan as it trains, R1 with every ${r1Every}th step: ${ms(mean)}, ${(dcganMs / mean).toFixed(2)} of dcgan's images/s`,
  );
  process.exit(0);
}

const data = resolve(flags.data ?? refuse('--data: expected the path of Fashion-MNIST, or of other images'));
const chosen = flags.methods ?? Object.keys(methods);
for (const name of chosen) {
  if (!Object.hasOwn(methods, name))
    refuse(`--methods: got '${name}', expected some of ${Object.keys(methods).join(', ')}`);
}
const out = resolve(flags.out);
mkdirSync(out, { recursive: true });

/** The result of a method's run, as stored in --out. */
interface Result {
  readonly method: string;
  readonly flags: string;
  readonly seed: number;
  readonly images: number;
  readonly model: string;
  readonly imagesPerSecond: number;
  readonly frechet: number;
  readonly network: string;
  readonly count: number;
}

const signal = new AbortController().signal;
const network = await openFeatureNetwork(flags.network === undefined ? null : resolve(flags.network));
const facts = await lookAtImages(data, signal);
const real = await openImageSet(facts, { ...square(32), channels: facts.channels, signal });
const results: Result[] = [];
for (const method of chosen) {
  const kept = join(out, `${method}-seed${seed}-${images}.json`);
  if (existsSync(kept)) {
    results.push(JSON.parse(readFileSync(kept, 'utf8')) as Result);
    continue;
  }
  const methodFlags = methods[method]!;
  const shared = [
    ...['train', '--preset', 'fashion-mnist-32', '--data', data, '--channels', `${facts.channels}`],
    ...['--base-width', `${width}`, '--images', `${images}`, '--seed', `${seed}`],
    ...['--sample-every', '1000000', '--checkpoint-every', '1000000', '--out', out, '--json'],
  ];
  const { model, imagesPerSecond } = JSON.parse(
    await dcgan(...shared, ...methodFlags.split(' ').filter((part) => part !== '')),
  ) as { model: string; imagesPerSecond: number };
  const set = await openImageSet(await lookAtImages(model, signal), {
    ...square(32),
    channels: facts.channels,
    matched: real,
    signal,
  });
  const { figures } = await measureSets({ network, a: set, b: real, count, seed: 0, signal });
  await set.close();
  const frechet = figures['frechet'] as number;
  const result: Result = {
    ...{ method, flags: methodFlags, seed, images, model, imagesPerSecond },
    ...{ frechet, network: network.sidecar.name, count },
  };
  writeFileSync(kept, `${JSON.stringify(result, null, 2)}\n`);
  results.push(result);
  console.error(`${method}: ${frechet.toFixed(0)}, ${imagesPerSecond.toFixed(0)} images/s`);
}

console.log(
  `${real.name}, 32x32, width ${width}, ${images} real images shown, seed ${seed}; Fréchet distance by ` +
    `${network.sidecar.name}, ${count} images of each side`,
);
console.log('| method | flags | Fréchet distance | images/s |\n|---|---|---|---|');
for (const { method, flags: methodFlags, frechet, imagesPerSecond } of results) {
  console.log(`| ${method} | ${methodFlags} | ${frechet.toFixed(0)} | ${imagesPerSecond.toFixed(0)} |`);
}
await writeGrids();
await real.close();
await network.dispose();

/** Writes the first 20 images of each model, one row a method. */
async function writeGrids(): Promise<void> {
  const rows: Buffer[] = [];
  for (const { model, method } of results) {
    const file = join(out, `${method}.png`);
    await dcgan('sample', model, '--seeds', '0-19', '--columns', '20', '--out', file, '--json');
    rows.push(readFileSync(file));
  }
  const { width: wide = 0, height = 0 } = await sharp(rows[0]).metadata();
  await sharp({
    create: { width: wide, height: height * rows.length, channels: 3, background: '#fff' },
  })
    .composite(rows.map((input, i) => ({ input, left: 0, top: i * height })))
    .png()
    .toFile(join(out, 'family.png'));
  console.log(`${join(out, 'family.png')}: twenty images of each, in the table's order`);
}
