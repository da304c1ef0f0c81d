// A training as a checkpoint of the trainer: one file with which page and server go on from each other.
import { checkpointParts } from '../format/training/checkpoint-bytes.ts';
import type { FloatTensors } from '../format/training/tensors.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';
import { joined } from '../format/joined.ts';
import type { TrainingImages } from './images.ts';
import type { Position } from './position.ts';

/** A checkpoint in memory. */
export interface Checkpoint {
  readonly state: FloatTensors;
  readonly position: Position;
  /** The trainer's configuration, complete. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Facts about the making of a checkpoint, beside its content. */
export interface CheckpointOrigin {
  /** The engine's name and version, as the trainer compares them when it resumes. */
  readonly engine: Readonly<Record<string, string | number>>;
  readonly dataset: Readonly<Record<string, unknown>>;
}

/** The data as a checkpoint describes them. `page` says that their number and classes are all that is known of them. */
export function datasetOf(
  images: TrainingImages,
  { conditioning }: Pick<TrainablePackage, 'conditioning'>,
): Record<string, unknown> {
  const { name, count, row } = images;
  const classNames = conditioning?.kind === 'classes' ? conditioning.names : null;
  return { name, count, classNames, page: true, ...(row !== null && { conditioning }) };
}

/** The bytes of a checkpoint. `sha256Of` gives the digest of bytes in hexadecimal. */
export async function encodeCheckpoint(
  { state, position, config }: Checkpoint,
  { engine, dataset }: CheckpointOrigin,
  sha256Of: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { gathered, augmentation, ...rest } = position;
  const { hashed, withDigest } = checkpointParts(state, {
    ...rest,
    rollbacks: 0,
    gathered: { ...gathered, evaluation: null },
    ...(augmentation && { augmentation }),
    ...{ config, engine, dataset },
  });
  const bytes = joined(hashed);
  // The digest replaces zeros in the header, so only the header is written again.
  const [header] = withDigest(await sha256Of(bytes));
  bytes.set(header!);
  return bytes;
}
