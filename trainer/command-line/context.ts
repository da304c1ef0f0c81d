// What the command line gives to a command: where to write, whether someone is watching, and when to stop.

/** The surroundings of a command. Commands touch neither `process.argv` nor exit codes themselves. */
export interface CommandContext {
  /** The folder that relative paths are meant from. */
  readonly cwd: string;
  /** How this program is called here, for hints: `npm run train --`, `dcgan train`. */
  readonly invocation: (command: string) => string;
  /** Writes a line to stdout. */
  readonly print: (line: string) => void;
  /** Writes a line to stderr. */
  readonly complain: (line: string) => void;
  /** Whether stderr is a terminal, that a progress bar can be drawn on. */
  readonly isTerminal: boolean;
  /** Aborts at the first Ctrl-C (or SIGTERM); a second one ends the process whatever the command does. */
  readonly signal: AbortSignal;
  /** What the process ends with when the command returns; 0 unless set. */
  exitCode: number;
}

/** The exit code of a command that was interrupted. */
export const interruptedExitCode = 130;

/** Whether an error says no more than that the signal has stopped something. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
