// Checkpoints: one safetensors file with the state and everything else that a run needs to continue bit for bit. Its metadata has
// a SHA-256 of header and tensors, by which a damaged file is recognised. A state with NaN or infinity is never saved.
import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  below,
  isNullOr,
  isNumber,
  isRecord,
  isWhole,
  type Check,
  type Place,
} from '../../runtime-web/format/fields.ts';
import type { Origin } from '../../runtime-web/format/model.ts';
import { isOrigin } from '../../runtime-web/format/parse-model.ts';
import type { RandomState } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../config/fields.ts';
import {
  isDataPosition,
  isRandomState,
  type DataPosition,
} from '../../runtime-web/format/training/batch-order.ts';
import {
  checkpointFormat,
  checkpointParts,
  withoutDigest,
} from '../../runtime-web/format/training/checkpoint-bytes.ts';
import { bytesOfTensor } from '../../runtime-web/format/training/safetensors.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { CheckpointError } from '../errors.ts';
import { resolveOverDefault } from '../config/presets.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { writeAtomically, writeFully } from '../files/atomic-file.ts';
import { IrregularFileError, openRegular } from '../files/regular-file.ts';
import {
  isSavedController,
  type SavedController,
} from '../../runtime-web/format/training/augmentation/controller.ts';
import { isEvaluation, type Evaluation } from '../metrics/evaluation.ts';
import { isSavedEvaluations, type SavedEvaluations } from './evaluation-plan.ts';
import { isSavedGathered, type SavedGathered } from './gather.ts';
import { readHeader, readTensor } from './safetensors.ts';

/** The position of a run: everything that changes during training except tensors. */
export interface Position {
  /** Updates done. */
  readonly step: number;
  /** Real images shown. */
  readonly images: number;
  /** Seconds of the steps alone, over all sessions of the run. */
  readonly stepSeconds: number;
  /** Seconds of training, samples and checkpoints included, over all sessions of the run. */
  readonly secondsElapsed: number;
  /** State of the random stream for latents and masks. */
  readonly random: RandomState;
  /** Number of rollbacks after a collapse. */
  readonly rollbacks: number;
  /** The sampler's position in the data; null for imported weights that have seen none. */
  readonly sampler: DataPosition | null;
  /** The metrics since the last report. */
  readonly gathered: SavedGathered;
  /** The run's evaluations so far; absent before the first. */
  readonly evaluations?: SavedEvaluations;
  /** The probability of augmentation; absent where it does not move. */
  readonly augmentation?: SavedController;
}

/** The metadata of a checkpoint. */
export interface CheckpointMetadata extends Position {
  readonly config: TrainConfig;
  /** `Engine.fingerprint` of the engine that trained it. */
  readonly engine: Readonly<Record<string, string | number>>;
  /** The data: name, number of images, class names, fingerprint. Empty for imported weights that have not been trained here. */
  readonly dataset: Readonly<Record<string, unknown>>;
  /** The files that the weights at the beginning were imported from; absent if they were random. */
  readonly origin?: Origin;
  /** The figures of this very state; only in the best checkpoint. */
  readonly evaluation?: Evaluation;
}

/** A checkpoint in memory. */
export interface Checkpoint {
  readonly path: string;
  readonly metadata: CheckpointMetadata;
  readonly state: NamedHostTensors;
}

const namePattern = /^step-(\d{6,})\.safetensors$/;

/** Thrown for a state that holds NaN or infinity; `tensor` is the name of the first such entry. */
export class NotFiniteError extends Error {
  override readonly name = 'NotFiniteError';
  readonly tensor: string;
  constructor(tensor: string) {
    super(`${tensor} holds a number that is not finite`);
    this.tensor = tensor;
  }
}

/** File name of a step's checkpoint, like its sample grid's: `step-000500.safetensors`. */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, '0')}.safetensors`;
}

/**
 * Saves a checkpoint into `folder` atomically, then removes all but the `keep` newest. Resolves to its path. Throws NotFiniteError,
 * before anything is written, for a state that is not finite. File-system errors are rethrown.
 */
export async function saveCheckpoint(
  folder: string,
  state: NamedHostTensors,
  metadata: CheckpointMetadata,
  keep: number,
): Promise<string> {
  const path = join(folder, checkpointName(metadata.step));
  await writeCheckpoint(path, state, metadata);
  for (const old of (await listCheckpoints(folder)).slice(keep)) await rm(old, { force: true });
  return path;
}

/** Writes one checkpoint atomically. Throws as {@link saveCheckpoint} does. */
export async function writeCheckpoint(
  path: string,
  state: NamedHostTensors,
  metadata: CheckpointMetadata,
): Promise<void> {
  for (const [name, { dtype, data }] of Object.entries(state)) {
    if (dtype === 'float32' && !isAllFinite(data)) throw new NotFiniteError(name);
  }
  const { hashed, withDigest } = checkpointParts(state, { ...metadata });
  const hash = createHash('sha256');
  for (const part of hashed) hash.update(part);
  const parts = withDigest(hash.digest('hex'));
  await writeAtomically(path, async (file) => {
    for (const part of parts) await writeFully(file, part);
  });
}

const stepOf = (name: string): number => Number(namePattern.exec(name)?.[1]);

/** The paths of a folder's checkpoints, newest first. */
export async function listCheckpoints(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => namePattern.test(name));
  return names.sort((a, b) => stepOf(b) - stepOf(a)).map((name) => join(folder, name));
}

/** Loads one checkpoint. Throws CheckpointError if it is truncated, damaged or another kind of file. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  await using file = await openRegular(path).catch((error: unknown) => {
    if (error instanceof IrregularFileError) throw new CheckpointError(`${path}: ${error.message}`);
    throw error;
  });
  const { header, bytes } = await readHeader(file, path);
  const { format, sha256 } = header.metadata;
  if (format !== checkpointFormat || sha256 === undefined) {
    throw new CheckpointError(`${path}: not a checkpoint of this program (format ${format ?? 'missing'})`);
  }
  const hash = createHash('sha256').update(withoutDigest(bytes, sha256));
  const state: Record<string, HostTensor> = {};
  for (const entry of header.tensors) {
    const tensor = await readTensor(file, header, entry, path);
    hash.update(bytesOfTensor(tensor));
    state[entry.name] = tensor;
  }
  if (hash.digest('hex') !== sha256) {
    throw new CheckpointError(`${path}: corrupt (its content does not match its sha256)`);
  }
  return { path, metadata: parseMetadata(header.metadata, path), state };
}

/** The metadata of one checkpoint, without its tensors. Throws CheckpointError as {@link loadCheckpoint} does, but checks no content. */
export async function readCheckpointMetadata(path: string): Promise<CheckpointMetadata> {
  await using file = await openRegular(path).catch((error: unknown) => {
    if (error instanceof IrregularFileError) throw new CheckpointError(`${path}: ${error.message}`);
    throw error;
  });
  return parseMetadata((await readHeader(file, path)).header.metadata, path);
}

/**
 * The newest readable checkpoint of a folder, with a complaint for each newer one that is unreadable; null if the folder has no
 * checkpoint. Throws CheckpointError if all of its checkpoints are unreadable.
 */
export async function loadNewestCheckpoint(
  folder: string,
): Promise<{ readonly checkpoint: Checkpoint; readonly complaints: readonly string[] } | null> {
  const complaints: string[] = [];
  for (const path of await listCheckpoints(folder)) {
    try {
      return { checkpoint: await loadCheckpoint(path), complaints };
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      complaints.push(error.message);
    }
  }
  if (complaints.length === 0) return null;
  throw new CheckpointError(`no checkpoint in ${folder} can be read: ${complaints.join('; ')}`);
}

/**
 * The newest checkpoint before `step`. If there is none, the folder's oldest checkpoint, or null for an empty folder. Throws
 * CheckpointError if the file is unreadable.
 */
export async function loadCheckpointBefore(folder: string, step: number): Promise<Checkpoint | null> {
  const paths = await listCheckpoints(folder);
  const path = paths.find((candidate) => stepOf(basename(candidate)) < step) ?? paths.at(-1);
  return path === undefined ? null : loadCheckpoint(path);
}

/** True if every element is finite. A plain loop, because a state has up to 100 million elements. */
function isAllFinite(data: ArrayLike<number>): boolean {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false;
  return true;
}

function parseMetadata(strings: Readonly<Record<string, string>>, path: string): CheckpointMetadata {
  try {
    const read = (key: string): unknown => JSON.parse(strings[key] ?? 'null');
    const config = resolveOverDefault([{ source: path, values: read('config') as Record<string, unknown> }]);
    const place: Place = { file: path, path: '', isLenient: false };
    const checked = <T>(key: string, check: Check<T>): T => check(read(key), below(place, key));
    const origin = checked('origin', isNullOr(isOrigin));
    const evaluation = checked('evaluation', isNullOr(isEvaluation));
    const evaluations = checked('evaluations', isNullOr(isSavedEvaluations));
    const augmentation = checked('augmentation', isNullOr(isSavedController));
    return {
      step: checked('step', isWhole(0)),
      images: checked('images', isWhole(0)),
      stepSeconds: checked('stepSeconds', isNumber(0)),
      secondsElapsed: checked('secondsElapsed', isNumber(0)),
      random: checked('random', isRandomState),
      rollbacks: checked('rollbacks', isNullOr(isWhole(0))) ?? 0,
      sampler: checked('sampler', isNullOr(isDataPosition)),
      gathered: checked('gathered', isSavedGathered),
      config,
      engine: checked('engine', isRecord) as CheckpointMetadata['engine'],
      dataset: checked('dataset', isRecord),
      ...(origin !== null && { origin }),
      ...(evaluation !== null && { evaluation }),
      ...(evaluations !== null && { evaluations }),
      ...(augmentation !== null && { augmentation }),
    };
  } catch (error) {
    throw new CheckpointError(`${path}: its metadata cannot be read (${(error as Error).message})`);
  }
}
