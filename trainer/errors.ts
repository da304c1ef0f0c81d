// The one error that is the user's to mend: the CLI prints its message without a stack and exits with 2.

/** A wrong flag, file, folder or value from outside; the message says what was got, what was expected, what to do. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
