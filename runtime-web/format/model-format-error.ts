// The one error of the model format; a class of its own because pages and commands tell it from their own faults.

/** A `model.json` (or a file that it lists) that is not what it should be: the message says what, where, expected. */
export class ModelFormatError extends Error {
  override readonly name: string = 'ModelFormatError';
}
