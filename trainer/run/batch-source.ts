// Where the loop gets its batches from: an endless stream with a cursor that can be saved and set.
import type { RealBatch } from '../training/step-inputs.ts';

/** An endless stream of batches of the configured size. */
export interface BatchSource {
  /** The next batch; its arrays are the caller's until the next call. */
  next(): Promise<RealBatch>;
  /** The cursor, as plain JSON: the same source continues from it bit for bit. */
  readonly state: unknown;
}
