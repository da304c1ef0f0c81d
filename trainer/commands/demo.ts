// `dcgan demo`: says where the demo is. It is a site of its own, larger than this program, and only in the source.
import type { Command } from 'commander';
import type { CommandContext } from '../command-line/context.ts';

/** Adds `demo` to the program. */
export function addDemoCommand(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('say where to get the demo, and how to show a model in a page')
    .action(() => {
      context.print(
        'The demo is in the source of dcgan, not in the package: there, `npm ci && npm run demo`.',
      );
      context.print('It shows your own model when you drop the `model` folder of a run onto it.');
      context.print('A page of your own: `npm install dcgan-viewer`, or copy the `dist` of that package.');
    });
}
