// Trains the cells that are not finished, and says how long they take.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openFeatureNetwork } from '../../../trainer/metrics/feature-network.ts';
import { formatDuration } from '../../../trainer/run/duration.ts';
import { refuse } from '../../flags.ts';
import { cellFile, runCell, type CellResult } from './cell.ts';
import { interruptible, pythonFor, withEach } from './each-cell.ts';
import { finishedCells } from './finished-cells.ts';
import { flags, out, say } from './flags.ts';
import type { OpenSet } from './open-set.ts';
import { cellsToDo, refuseOtherSettings, titleOf, type Cell } from './planned-cells.ts';
import { readRate } from './rates.ts';
import { disturbance } from './summary.ts';

/** Seconds of a cell besides its training, until some have been measured. */
const guessedOverhead = 120;

/** Trains the unfinished cells, or with --plan lists all of them. */
export async function doCells(): Promise<void> {
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
    const threads = (rate === null ? undefined : flags['cell-threads']) ?? settings.threads;
    const onProgress = progress(settings.minutes * 60);
    const result = await runCell({
      ...{ set, name, recipe, seed, settings, threads, rate, networks, python, folder, signal, onProgress },
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
