// The interface between the loop and its source of batches.
import type { DataPosition } from '../../runtime-web/format/training/batch-order.ts';
import type { RealBatch } from '../../runtime-web/format/training/draws.ts';

/** An endless stream of batches of the configured size. */
export interface BatchSource {
  /** The next batch. Its arrays are valid until the next call. */
  next(): Promise<RealBatch>;
  /** The cursor, from which the same source continues bit for bit. */
  readonly state: DataPosition;
}
