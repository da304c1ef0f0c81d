// A child process that answers each line of JSON with one line of JSON; finds a Python with PyTorch.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

/** A child's timing of steps. */
export interface Timing {
  readonly seconds: number;
  /** Peak resident memory so far, in bytes. */
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

  /** The next line that the child prints, parsed. Throws Error if the child ends instead. */
  async answer<T>(): Promise<T> {
    const { value, done } = await this.answers.next();
    if (done === true) throw new Error(`${this.child.spawnfile} ended without an answer`);
    return JSON.parse(value) as T;
  }

  /** Sends `question` and resolves to the answer. */
  ask<T>(question: object): Promise<T> {
    this.child.stdin!.write(`${JSON.stringify(question)}\n`);
    return this.answer<T>();
  }

  /** Makes the child time `steps` steps. */
  run(steps: number): Promise<Timing> {
    return this.ask<Timing>({ steps });
  }

  close(): void {
    this.child.stdin!.end();
    this.lines.close();
    this.child.kill();
  }
}

/** True if this Python can import PyTorch 2.5 or later. */
function hasPytorch(python: string): boolean {
  const check = 'import sys, torch; sys.exit(tuple(map(int, torch.__version__.split(".")[:2])) < (2, 5))';
  return spawnSync(python, ['-c', check], { stdio: 'ignore' }).status === 0;
}

/**
 * A Python with PyTorch: the given one, `python3`, or a virtual environment in .cache, which is made if `mayInstall`; else null.
 */
export function findPytorch(given: string | undefined, mayInstall: boolean): string | null {
  const folder = join('.cache', 'pytorch');
  const own = join(folder, 'bin', 'python');
  for (const python of [given, 'python3', own]) {
    if (python !== undefined && hasPytorch(python)) return python;
  }
  if (!mayInstall) return null;
  console.error(`installing PyTorch into ${folder} (several hundred megabytes)`);
  if (!existsSync(own)) spawnSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  spawnSync(own, ['-m', 'pip', 'install', '--quiet', 'torch>=2.5', 'numpy'], { stdio: 'inherit' });
  return hasPytorch(own) ? own : null;
}
