// The settings of a training that may change between two steps, and the package's configuration with them.
import type { StepSchedule } from '../format/training/step-scalars.ts';
import type { Trainable, TrainingPhase } from '../format/training/trainable.ts';

/** Settings that may change while a training goes on. */
export interface TrainerSettings {
  /** Learning rate of G, and of D where it has none of its own; above 0, at most 10. */
  readonly learningRate: number;
  /** D's own; null if it is G's. */
  readonly discriminatorLearningRate: number | null;
  /** Updates of D in a step, from 1 to 100. Only a package with an update of D alone can have more than it was exported with. */
  readonly criticSteps: number;
  /** Mirror half of the images at random. */
  readonly flip: boolean;
}

/** The settings of a package. */
export function settingsOf({ schedule, flip }: Trainable): TrainerSettings {
  const { learningRate, discriminatorLearningRate, criticSteps } = schedule;
  return { learningRate, discriminatorLearningRate, criticSteps, flip };
}

/** Settings with changes. Throws RangeError and TypeError for values out of range, and for critic steps that the package cannot do. */
export function changedSettings(
  settings: TrainerSettings,
  change: Partial<TrainerSettings>,
  phases: readonly TrainingPhase[],
): TrainerSettings {
  const changed = { ...settings, ...change };
  const { learningRate, discriminatorLearningRate, criticSteps, flip } = changed;
  for (const [name, rate] of Object.entries({ learningRate, discriminatorLearningRate })) {
    if (rate === null && name !== 'learningRate') continue;
    if (!(typeof rate === 'number' && rate > 0 && rate <= 10))
      throw new RangeError(`${name}: got ${rate}, expected a number above 0, at most 10`);
  }
  if (!Number.isInteger(criticSteps) || criticSteps < 1 || criticSteps > 100)
    throw new RangeError(`criticSteps: got ${criticSteps}, expected a whole number from 1 to 100`);
  if (criticSteps > 1 && !phases.some(({ updates }) => updates === 'discriminator'))
    throw new RangeError(
      `criticSteps: got ${criticSteps}, and the package has no update of D alone; export it with --critic-steps 2 or more`,
    );
  if (typeof flip !== 'boolean') throw new TypeError(`flip: got ${String(flip)}, expected true or false`);
  return changed;
}

/** The schedule with settings; the end rate keeps its share of the learning rate. */
export function scheduleWith(schedule: StepSchedule, settings: TrainerSettings): StepSchedule {
  const { learningRate, discriminatorLearningRate, criticSteps } = settings;
  const learningRateEnd = schedule.learningRateEnd * (learningRate / schedule.learningRate);
  return { ...schedule, learningRate, discriminatorLearningRate, criticSteps, learningRateEnd };
}

/** Number of runs of a phase in a step. */
export function timesOf({ updates, times }: TrainingPhase, { criticSteps }: TrainerSettings): number {
  return updates === 'discriminator' ? criticSteps - 1 : times;
}
