// The cells that the flags of `bench -- recipes` ask for.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean } from '../../../trainer/errors.ts';
import { refuse } from '../../flags.ts';
import { cellFile, type CellResult } from './cell.ts';
import { flags, out, say } from './flags.ts';
import { flagsOf, imageSets, parseRecipe, recipes as ownRecipes, setNames, wordsOf } from './table.ts';
import type { Recipe, SetName } from './table.ts';
import type { Settings } from './trained.ts';

/** A cell of the plan. */
export interface Cell {
  readonly set: SetName;
  readonly name: string;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly settings: Settings;
  readonly folder: string;
  /** The folder of the recipe whose rate counts. */
  readonly rateFolder: string;
}

/** The folder of a cell. */
export const folderOf = (cell: {
  readonly set: string;
  readonly recipe: string;
  readonly seed: number;
}): string => join(out, cell.set, cell.recipe, String(cell.seed));

/** A cell's name in a line. */
export function titleOf({ set, name, seed }: Cell): string {
  return `${set} ${name} seed ${seed}`;
}

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
export function cellsToDo(): readonly Cell[] {
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

/** Refuses to mix cells of other settings, or of other flags under the same name, in one --out. */
export function refuseOtherSettings({ set, name, recipe, settings, folder }: Cell): void {
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
