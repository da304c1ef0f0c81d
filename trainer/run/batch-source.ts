// The loop's source of batches: an endless stream with a cursor that can be saved and restored.
import type { RealBatch } from '../training/step-inputs.ts';

/** An endless stream of batches of the configured size. */
export interface BatchSource {
  /** The next batch. The caller may use its arrays until the next call. */
  next(): Promise<RealBatch>;
  /** The cursor as plain JSON, from which the same source continues bit for bit. */
  readonly state: unknown;
}
