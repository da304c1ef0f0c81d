// A training plan for points in the plane: small dense networks, the same step as for images, and the field that G's samples see.
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../runtime-web/format/random.ts';
import { drawState, type StateEntry } from '../../runtime-web/format/training/initial-state.ts';
import { defaultConfig, type TrainConfig } from '../config/fields.ts';
import type { NamedHostTensors, StateFunction } from '../engine/engine.ts';
import type { TensorSpec } from '../graph/trace/graph.ts';
import { generatePoints, judgePoints, planeEntries } from '../networks/plane.ts';
import { objectives } from '../objectives/table.ts';
import type { TrainingPlan, UpdatePhase } from './plan.ts';
import { slotNames } from './state.ts';
import { stepInputs } from './step-inputs.ts';
import { trainingStep, type StepOptions } from './step.ts';

/** A plan, ready to be recorded. */
export interface PlanePlan extends Pick<
  TrainingPlan,
  'stateEntries' | 'phases' | 'sample' | 'sampleInputs' | 'statistics' | 'judge' | 'judgeInputs'
> {
  /** Draws every entry of the state. */
  initialState(random: Random): NamedHostTensors;
  /**
   * `points` and `real` [batch, 2] → `slopes` [batch, 2]: for each point the gradient of its own part of G's loss, as if G had made the
   * batch. Where the step unrolls, D is unrolled too, with the scalars `criticRate` and `criticUpdate`.
   */
  readonly field: StateFunction;
  readonly fieldInputs: Readonly<Record<string, TensorSpec>>;
}

/** The settings that planes use; the other keys of a configuration are of images. */
export const planeKeys = [
  ...(['seed', 'steps', 'images', 'minutes', 'batch', 'latent', 'latentDistribution'] as const),
  ...(['objective', 'labelSmoothing', 'penaltyWeight', 'r1', 'r2', 'clip', 'unroll', 'criticSteps'] as const),
  ...(['learningRate', 'discriminatorLearningRate', 'beta1', 'beta2'] as const),
] as const satisfies readonly (keyof TrainConfig)[];

/** The unrolled paper's settings (Metz 2017, appendix A), with batches of 256 in place of 512. A run has no end. */
const usual: Partial<TrainConfig> = {
  ...{ steps: null, images: null, minutes: null },
  ...{ batch: 256, latent: 256, latentDistribution: 'normal' },
  ...{ learningRate: 1e-3, discriminatorLearningRate: 1e-4, beta1: 0.5, beta2: 0.999 },
  ...{ r1: 0, r2: 0, clip: 0, averageDecay: null, averageHalfLife: null },
};

/** A configuration for points: the paper's settings, with these in their place. */
export function planeConfig(values: Partial<Pick<TrainConfig, (typeof planeKeys)[number]>>): TrainConfig {
  return { ...defaultConfig, ...usual, ...values };
}

/** Plans training on points; `config` is of {@link planeConfig}. */
export function planPlane(config: TrainConfig): PlanePlan {
  const { batch, latent, criticSteps, unroll } = config;
  const parameters = planeEntries(latent);
  const zero = { kind: 'constant', value: 0 } as const;
  const stateEntries = [
    ...parameters,
    ...parameters.flatMap(({ name, shape }): StateEntry[] => [
      { name: slotNames.first(name), shape, initial: zero },
      { name: slotNames.second(name), shape, initial: zero },
    ]),
  ];
  const stepOf = (generate: StepOptions['generate']) =>
    trainingStep({
      generate,
      discriminate: (D, points) => ({ logits: judgePoints(D, points), codes: null }),
      objective: objectives[config.objective](config),
      isJoined: false,
      ...{ unroll, r1: config.r1, r2: config.r2, clip: config.clip },
      ...{ beta1: config.beta1, beta2: config.beta2, hasAverage: false },
    });
  const steps = stepOf((G, { z }) => generatePoints(G, z!));
  const inputs = stepInputs(
    config,
    null,
    { size: { width: 2, height: 1 }, dropped: [], draws: [], updateAt: (stepNumber) => stepNumber },
    [2],
  );
  const phase = (part: 'critic' | 'step', times: number, outputs: readonly string[]): UpdatePhase => {
    const update = steps[part];
    return {
      ...{ name: part, file: part, times, update, due: [], isDue: () => true, ...inputs[part] },
      updates: part === 'step' ? 'both' : 'discriminator',
      passes: [{ name: part, update, inputs: inputs[part].inputs, parts: 1, outputs }],
    };
  };
  const points = { shape: [batch, 2], dtype: 'float32' } as const;
  const scalar = { shape: [], dtype: 'float32' } as const;
  const { slopes } = stepOf((_, given) => given['points']!);
  return {
    stateEntries,
    initialState: (random) => drawState(stateEntries, random),
    phases: [
      ...(criticSteps > 1 ? [phase('critic', criticSteps - 1, [])] : []),
      phase('step', 1, ['dLoss', 'gLoss', 'dReal', 'dFake']),
    ],
    sample: (state, { z }) => ({ outputs: { points: generatePoints(state, z!) } }),
    sampleInputs: (count) => ({ z: { shape: [count, latent], dtype: 'float32' } }),
    statistics: {
      ...{ latents: 0, batch, seed: config.seed, names: { means: [], moments: [] } },
      measure: () => ({}),
    },
    judge: (state, given) => ({ outputs: { logits: judgePoints(state, given['points']!) } }),
    judgeInputs: { points },
    field(state, given) {
      const { outputs } = slopes(state, given);
      // The loss is a mean over the batch.
      return { outputs: { slopes: tf.mul(outputs!['slopes']!, batch) } };
    },
    fieldInputs: { points, real: points, criticRate: scalar, criticUpdate: scalar },
  };
}
