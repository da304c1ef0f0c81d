// Runs programs that print their result as their last line.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';

/** Runs a program to its end; resolves to the last line of its output. Rejects with Error if it fails. */
export function lastLine(command: string, args: readonly string[], name: string): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done(output.trim().split('\n').at(-1)!);
      else fail(new Error(`${name} ended with ${code}`));
    });
  });
}

/** Runs `dcgan ARGS`; resolves to the last line of its output. Rejects with Error if it fails. */
export function dcgan(...args: readonly string[]): Promise<string> {
  return lastLine(process.execPath, [join('dist', 'trainer', 'cli.js'), ...args], `dcgan ${args.join(' ')}`);
}
