// The scalar inputs of an update: learning rates, counts of updates, β2, the factor of the penalties, and the decay of the averages.
import { averageDecayAt, type AverageConfig, type ScheduleConfig, type Scheduled } from './schedule.ts';

/** The settings that determine them. */
export interface StepSchedule extends ScheduleConfig, AverageConfig {
  readonly batch: number;
  /** Updates of D in a step. */
  readonly criticSteps: number;
  /** D's learning rate; null if it is G's. */
  readonly discriminatorLearningRate: number | null;
}

/** Counts of the updates before one. */
export interface UpdateCounts {
  /** Adam's count of the updates of G, this step's included: the step's number, or since the optimiser was reset. */
  readonly update: number;
  /** 0 for the step's first update of D; the update of both networks has the last one. */
  readonly updateOfD: number;
}

/** All scalars by name; an update takes those that its graph has. */
export function stepScalars(
  config: StepSchedule,
  { update, updateOfD }: UpdateCounts,
  { rateFactor, beta2, penaltyFactor }: Scheduled,
) {
  const { batch, criticSteps, learningRate, discriminatorLearningRate } = config;
  return {
    criticRate: rateFactor * (discriminatorLearningRate ?? learningRate),
    criticUpdate: (update - 1) * criticSteps + updateOfD + 1,
    beta2,
    penaltyFactor,
    learningRate: rateFactor * learningRate,
    update,
    // The average warms up, also at each new resolution, so that the first samples do not show the initial weights.
    averageDecay: averageDecayAt(config, update, batch * criticSteps),
  };
}
