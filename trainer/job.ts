// The interface between long work and its caller: progress, printed lines, warnings, and a signal to stop.

/** Progress of the parts of a job; closed when the job ends or fails. */
export interface JobProgress {
  /** Shows that `done` of `total` units are done. A new part begins when `part` changes. */
  show(part: string, done: number, total: number): void;
  close(): void;
}

/** The caller's side of long work. */
export interface Job {
  /** The folder that relative paths are resolved against. */
  readonly cwd: string;
  /** The shell command for another command of the program, for hints: `npm run train --`, `npx dcgan walk`. */
  readonly invocation: (command: string) => string;
  /** Prints a line of the result (stdout). */
  readonly print: (line: string) => void;
  /** Prints a warning or a status line (stderr). */
  readonly warn: (line: string) => void;
  /** Progress in units such as `images`. */
  readonly progress: (unit: string) => JobProgress;
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
}
