// `dcgan export`: makes a model package from a run's checkpoint.
import type { Command } from 'commander';
import { UserError } from '../errors.ts';
import type { CommandContext } from './context.ts';

/** Adds `export` to the program. */
export function addExportCommand(program: Command, context: CommandContext): void {
  void context;
  program
    .command('export')
    .description('Make a model package from a run.')
    .argument('<run>', 'a run folder')
    .action(() => {
      throw new UserError('export: not part of this version');
    });
}
