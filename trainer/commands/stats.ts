// `dcgan stats RUN`: the statistics of a run as a table for other programs.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from '../command-line/context.ts';
import { addOptions, option, type FlagsOf } from '../command-line/options.ts';
import { shownPath } from '../command-line/outputs.ts';
import { someText } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { maxTextBytes, readRegular } from '../files/regular-file.ts';
import { openRunFolder } from '../run/run-folder.ts';
import { statsHeader, statsTable } from '../run/stats-table.ts';
import { readStats } from '../run/stats.ts';

const options = [option('--out <file>', 'file for the table, ending in .csv; by default stdout', someText)];

/** Adds `stats` to the program. */
export function addStatsCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('stats');
  const command = program
    .command('stats')
    .description(
      'Print the statistics of a run as CSV: losses, diversity, speed and evaluations of each report.',
    )
    .argument('<run>', 'a run folder, as made by train');
  addOptions(command, options)
    .addHelpText('after', `\nExample:\n  ${call} runs/00001-avatars-dcgan-relativistic --out losses.csv`)
    .action((run: string, flags: FlagsOf<typeof options>) => stats(run, flags, context));
}

async function stats(run: string, { out }: FlagsOf<typeof options>, context: CommandContext): Promise<void> {
  const { cwd, print } = context;
  const { folder } = await openRunFolder(resolve(cwd, run));
  const lines = await readStats(folder.stats);
  if (lines.length === 0) {
    throw new UserError(
      `${run}: has no statistics yet; the first come after --report-every steps of training`,
    );
  }
  const table = statsTable(lines);
  if (out === null) {
    for (const line of table) print(line);
    return;
  }
  const path = resolve(cwd, out);
  await checkReplaceable(path, out);
  await onDisk(
    path,
    () => 'nothing has been written',
    () => writeFileAtomically(path, `${table.join('\r\n')}\r\n`),
  );
  print(`written   ${shownPath(cwd, path)} (${lines.length} reports)`);
}

/** Throws UserError for a name that is no table's, and for a file that this command has not written. */
async function checkReplaceable(path: string, out: string): Promise<void> {
  if (!/\.csv$/i.test(path)) throw new UserError(`--out ${out}: expected a name that ends in .csv`);
  const before = await readRegular(path, maxTextBytes).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new UserError(`--out ${out}: ${error.message}; give another name`);
  });
  if (before !== null && !before.toString().startsWith(statsHeader)) {
    throw new UserError(`--out ${out}: is there already, and is no table of statistics; give another name`);
  }
}
