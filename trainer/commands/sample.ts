// `dcgan sample`: draws a grid of images from a model package.
import type { Command } from 'commander';
import { UserError } from '../errors.ts';
import type { CommandContext } from './context.ts';

/** Adds `sample` to the program. */
export function addSampleCommand(program: Command, context: CommandContext): void {
  void context;
  program
    .command('sample')
    .description('Draw images from a model package.')
    .argument('<model>', 'a model package: its folder, or the model.json in it')
    .action(() => {
      throw new UserError('sample: not part of this version');
    });
}
