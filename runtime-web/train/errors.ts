// The errors of a training that pages can tell apart, beside those of the runtime.

/** A loss or a weight is no longer finite. The trainer is back at the last copy of its state; the message says at which step. */
export class TrainingDivergedError extends Error {
  override readonly name = 'TrainingDivergedError';
}
