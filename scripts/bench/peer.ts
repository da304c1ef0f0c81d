// A child process that answers one line of JSON for each line it is sent, and the Python that PyTorch lives in.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

/** Steps timed by a child. */
export interface Timing {
  readonly seconds: number;
  /** Largest resident memory so far, in bytes. */
  readonly memory: number;
}

/** One side of a comparison, kept open so that pairs can alternate. */
export class Peer {
  private readonly child: ChildProcess;
  private readonly lines: Interface;
  private readonly answers: AsyncIterator<string>;

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout! });
    this.answers = this.lines[Symbol.asyncIterator]();
  }

  /** The next line the child prints. Throws Error when it ends instead. */
  async answer<T>(): Promise<T> {
    const { value, done } = await this.answers.next();
    if (done === true) throw new Error(`${this.child.spawnfile} ended without an answer`);
    return JSON.parse(value) as T;
  }

  /** Asks the child for one answer. */
  ask<T>(question: object): Promise<T> {
    this.child.stdin!.write(`${JSON.stringify(question)}\n`);
    return this.answer<T>();
  }

  /** Lets the child run `steps` steps. */
  run(steps: number): Promise<Timing> {
    return this.ask<Timing>({ steps });
  }

  close(): void {
    this.child.stdin!.end();
    this.lines.close();
    this.child.kill();
  }
}

/** Whether this Python can import PyTorch 2.5 or later. */
function hasPytorch(python: string): boolean {
  const check = 'import sys, torch; sys.exit(tuple(map(int, torch.__version__.split(".")[:2])) < (2, 5))';
  return spawnSync(python, ['-c', check], { stdio: 'ignore' }).status === 0;
}

/** A Python with PyTorch: the given one, `python3`, or a virtual environment of ours, made where `isAllowed`. */
export function findPytorch(given: string | undefined, isAllowed: boolean): string | null {
  const folder = join('.cache', 'pytorch');
  const own = join(folder, 'bin', 'python');
  for (const python of [given, 'python3', own]) {
    if (python !== undefined && hasPytorch(python)) return python;
  }
  if (!isAllowed) return null;
  console.error(`installing PyTorch into ${folder} (several hundred megabytes)`);
  if (!existsSync(own)) spawnSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  spawnSync(own, ['-m', 'pip', 'install', '--quiet', 'torch>=2.5', 'numpy'], { stdio: 'inherit' });
  return hasPytorch(own) ? own : null;
}
