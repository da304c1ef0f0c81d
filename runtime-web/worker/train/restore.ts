// A training goes on from the bytes of a checkpoint.
import type { TrainingLoop } from '../../training/loop.ts';
import type { TrainerSettings } from '../../training/settings.ts';
import { decodeCheckpoint } from '../../training/decode-checkpoint.ts';
import { keepFrozen } from './start.ts';

/** Goes on from a checkpoint, with its settings. */
export async function restore(loop: TrainingLoop, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const { state, position, config } = await decodeCheckpoint(bytes, loop.opened);
  const seed = Number(config['seed'] ?? loop.opened.trainable.seed);
  loop.restore(state, position, seed);
  if (typeof config['from'] === 'string') await keepFrozen(loop, config);
  const { learningRate, discriminatorLearningRate, criticSteps, flip } = config as Partial<TrainerSettings>;
  loop.set({
    ...(learningRate !== undefined && { learningRate }),
    ...(discriminatorLearningRate !== undefined && { discriminatorLearningRate }),
    ...(criticSteps !== undefined && { criticSteps }),
    ...(flip !== undefined && { flip }),
  });
}
