// A training as a checkpoint of the trainer: one file with which page and server go on from each other.
import {
  below,
  isNullOr,
  isNumber,
  isObject,
  isRecord,
  isWhole,
  type Check,
  type Place,
} from '../format/fields.ts';
import { ModelFormatError } from '../format/model-format-error.ts';
import { isSavedController } from '../format/training/augmentation/controller.ts';
import { isDataPosition, isRandomState } from '../format/training/batch-order.ts';
import { checkpointFormat, checkpointParts, withoutDigest } from '../format/training/checkpoint-bytes.ts';
import { decodeSafetensors, headerLength } from '../format/training/safetensors.ts';
import type { FloatTensor, FloatTensors } from '../format/training/tensors.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';
import { joined } from '../format/joined.ts';
import type { TrainingImages } from './images.ts';
import { mapped, type Figures, type SavedSums } from './gathered.ts';
import type { Position } from './position.ts';
import { sha256Of } from './sha256.ts';

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

/** The bytes of a checkpoint. */
export async function encodeCheckpoint(
  { state, position, config }: Checkpoint,
  { engine, dataset }: CheckpointOrigin,
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

const isFigures: Check<Figures> = isObject(({ get }) => mapped((name) => get(name, isNumber())));
const isSums: Check<SavedSums> = isObject(({ get }) => {
  get('evaluation', (value) => value);
  return {
    sums: get('sums', isFigures),
    count: get('count', isWhole(0)),
    images: get('images', isWhole(0)),
    seconds: get('seconds', isNumber(0)),
    diversity: get('diversity', isNullOr(isNumber(0))),
  };
});

/**
 * Reads a checkpoint for a package's networks. Throws ModelFormatError, which names it `where`, for bytes that are truncated, damaged or no
 * checkpoint, and for the state of other networks or another method.
 */
export async function decodeCheckpoint(
  bytes: Uint8Array<ArrayBuffer>,
  opened: TrainablePackage,
  where = 'state',
): Promise<Checkpoint> {
  const refuse = (why: string): never => {
    throw new ModelFormatError(`${where}: ${why}`);
  };
  const { tensors, metadata } = decodeSafetensors(bytes, where);
  const { format, sha256 } = metadata;
  if (format !== checkpointFormat || sha256 === undefined)
    return refuse(`not a checkpoint (format ${format ?? 'missing'}); give one of dcgan train, or of a page`);
  const start = 8 + headerLength(bytes, refuse);
  const hashed = joined([withoutDigest(bytes.slice(0, start), sha256), bytes.subarray(start)]);
  if ((await sha256Of(hashed)) !== sha256)
    return refuse('corrupt (its content does not match its sha256); copy it again');
  const place: Place = { file: where, path: '', isLenient: true };
  const checked = <T>(key: string, check: Check<T>): T => {
    let value: unknown;
    try {
      value = JSON.parse(metadata[key] ?? 'null');
    } catch {
      return refuse(`its ${key} is not JSON`);
    }
    return check(value, below(place, key));
  };
  const config = checked('config', isRecord);
  const own = opened.trainable.config;
  for (const key of ['network', 'objective', 'condition', 'latentDistribution']) {
    if (config[key] !== own[key])
      return refuse(
        `it was trained with ${key} ${String(config[key])}, and the package has ${String(own[key])}; load it into a package that its run exports`,
      );
  }
  const state: Record<string, FloatTensor> = {};
  const names = new Set([...opened.trainable.state.map(({ name }) => name), ...Object.keys(tensors)]);
  const shapes = new Map(opened.trainable.state.map(({ name, shape }) => [name, `[${shape.join()}]`]));
  for (const name of names) {
    const tensor = tensors[name];
    const got = tensor === undefined ? 'missing' : `[${tensor.shape.join()}]`;
    const expected = shapes.get(name) ?? 'no such entry';
    if (got !== expected || tensor?.dtype !== 'float32')
      return refuse(
        `${name} is ${got}, the package's networks have ${expected}; load it into a package that its run exports`,
      );
    state[name] = tensor as FloatTensor;
  }
  const augmentation = checked('augmentation', isNullOr(isSavedController));
  return {
    state,
    config,
    position: {
      step: checked('step', isWhole(0)),
      images: checked('images', isWhole(0)),
      stepSeconds: checked('stepSeconds', isNumber(0)),
      secondsElapsed: checked('secondsElapsed', isNumber(0)),
      random: checked('random', isRandomState),
      sampler: checked('sampler', isNullOr(isDataPosition)),
      gathered: checked('gathered', isSums),
      ...(augmentation && { augmentation }),
    },
  };
}
