// The record of networks to train for `model.json`, and the configurations that have none.
import { basename } from 'node:path';
import type { Trainable } from '../../runtime-web/format/training/trainable.ts';
import type { StepSchedule } from '../../runtime-web/format/training/step-scalars.ts';
import { isControlled } from '../../runtime-web/format/training/augmentation/controller.ts';
import type { TrainConfig } from '../config/fields.ts';
import { methodName } from '../config/method-name.ts';
import { noData } from '../data/no-data.ts';
import { UserError } from '../errors.ts';
import { growthPhases } from '../networks/growth.ts';
import { objectives } from '../objectives/table.ts';
import type { TrainingPlan } from '../training/plan.ts';

/** The record without its files and parity figures. */
export function trainableRecord(
  config: TrainConfig,
  plan: Pick<TrainingPlan, 'statistics' | 'stateEntries' | 'phases'>,
): Omit<Trainable, 'files' | 'parity'> {
  const { latents, batch, seed, names } = plan.statistics;
  return {
    method: methodName(config),
    seed: config.seed,
    batch: config.batch,
    flip: config.flip,
    state: plan.stateEntries,
    phases: plan.phases.map(({ file, updates, times, due, draws, passes }) => {
      return { file, updates, times, due, draws, outputs: passes[0]!.outputs };
    }),
    schedule: scheduleOf(config),
    ada: isControlled(config) ? { target: config.adaTarget, images: config.adaImages } : null,
    statistics: latents === 0 ? null : { latents, batch, seed, ...names },
    logit: objectives[config.objective](config).logit,
    config: { ...withoutFolders(config) },
  };
}

function scheduleOf(config: TrainConfig): StepSchedule {
  const { batch, criticSteps, learningRate, discriminatorLearningRate, schedule, learningRateEnd } = config;
  const { burnIn, warmup, beta2, beta2End, penaltyEnd, averageDecay, averageHalfLife, averageRampUp } =
    config;
  return {
    ...{ batch, criticSteps, learningRate, discriminatorLearningRate, schedule, learningRateEnd },
    ...{ burnIn, warmup, beta2, beta2End, penaltyEnd, averageDecay, averageHalfLife, averageRampUp },
  };
}

/** The configuration with the last part of each path only: a package is published, and the folders of a machine are nobody's business. */
export function withoutFolders(config: TrainConfig): TrainConfig {
  const name = (path: string | null): string | null => path && basename(path);
  return {
    ...config,
    data: config.data === 'avatars' || config.data === noData ? config.data : basename(config.data),
    labels: name(config.labels),
    from: name(config.from),
    evaluateNetwork: name(config.evaluateNetwork),
  };
}

/** Throws UserError for a configuration whose training is more than graphs over one state, each for a whole batch. */
export function refuseUntrainable(config: TrainConfig): void {
  const refuse = (flag: string, why: string): never => {
    throw new UserError(`--trainable: ${flag}: ${why}`);
  };
  if (growthPhases(config).length > 1) {
    refuse(
      `--grow-from ${config.growFrom}`,
      'the graphs of networks that grow change during training; train with --grow-from none',
    );
  }
  if (config.accumulate > 1) {
    refuse(
      `--accumulate ${config.accumulate}`,
      `a page computes a batch as a whole; train with --accumulate 1 and --batch ${config.batch / config.accumulate}`,
    );
  }
}
