// `npm run bench -- recipes`: recipes of training side by side, for equal minutes on the same cores, with PyTorch's DCGAN example as the
// peer. A cell is a set, a recipe and a seed; finished cells in --out are kept, so the bench may be stopped and started at will. `--rates`
// measures each recipe's images per second on an idle machine; with `--by-rate` a cell then trains for the images of its minutes, so that
// other work on the machine changes nothing but the wait. `--table` prints the figures and writes a plot and a sheet for each set.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { didYouMean } from '../../../trainer/errors.ts';
import { openFeatureNetwork } from '../../../trainer/metrics/feature-network.ts';
import { formatDuration } from '../../../trainer/run/duration.ts';
import {
  listOf,
  option,
  positiveNumber,
  readFlags,
  refuse,
  repeated,
  text,
  toggle,
  wholeNumber,
} from '../../flags.ts';
import { findPytorch } from '../peer.ts';
import { cellFile, runCell, type CellResult } from './cell.ts';
import { finishedCells } from './finished-cells.ts';
import { openSet, type OpenSet } from './open-set.ts';
import { distancePlot } from './plot.ts';
import { measureRate, readRate } from './rates.ts';
import { sampleSheet } from './sheet.ts';
import { disturbance, groupedBy, summarise, summaryMarkdown } from './summary.ts';
import { flagsOf, imageSets, parseRecipe, recipes as ownRecipes, setNames, wordsOf } from './table.ts';
import type { Recipe, SetName } from './table.ts';
import type { Settings } from './trained.ts';

const flags = readFlags({
  out: option(text, join('runs', 'recipes')),
  fashion: option(text),
  cifar: option(text),
  emoji: option(text),
  squeezenet: option(text),
  only: option(listOf(text)),
  recipes: option(listOf(text)),
  try: repeated(text),
  seeds: option(wholeNumber(), '1'),
  'first-seed': option(wholeNumber(), '1'),
  minutes: option(positiveNumber),
  width: option(wholeNumber(), '32'),
  threads: option(wholeNumber(), '2'),
  engine: option(text, 'onnx-cpu'),
  points: option(wholeNumber(1, 100), '6'),
  count: option(wholeNumber(2), '5000'),
  'point-count': option(wholeNumber(2), '2000'),
  rates: toggle,
  'rate-seconds': option(positiveNumber, '45'),
  'by-rate': toggle,
  python: option(text),
  'with-pytorch': toggle,
  plan: toggle,
  table: toggle,
  json: toggle,
});

/** Seconds of a cell besides its training, until some have been measured. */
const guessedOverhead = 120;

/** A cell of the plan. */
interface Cell {
  readonly set: SetName;
  readonly name: string;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly settings: Settings;
  readonly folder: string;
  /** The folder of the recipe whose rate counts. */
  readonly rateFolder: string;
}

const out = resolve(flags.out);
const folderOf = (cell: { readonly set: string; readonly recipe: string; readonly seed: number }): string =>
  join(out, cell.set, cell.recipe, String(cell.seed));
const say = (line: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);

if (flags.table) await writeTable();
else if (flags.rates) await measureRates();
else await doCells();

/** The recipes of the table and of --try. */
function allRecipes(): Readonly<Record<string, Recipe>> {
  const tried = flags.try.map(
    (given) =>
      parseRecipe(given) ??
      refuse(
        `--try: got '${given}', expected NAME: FLAGS, such as 'mild: --objective relativistic --r1 0.1'`,
      ),
  );
  for (const [name] of tried) {
    if (Object.hasOwn(ownRecipes, name))
      refuse(`--try: '${name}' is a recipe of the table; give another name`);
  }
  return { ...ownRecipes, ...Object.fromEntries(tried) };
}

/** The names, checked. */
function chosenOf<T extends string>(
  flag: string,
  given: readonly string[] | undefined,
  all: readonly T[],
): readonly T[] {
  return (given ?? all).map(
    (name) =>
      all.find((one) => one === name) ??
      refuse(`${flag}: got '${name}'${didYouMean(name, all)} (there are: ${all.join(', ')})`),
  );
}

/** All wanted cells, finished or not: by set, then by seed, then by recipe. */
function cellsToDo(): readonly Cell[] {
  const all = allRecipes();
  const names = chosenOf('--recipes', flags.recipes, Object.keys(all));
  const cells: Cell[] = [];
  for (const set of chosenOf('--only', flags.only, setNames)) {
    const { path, minutes: usual } = imageSets[set];
    if (path !== null && flags[path] === undefined) {
      say(`${set}: skipped, because there is no --${path} PATH`);
      continue;
    }
    if (path !== null && !existsSync(flags[path]!)) refuse(`--${path}: there is no ${flags[path]}`);
    const { width, threads, engine, points, count, 'point-count': pointCount } = flags;
    const settings = {
      ...{ minutes: flags.minutes ?? usual, width, threads, engine, points, count, pointCount },
      isByRate: flags['by-rate'],
    };
    for (let seed = flags['first-seed']; seed < flags['first-seed'] + flags.seeds; seed++) {
      for (const name of names) {
        const recipe = all[name]!;
        if (recipe.kind === 'own' && recipe.sets !== undefined && !recipe.sets.includes(set)) continue;
        cells.push({
          ...{ set, name, recipe, seed, settings, folder: folderOf({ set, recipe: name, seed }) },
          rateFolder: join(out, set, recipe.rateOf ?? name),
        });
      }
    }
  }
  return cells;
}

/** Ends the work of a bench at a signal. */
function interruptible(): AbortSignal {
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupt.abort());
  return interrupt.signal;
}

/** Calls `work` for each cell with its opened set, says which fail, and sets the exit code. `onCut` is called for the one that a signal ends. */
async function withEach<T extends Pick<Cell, 'set' | 'settings'>>(
  cells: readonly T[],
  signal: AbortSignal,
  work: (cell: T, set: OpenSet, index: number) => Promise<void>,
  onCut: (cell: T) => void = () => undefined,
): Promise<void> {
  let set: OpenSet | null = null;
  let failures = 0;
  try {
    for (const [i, cell] of cells.entries()) {
      try {
        if (set?.name !== cell.set) {
          await set?.close();
          set = null;
          const { path } = imageSets[cell.set];
          const data = path === null ? null : flags[path]!;
          set = await openSet(cell.set, data, join(out, cell.set), cell.settings.count);
        }
        await work(cell, set, i);
      } catch (error) {
        if (signal.aborted) {
          onCut(cell);
          break;
        }
        failures++;
        say(`  failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    await set?.close();
  }
  if (signal.aborted) {
    say('stopped; what was cut off starts again with the next call');
    process.exitCode = 130;
  } else if (failures > 0) {
    say(`${failures} of ${cells.length} failed; the next call tries them again`);
    process.exitCode = 1;
  }
}

/** The Python of the peer, if a cell needs one; null if there is none. */
function pythonFor(cells: readonly Pick<Cell, 'recipe'>[]): string | null {
  const hasPeer = cells.some(({ recipe }) => recipe.kind === 'peer');
  return hasPeer ? findPytorch(flags.python, flags['with-pytorch']) : null;
}

/** Measures the rates that are not measured yet, one for each set and recipe. */
async function measureRates(): Promise<void> {
  const seconds = flags['rate-seconds'];
  const cells = cellsToDo().filter(
    ({ seed, recipe }) => seed === flags['first-seed'] && recipe.rateOf === undefined,
  );
  const left = cells.filter(({ rateFolder, settings }) => readRate(rateFolder, settings) === null);
  if (left.length === 0) return say(`all ${cells.length} rates are measured; --by-rate uses them`);
  mkdirSync(out, { recursive: true });
  const python = pythonFor(left);
  const signal = interruptible();
  await withEach(
    left,
    signal,
    async ({ set: name, name: recipeName, recipe, settings, rateFolder }, set, i) => {
      say(`${name} ${recipeName}, rate ${i + 1} of ${left.length}`);
      const { imagesPerSecond, load } = await measureRate(recipe, python, rateFolder, {
        ...{ set, settings, signal, seconds },
      });
      const disturbed = disturbance({ load, settings });
      say(`  ${imagesPerSecond.toFixed(0)} images/s${disturbed === null ? '' : `; warning: ${disturbed}`}`);
    },
  );
}

async function doCells(): Promise<void> {
  const cells = cellsToDo();
  for (const cell of cells) refuseOtherSettings(cell);
  const left = cells.filter(({ folder }) => !existsSync(join(folder, cellFile)));
  const overheads: number[] = finishedCells(out).map(
    ({ totalSeconds, settings }) => totalSeconds - settings.minutes * 60,
  );
  const secondsOf = (some: readonly Cell[]): number => {
    const overhead =
      overheads.length === 0
        ? guessedOverhead
        : overheads.reduce((sum, one) => sum + one, 0) / overheads.length;
    return some.reduce((sum, { settings }) => sum + settings.minutes * 60 + overhead, 0);
  };
  if (flags.plan) {
    for (const cell of cells) {
      const state = left.includes(cell) ? `${cell.settings.minutes} min` : 'finished';
      console.log(`${titleOf(cell).padEnd(36)}${state.padStart(9)}  ${cell.recipe.about}`);
    }
    console.log(`${left.length} of ${cells.length} cells to do, about ${formatDuration(secondsOf(left))}`);
    return;
  }
  if (left.length === 0) return say(`all ${cells.length} cells are finished; --table shows them`);
  mkdirSync(out, { recursive: true });
  const squeezenet =
    flags.squeezenet === undefined
      ? null
      : await openFeatureNetwork(resolve(flags.squeezenet)).catch(complain);
  const networks = { ...(squeezenet && { squeezenet }), embedded: await openFeatureNetwork(null) };
  const python = pythonFor(left);
  const signal = interruptible();
  const doCell = async (cell: Cell, set: OpenSet, i: number): Promise<void> => {
    const { name, recipe, seed, settings, folder, rateFolder } = cell;
    say(
      `${titleOf(cell)}, cell ${i + 1} of ${left.length}, about ${formatDuration(secondsOf(left.slice(i)))} left`,
    );
    const rate = settings.isByRate ? readRate(rateFolder, settings) : null;
    if (settings.isByRate && rate === null)
      throw new Error(
        'the rate is not measured yet, or with other settings; call the same with --rates on an idle machine',
      );
    const onProgress = progress(settings.minutes * 60);
    const result = await runCell({
      ...{ set, name, recipe, seed, settings, rate, networks, python, folder, signal, onProgress },
    });
    overheads.push(result.totalSeconds - settings.minutes * 60);
    say(`  ${outcomeOf(result)}`);
  };
  try {
    await withEach(left, signal, doCell, ({ folder }) => rmSync(folder, { recursive: true, force: true }));
  } finally {
    for (const network of Object.values(networks)) await network.dispose();
  }
}

/** Ends the bench with the message of a network that cannot be opened. */
function complain(error: Error): never {
  return refuse(error.message.replace('--network', '--squeezenet'));
}

function titleOf({ set, name, seed }: Cell): string {
  return `${set} ${name} seed ${seed}`;
}

/** A line a minute while a cell trains, and one for each point that is measured. */
function progress(total: number): (job: string, seconds: number) => void {
  let lastAt = Date.now();
  return (job, seconds) => {
    if (job === 'trained' && Date.now() - lastAt < 60_000) return;
    lastAt = Date.now();
    say(`  ${job} ${formatDuration(seconds)} of ${formatDuration(total)}`);
  };
}

/** A cell's result in a line. */
function outcomeOf(cell: CellResult): string {
  const { points, imagesPerSecond, collapse, totalSeconds } = cell;
  const { images } = points.at(-1)!;
  const disturbed = disturbance(cell);
  const distances = Object.entries(cell.end).map(
    ([name, { frechet }]) => `${name} ${frechet?.toFixed(name === 'embedded' ? 2 : 0) ?? '–'}`,
  );
  return [
    `Fréchet ${distances.join(', ')}`,
    `${imagesPerSecond.toFixed(0)} images/s`,
    `${images.toLocaleString('en')} images`,
    `the cell took ${formatDuration(totalSeconds)}`,
    ...(collapse === null ? [] : [`collapsed: ${collapse}`]),
    ...(disturbed === null ? [] : [`warning: ${disturbed}`]),
  ].join('; ');
}

/** Refuses to mix cells of other settings, or of other flags under the same name, in one --out. */
function refuseOtherSettings({ set, name, recipe, settings, folder }: Cell): void {
  const file = join(folder, cellFile);
  if (!existsSync(file)) return;
  const { settings: before, facts } = JSON.parse(readFileSync(file, 'utf8')) as CellResult;
  const key = (Object.keys(settings) as (keyof Settings)[]).find((one) => before[one] !== settings[one]);
  if (key !== undefined) {
    const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    refuse(
      `--${flag} ${settings[key]}: the finished cell in ${folder} was measured with ${before[key]}; give that again, or another --out`,
    );
  }
  if (recipe.kind === 'peer') return;
  const words = wordsOf(flagsOf(recipe, imageSets[set], settings.width)).join(' ');
  if (words !== facts['flags']) {
    refuse(
      `${name}: the finished cell in ${folder} was trained with ${String(facts['flags'])}, and now the recipe is ${words}; ` +
        'give it another name, or delete the folder',
    );
  }
}

async function writeTable(): Promise<void> {
  const cells = finishedCells(out).filter(
    ({ set, recipe }) => (flags.only?.includes(set) ?? true) && (flags.recipes?.includes(recipe) ?? true),
  );
  if (cells.length === 0) refuse(`--out ${flags.out}: has no finished cell`);
  const summary = summarise(cells);
  const markdown = summaryMarkdown(summary, cells);
  const written = [join(out, 'recipes.md'), join(out, 'recipes.json')] as const;
  writeFileSync(written[0], markdown);
  writeFileSync(written[1], `${JSON.stringify(summary, null, 2)}\n`);
  const pictures: string[] = [];
  for (const [set, ofSet] of groupedBy(cells, (cell) => cell.set)) {
    const plot = distancePlot(ofSet, summary.network);
    const [svg, png] = [join(out, `${set}.svg`), join(out, `${set}.png`)];
    if (plot !== '') {
      writeFileSync(svg, plot);
      pictures.push(svg);
    }
    writeFileSync(png, await sampleSheet(ofSet, folderOf));
    pictures.push(png);
  }
  console.log(flags.json ? JSON.stringify(summary) : markdown);
  for (const path of [...written, ...pictures]) say(path);
}
