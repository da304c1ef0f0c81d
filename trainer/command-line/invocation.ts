// How to call a command from here: through npm in a clone, through npx where the package is installed.
import { dirname, relative, resolve, sep } from 'node:path';
import { scripts, version } from '../../package.json';

/** The program's version. */
export const programVersion: string = version;

/**
 * Makes the function that words a call of a command, for messages: `npx dcgan walk` in an installed package; in a clone
 * `npm run train --`, or `npm run dcgan -- walk` where the command has no script of its own; `node ../dist/trainer/cli.js walk` from
 * another folder, where npm does not find the scripts. `program` is the full path of dist/trainer/cli.js.
 */
export function invocationFrom(program: string, cwd: string): (command: string) => string {
  if (program.split(sep).includes('node_modules')) return (command) => `npx dcgan ${command}`;
  const root = resolve(dirname(program), '..', '..');
  if (cwd !== root) return (command) => `node ${relative(cwd, program)} ${command}`;
  return (command) => (command in scripts ? `npm run ${command} --` : `npm run dcgan -- ${command}`);
}
