// Reads a checkpoint, of a page or of the trainer, for a package's networks.
import { isNullOr, isNumber, isObject, isRecord, isWhole, type Check } from '../format/fields.ts';
import { ModelFormatError } from '../format/model-format-error.ts';
import { isSavedController } from '../format/training/augmentation/controller.ts';
import { isDataPosition, isRandomState } from '../format/training/batch-order.ts';
import { checkpointFormat } from '../format/training/checkpoint-bytes.ts';
import type { FloatTensor } from '../format/training/tensors.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';
import type { Checkpoint } from './checkpoint.ts';
import { mapped, type Figures, type SavedSums } from './gathered.ts';
import { readVerified } from './read-verified.ts';

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
  const { tensors, checked } = await readVerified(bytes, [checkpointFormat], where);
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
