// `npm run bench -- recipes`: recipes of training side by side, for equal minutes on the same cores, with PyTorch's DCGAN example as the
// peer. A cell is a set, a recipe and a seed; finished cells in --out are kept, so the bench may be stopped and started at will. `--rates`
// measures each recipe's images per second on an idle machine; with `--by-rate` a cell then trains for the images of its minutes, so that
// other work on the machine changes nothing but the wait. `--table` prints the figures and writes a plot and a sheet for each set.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '../../flags.ts';
import { doCells } from './do-cells.ts';
import { interruptible, pythonFor, withEach } from './each-cell.ts';
import { finishedCells } from './finished-cells.ts';
import { flags, out, say } from './flags.ts';
import { cellsToDo, folderOf } from './planned-cells.ts';
import { distancePlot } from './plot.ts';
import { measureRate, readRate } from './rates.ts';
import { sampleSheet } from './sheet.ts';
import { disturbance, groupedBy, summarise, summaryMarkdown } from './summary.ts';

if (flags.table) await writeTable();
else if (flags.rates) await measureRates();
else await doCells();

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
