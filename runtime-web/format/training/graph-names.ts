// Names of the inputs and outputs of a graph over a state, in the trainer and in the files of a package.

/** A state entry is an input under its own name; everything else has a prefix. */
export const graphNames = {
  /** An input that is no state entry. */
  input: (name: string): string => `input/${name}`,
  /** The next value of a state entry, an output. */
  next: (name: string): string => `next/${name}`,
  /** An output that is no state entry. */
  output: (name: string): string => `output/${name}`,
};
