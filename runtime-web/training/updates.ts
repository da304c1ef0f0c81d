// The updates of one step: the phases that are due, each with inputs drawn as the trainer draws them.
import type { Random } from '../format/random.ts';
import { drawInputs, hasAugmentation, type RealBatch } from '../format/training/draws.ts';
import type { stepScalars } from '../format/training/step-scalars.ts';
import type { FloatTensor } from '../format/training/tensors.ts';
import { isPhaseDue, type TrainablePackage } from '../format/training/trainable.ts';
import type { HalfStep } from './entries-of.ts';
import type * as LoopParts from './loop-parts.ts';
import { timesOf, type TrainerSettings } from './settings.ts';
import type { StateDevice } from './state-device.ts';

/** Everything that the updates of one step need. */
export interface UpdatesRequest {
  readonly opened: TrainablePackage;
  readonly settings: TrainerSettings;
  /** The number of the step, from 1 on. */
  readonly stepNumber: number;
  /** The network that alone is updated; null for both. */
  readonly only: HalfStep | null;
  readonly random: Random;
  /** The probability of augmentation. */
  readonly probability: number;
  readonly parts: () => Promise<typeof LoopParts>;
  readonly run: StateDevice['run'];
  scalars(updateOfD: number): ReturnType<typeof stepScalars>;
  /** The images of the next update. */
  real(): RealBatch;
}

/** Runs them; resolves to the outputs of the last one. With only G, D's rate is 0, so that G's gradient comes from the present D. */
export async function runUpdates({
  opened,
  settings,
  stepNumber,
  only,
  random,
  probability,
  parts,
  run,
  scalars: scalarsOf,
  real,
}: UpdatesRequest): Promise<Readonly<Record<string, FloatTensor>>> {
  const { conditioning, trainable } = opened;
  let outputs: Readonly<Record<string, FloatTensor>> = {};
  for (const phase of trainable.phases) {
    if (!isPhaseDue(phase, stepNumber)) continue;
    if (only === 'generator' && phase.updates === 'discriminator') continue;
    const augmentation = hasAugmentation(phase.draws) ? (await parts()).augmentationDraws : null;
    for (let i = 0; i < timesOf(phase, settings); i++) {
      const scalars = scalarsOf(phase.updates === 'both' ? settings.criticSteps - 1 : i);
      const inputs = drawInputs(phase.draws, {
        ...{ random, conditioning, stepNumber, shape: opened, real: real() },
        scalars: only === 'generator' ? { ...scalars, criticRate: 0 } : scalars,
        ...{ probability, augmentation },
      });
      outputs = await run(phase.file, inputs);
    }
  }
  return outputs;
}
