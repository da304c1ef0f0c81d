// The context of a command: output, progress, the signal to stop, and the exit code.
import type { Job } from '../job.ts';
import type { ViewerFiles } from './invocation.ts';

/** The context of a command. Commands touch neither `process.argv` nor the exit code themselves. */
export interface CommandContext extends Job {
  /** The place of the viewer's files, for hints. */
  readonly viewerFiles: ViewerFiles;
  /** True if stderr is a terminal, so that a progress bar can be drawn. */
  readonly isTerminal: boolean;
  /** The exit code when the command returns; 0 unless set. */
  exitCode: number;
}

/** The exit code of a command that was interrupted. */
export const interruptedExitCode = 130;

/** True for the error that the signal's abort throws. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
