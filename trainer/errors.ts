// The errors that are the user's to mend: the CLI prints their message without a stack and exits with 2.

/** A wrong flag, file, folder or value from outside; the message says what was got, what was expected, what to do. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** A checkpoint that cannot be read as one: truncated, altered, or of another kind. */
export class CheckpointError extends UserError {
  override readonly name: string = 'CheckpointError';
}
