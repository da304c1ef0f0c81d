// The output of the process that runs tfjs-core's specs.

/** The result of a spec, printed as one JSON line. */
export interface SpecReport {
  /** The file's path, then the names of the groups and of the spec. */
  readonly name: string;
  readonly status: string;
  readonly failures: readonly string[];
}

/** Printed when all have run: jasmine swallows errors outside of specs, and the exit code with them. */
export const lastLine = 'all specs have run';
