// The interface between long work and whoever asked for it: how to report progress, print, warn, and when to stop.

/** Progress of the parts of a job; closed when the job ends, however it ends. */
export interface JobProgress {
  /** `done` of `total` units are done. Another part begins when `part` changes. */
  show(part: string, done: number, total: number): void;
  close(): void;
}

/** What long work receives from its caller. */
export interface Job {
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** How to call another command here, for hints: `npm run train --`, `npx dcgan walk`. */
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
