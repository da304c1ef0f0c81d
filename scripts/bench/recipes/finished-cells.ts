// The finished cells of a folder of `bench -- recipes`, in the order of the tables.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellFile, type CellResult } from './cell.ts';
import { recipes, setNames } from './table.ts';

/** Every finished cell below `folder`; recipes that are not in the table come last. */
export function finishedCells(folder: string): readonly CellResult[] {
  if (!existsSync(folder)) return [];
  const cells = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name === cellFile)
    .map((entry) => JSON.parse(readFileSync(join(entry.parentPath, entry.name), 'utf8')) as CellResult);
  const rank = (names: readonly string[], name: string): number => {
    const at = names.indexOf(name);
    return at < 0 ? names.length : at;
  };
  const names = Object.keys(recipes);
  return cells.sort(
    (a, b) =>
      rank(setNames, a.set) - rank(setNames, b.set) ||
      rank(names, a.recipe) - rank(names, b.recipe) ||
      a.recipe.localeCompare(b.recipe) ||
      a.seed - b.seed,
  );
}
