// A child process that prints JSON lines.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The end of a child. */
export interface Ended {
  readonly code: number | null;
  /** The last line on stderr that is not empty; '' without one. */
  readonly lastError: string;
}

/**
 * Runs a program to its end and calls `onLine` with each line of stdout that is JSON, and with a function that interrupts the program.
 * Aborting the signal kills it and rejects with the signal's reason. Rejects with Error if it cannot be started.
 */
export async function childLines(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  onLine: (line: Readonly<Record<string, unknown>>, interrupt: () => void) => void,
): Promise<Ended> {
  signal.throwIfAborted();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (text.startsWith('{')) {
      onLine(JSON.parse(text) as Record<string, unknown>, () => void child.kill('SIGINT'));
    }
  });
  try {
    const code = await new Promise<number | null>((done, fail) => {
      child.on('error', fail);
      child.on('close', done);
    });
    signal.throwIfAborted();
    return { code, lastError: errors.trim().split('\n').at(-1) ?? '' };
  } finally {
    signal.removeEventListener('abort', kill);
  }
}
