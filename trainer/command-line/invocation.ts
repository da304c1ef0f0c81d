// Words calls of commands for messages: through npm in a clone, through npx where the package is installed.
import { dirname, join, relative, resolve, sep } from 'node:path';
import { scripts, version } from '../../package.json';
import { shellWord } from './shell-words.ts';

/** The program's version. */
export const programVersion: string = version;

/**
 * Makes the function that words a call of a command: `npx dcgan walk` in an installed package. In a clone: `npm run train --` for a
 * command with a script of its own, `npm run dcgan -- walk` for the others, and `node ../dist/trainer/cli.js walk` in another folder,
 * in which npm does not find the scripts. `program` is the full path of dist/trainer/cli.js.
 */
export function invocationFrom(program: string, cwd: string): (command: string) => string {
  if (program.split(sep).includes('node_modules')) return (command) => `npx dcgan ${command}`;
  const root = resolve(dirname(program), '..', '..');
  if (cwd !== root) return (command) => `node ${relative(cwd, program)} ${command}`;
  return (command) => (command in scripts ? `npm run ${command} --` : `npm run dcgan -- ${command}`);
}

/** The files that a page with a model needs beside it. */
export interface ViewerFiles {
  /** Shell commands that make them. */
  readonly make: readonly string[];
  /** Their folder, from the current one. */
  readonly folder: string;
}

/** The viewer's files: those of a clone, which are built first, or those of the package `dcgan-viewer`, which is installed first. */
export function viewerFilesFrom(program: string, cwd: string): ViewerFiles {
  if (program.split(sep).includes('node_modules')) {
    return { make: ['npm install dcgan-viewer'], folder: 'node_modules/dcgan-viewer/dist' };
  }
  const root = resolve(dirname(program), '..', '..');
  const there = relative(cwd, root);
  return {
    make: [there === '' ? 'npm run build' : `npm --prefix ${shellWord(there)} run build`],
    folder: join(there, 'runtime-web', 'dist'),
  };
}
