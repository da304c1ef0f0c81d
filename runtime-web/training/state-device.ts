// The interface between the training loop and whatever runs a package's files.
import type { FloatTensor, FloatTensors } from '../format/training/tensors.ts';
import type { TrainingRole } from '../format/training/trainable.ts';

/** A role of a file with a graph. */
export type GraphRole = Exclude<TrainingRole, 'state'>;

/** Runs graphs over one state, which stays on its device between runs. Calls must not overlap. */
export interface StateDevice {
  /** Sets entries of the state. */
  write(entries: FloatTensors): void;
  /** The whole state. Its arrays must not be changed. */
  read(): Promise<Record<string, FloatTensor>>;
  /** Runs a file; sets the entries that it returns, and resolves to its other outputs. */
  run(role: GraphRole, inputs: FloatTensors): Promise<Record<string, FloatTensor>>;
  dispose(): Promise<void>;
}
