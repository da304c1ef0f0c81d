// The error of the model format, a class of its own so that pages and commands can tell it apart.

/** An invalid `model.json`, or an invalid file that it lists. The message says what it got, what it expected, and where. */
export class ModelFormatError extends Error {
  override readonly name: string = 'ModelFormatError';
}
