// `npm run bench -- features --data PATH`: the accuracy of `dcgan features` on the discriminators of several runs, or of the finished cells
// of `bench -- recipes`, beside the settings that differ and the images seen. Results are kept in --out, so a run is evaluated once.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { writeFileAtomically } from '../../trainer/files/atomic-file.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { listCheckpoints } from '../../trainer/run/checkpoint.ts';
import { listOf, option, readFlags, refuse, repeated, required, text, wholeNumber } from '../flags.ts';
import { dcgan } from './last-line.ts';
import { finishedCells } from './recipes/finished-cells.ts';

const flags = readFlags({
  data: required(text, 'labelled images, e.g. CIFAR-10'),
  run: repeated(text),
  cells: option(text),
  only: option(listOf(text)),
  recipes: option(listOf(text)),
  classes: option(text),
  limit: option(wholeNumber(2)),
  baselines: option(text, 'none'),
  centroids: option(wholeNumber(2), '1600'),
  out: option(text, join('runs', 'features.json')),
});

/** A run to evaluate. */
interface Evaluated {
  readonly name: string;
  readonly run: string;
}
const evaluated: readonly Evaluated[] = [
  ...flags.run.map((run) => ({ name: run, run: resolve(run) })),
  ...cellsOf(flags.cells),
];
if (evaluated.length === 0) {
  refuse('--run: expected run folders, or --cells with a folder of bench -- recipes');
}
for (const { run } of evaluated) {
  if (!existsSync(join(run, 'config.json'))) refuse(`--run: ${run} is no run folder`);
}

/** The runs of finished cells, of the wanted sets and recipes; the peer has none. */
function cellsOf(folder: string | undefined): readonly Evaluated[] {
  if (folder === undefined) return [];
  return finishedCells(resolve(folder))
    .filter(
      ({ set, recipe }) =>
        (flags.only ?? [set]).includes(set) && (flags.recipes ?? [recipe]).includes(recipe),
    )
    .flatMap(({ set, recipe, seed, facts: { run } }) =>
      typeof run === 'string' ? [{ name: `${set} ${recipe} seed ${seed}`, run }] : [],
    );
}

/** The part of the output of `features --json` that the table shows. */
interface Found {
  readonly accuracy: number;
  readonly featureCount: number;
  readonly checkpoint: { readonly images: number };
  readonly baselines: Readonly<Record<string, { readonly accuracy: number; readonly featureCount: number }>>;
}
const out = resolve(flags.out);
mkdirSync(dirname(out), { recursive: true });
const kept = existsSync(out) ? (JSON.parse(readFileSync(out, 'utf8')) as Record<string, Found>) : {};
const protocol = [
  ...['--data', resolve(flags.data), '--centroids', String(flags.centroids)],
  ...(flags.classes === undefined ? [] : ['--classes', flags.classes]),
  ...(flags.limit === undefined ? [] : ['--limit', String(flags.limit)]),
];

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
const rows: string[] = [];
let baselines: Found['baselines'] = {};
for (const [i, { name, run }] of evaluated.entries()) {
  // Baselines depend on the images alone, except that random weights have the shape of the first run's networks.
  const wanted = i === 0 ? flags.baselines : 'none';
  const args = ['--model', run, ...protocol, '--baselines', wanted];
  // A run that has been trained on is evaluated again.
  const [newest = ''] = await listCheckpoints(join(run, 'checkpoints'));
  const key = [basename(newest), ...args].join(' ');
  if (kept[key] === undefined) {
    console.error(`${name}, ${i + 1} of ${evaluated.length}`);
    try {
      kept[key] = JSON.parse(await dcgan('features', ...args, '--json')) as Found;
    } catch (error) {
      console.error(`${name}: failed; ${(error as Error).message}`);
      process.exitCode = 1;
      continue;
    }
    await writeFileAtomically(out, `${JSON.stringify(kept, null, 2)}\n`);
  }
  const found = kept[key];
  if (i === 0) ({ baselines } = found);
  const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as TrainConfig;
  const { network, baseWidth, discriminatorNorm, objective, r1, r2, augment, learningRate } = config;
  const settings = [network, baseWidth, discriminatorNorm, objective, r1, r2, learningRate, augment ?? '–'];
  const seen = found.checkpoint.images.toLocaleString('en');
  rows.push(`| ${[name, ...settings, seen, found.featureCount, percent(found.accuracy)].join(' | ')} |`);
}
console.log(
  '| run | network | width | norm in D | objective | R1 | R2 | rate | augmentation | images seen | features | accuracy |\n' +
    `${'|---'.repeat(12)}|\n${rows.join('\n')}`,
);
for (const [name, { accuracy, featureCount }] of Object.entries(baselines)) {
  console.log(`${name}: ${featureCount} features, ${percent(accuracy)}`);
}
