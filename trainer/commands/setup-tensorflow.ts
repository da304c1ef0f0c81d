// `dcgan setup-tensorflow`: runs the set-up of scripts/setup-tensorflow, which is a program of its own: it reads its flags itself, and
// works where TensorFlow does not.
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { CommandContext } from '../command-line/context.ts';

/** Adds `setup-tensorflow` to the program. */
export function addSetupTensorflowCommand(program: Command, context: CommandContext): void {
  program
    .command('setup-tensorflow')
    .description('set up the engines tensorflow-cpu and tensorflow-cuda on Linux x64')
    .usage('[--cpu | --gpu] [options]')
    .helpOption(false)
    .allowUnknownOption()
    .argument('[flags...]')
    .action(async (flags: readonly string[]) => {
      const file = fileURLToPath(new URL('./setup-tensorflow.js', import.meta.url));
      // Ctrl-C reaches both; the set-up ends itself, and this waits for it.
      const child = spawn(process.execPath, [file, ...flags], { stdio: 'inherit', cwd: context.cwd });
      context.exitCode = await new Promise<number>((done, fail) => {
        child.on('error', fail).on('close', (code) => done(code ?? 1));
      });
    });
}
