// A training plan: all that the training loop needs of a configuration's networks and method: the initial state,
// the phases of a step, and the sampling functions.
import * as tf from '@tensorflow/tfjs-core';
import { conditionColumns, conditionFor, conditionName } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import {
  isPhaseDue,
  type Due,
  type TrainingPhase,
  type UpdateRole,
} from '../../runtime-web/format/training/trainable.ts';
import { growthInput } from './architectures/stylegan.ts';
import { networkFamilies } from './architectures/table.ts';
import { augment } from './augmentation/augmentation.ts';
import { isControlled } from '../../runtime-web/format/training/augmentation/controller.ts';
import { drawState, type StateEntry } from '../../runtime-web/format/training/initial-state.ts';
import { joinCondition } from './conditioning.ts';
import type { TrainConfig } from '../config/fields.ts';
import { imageShape } from '../config/image-size.ts';
import { stagesOf } from '../config/stages.ts';
import type {
  CompiledFunction,
  Engine,
  NamedHostTensors,
  NamedTensors,
  StateFunction,
} from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { growthName, growthPhases, type Stage } from '../networks/growth.ts';
import { joinLabelMaps } from '../networks/label-maps.ts';
import { spectrallyNormalised } from '../networks/spectral-norm.ts';
import { codeHeadParameters, readCodes } from '../networks/code-head.ts';
import { parameterEntries, type LayerSummary } from '../networks/network.ts';
import { isAveraged } from '../networks/state.ts';
import { informationLoss } from '../objectives/information.ts';
import { objectives } from '../objectives/table.ts';
import {
  Statistics,
  statisticsInputs,
  type StatisticNames,
  type StatisticsLatents,
} from '../../runtime-web/format/training/statistics.ts';
import { stepInputs, type PhaseInputs } from './step-inputs.ts';
import { trainingStep, type DiscriminatorOutput, type PenaltyOfG, type TrainingStep } from './step.ts';
import { slotNames } from './state.ts';
import { filled, type TensorSpec } from '../graph/trace/graph.ts';

/** One kind of update. A step runs every phase that is due, in the plan's order. */
export interface UpdatePhase extends PhaseInputs {
  /** `critic/plain`, `critic/regularised`, `step/plain`, `step/regularised`, and both of the step with `+path`. */
  readonly name: string;
  /** The update's file in a package of networks to train. */
  readonly file: UpdateRole;
  readonly updates: TrainingPhase['updates'];
  /** The conditions of the steps that run it. */
  readonly due: readonly Due[];
  /** True if step `stepNumber` (1 for the first) runs this phase. */
  isDue(stepNumber: number): boolean;
  /** Number of runs in a step, each with its own batch. */
  readonly times: number;
  /** The whole update as one function. */
  readonly update: StateFunction;
  /** The functions that are run: `update` itself, or with accumulation, those that make it of the parts of a batch. */
  readonly passes: readonly Pass[];
}

/** One function of an update. */
export interface Pass {
  /** `step/plain`, or `step/plain/sumD`, … */
  readonly name: string;
  readonly update: StateFunction;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** Number of parts of the update's batch, each of which is one run; 1 for the whole batch. */
  readonly parts: number;
  readonly outputs: readonly string[];
}

/** One configuration, ready to run on an engine. */
export interface TrainingPlan {
  describe(): { readonly generator: LayerSummary[]; readonly discriminator: LayerSummary[] };
  /** Every entry of the state, in the order in which they are drawn. */
  readonly stateEntries: readonly StateEntry[];
  /** Draws every entry of the state from `random`. */
  initialState(random: Random): NamedHostTensors;
  /** The generator's inputs beside z. */
  readonly conditioning: Conditioning;
  /** The last phase updates both networks, and its outputs are the step's metrics. */
  readonly phases: readonly UpdatePhase[];
  /** Adam's moments, all zero, to reset the optimiser. */
  zeroMoments(): NamedHostTensors;
  /** The entries of the state that no checkpoint has: sums of gradients, all zero; none without accumulation. */
  transientState(): NamedHostTensors;
  /**
   * `z` [n, latent], with `labels` or `codes` [n, columns] if the generator is conditional → `images` [n, h, w, c] in [-1, 1],
   * by the averaged weights and the statistics in the state.
   */
  readonly sample: StateFunction;
  /**
   * `images` [batch, h, w, c] in [-1, 1], with their `labels` or `condition` if D takes them → `logits` [batch], as D sees a batch in
   * training, but for augmentation and dropout.
   */
  readonly judge: StateFunction;
  readonly judgeInputs: Readonly<Record<string, TensorSpec>>;
  /** The same inputs → `w` [n, latent]; null for networks without styles. */
  readonly mapStyles: StateFunction | null;
  sampleInputs(count: number): Readonly<Record<string, TensorSpec>>;
  /** The measurement of {@link TrainingPlan.refreshStatistics}: the sample's inputs → statistics of one batch, their names, and the latents. */
  readonly statistics: StatisticsLatents & {
    readonly measure: StateFunction;
    readonly names: StatisticNames;
  };
  /** Re-estimates the statistics of the averaged generator over fixed latents, and writes them to the engine's state. */
  refreshStatistics(engine: Engine): Promise<void>;
}

/** The part of `model.json` that determines the generator's inputs: latent size, distribution and conditioning. */
export function modelOf(config: TrainConfig, conditioning: Conditioning) {
  return { latent: { dim: config.latent, distribution: config.latentDistribution }, conditioning };
}

/** A compiled variant of the step: its weights of R1, R2 and path length, and the steps that use it. */
interface Variant {
  readonly name: `${'plain' | 'regularised'}${'' | '+path'}`;
  readonly r1: number;
  readonly r2: number;
  readonly pathLength: number;
  readonly due: readonly Due[];
}

/**
 * Lazy regularisation (Karras 2019, section 3.1): R1 and R2 in every `r1Every`-th step, and path length in every `pathLengthEvery`-th,
 * with their weights multiplied by it. Variants that no step uses are left out.
 */
function variantsOf(config: TrainConfig): readonly Variant[] {
  const { r1, r2, pathLength } = config;
  const r1Every = r1 + r2 > 0 ? config.r1Every : 1;
  const pathEvery = pathLength > 0 ? config.pathLengthEvery : 1;
  const steps = Array.from({ length: r1Every * pathEvery }, (_, i) => i + 1);
  return [false, true].flatMap((hasPath) =>
    [false, true].flatMap((hasR): Variant[] => {
      if ((hasR && r1 + r2 === 0) || (hasPath && pathLength === 0)) return [];
      const due = [
        ...(r1 + r2 > 0 ? [{ every: r1Every, isDue: hasR }] : []),
        ...(pathLength > 0 ? [{ every: pathEvery, isDue: hasPath }] : []),
      ];
      if (!steps.some((stepNumber) => isPhaseDue({ due }, stepNumber))) return [];
      return [
        {
          name: `${hasR ? 'regularised' : 'plain'}${hasPath ? '+path' : ''}`,
          r1: hasR ? r1 * r1Every : 0,
          r2: hasR ? r2 * r1Every : 0,
          pathLength: hasPath ? pathLength * pathEvery : 0,
          due,
        },
      ];
    }),
  );
}

/** The file of an update in a package. */
function fileOf(part: 'critic' | 'step', { name }: Variant): UpdateRole {
  const isRegularised = name.startsWith('regularised');
  if (part === 'critic') return isRegularised ? 'criticRegularised' : 'critic';
  if (name.endsWith('+path')) return isRegularised ? 'stepRegularisedPath' : 'stepPath';
  return isRegularised ? 'stepRegularised' : 'step';
}

/**
 * Plans training for a validated config. A growing network has one plan for each stage, all over the same state; `stage` defaults
 * to the last one.
 */
export function planTraining(
  config: TrainConfig,
  conditioning: Conditioning = null,
  stage: Stage = growthPhases(config).at(-1)!,
): TrainingPlan {
  const { latent, criticSteps, accumulate, freezeD } = config;
  const batch = config.batch / accumulate;
  const hasAverage = isAveraged(config);
  const hasSign = isControlled(config);
  const ofPart = { ...config, batch };
  const networks = networkFamilies[config.network].architecture(ofPart, conditioning, stage);
  const columns = conditionColumns(conditioning);
  const condition = conditioning && conditionName(conditioning);
  const codes = conditioning?.kind === 'codes' ? conditioning.codes : null;
  const { base } = stagesOf(imageShape(config));
  const lastFeatures = base.height * base.width * networks.lastWidth;
  const codeHead = codeHeadParameters(config, lastFeatures, codes === null ? 0 : columns);
  const objective = objectives[config.objective](config);
  if (freezeD > networks.layersOfD.length) {
    throw new UserError(
      `--freeze-d ${freezeD}: the discriminator has ${networks.layersOfD.length} layers between the image and its last one; give at most that`,
    );
  }
  // All random numbers are drawn for the whole batch, which is then cut into parts.
  const whole =
    accumulate === 1 ? networks : networkFamilies[config.network].architecture(config, conditioning, stage);
  const inputs = stepInputs(config, conditioning, whole);
  const partInputs = accumulate === 1 ? inputs : stepInputs(ofPart, conditioning, networks);
  const sampleInputs = (count: number): Record<string, TensorSpec> => ({
    z: { shape: [count, latent], dtype: 'float32' },
    ...(condition !== null && { [condition]: { shape: [count, columns], dtype: 'float32' } }),
  });
  /** z joined with its condition. */
  const latentOf = (given: NamedTensors): tf.Tensor =>
    joinCondition(given['z']!, condition === null ? null : given[condition]!);

  const discriminate = (
    parameters: NamedTensors,
    images: tf.Tensor,
    labels: tf.Tensor | null,
    noise: NamedTensors,
    given: NamedTensors,
  ): DiscriminatorOutput => {
    const augmented = augment(images, noise);
    const isMapped = labels !== null && config.labelDiscriminator === 'maps';
    const { logits, last } = networks.discriminate(parameters, {
      images: isMapped ? joinLabelMaps(augmented, labels) : augmented,
      labels,
      masks: noise,
      inputs: given,
    });
    const predictions = codes === null ? null : readCodes(config, parameters, last, networks.normaliseD);
    return { logits, codes: predictions };
  };

  const ofD = codes === null ? condition : null;
  const judgeInputs = {
    images: { shape: [batch, networks.size.height, networks.size.width, config.channels], dtype: 'float32' },
    ...(ofD !== null && { [ofD]: { shape: [batch, columns], dtype: 'float32' } }),
  } as const;
  const judge: StateFunction = (state, given) => {
    const labels = ofD === null ? null : given[ofD]!;
    const growth = state[growthName];
    const inputs = { ...given, ...(growth && { [growthInput]: growth }) };
    return {
      outputs: {
        logits: discriminate(spectrallyNormalised(state), given['images']!, labels, {}, inputs).logits,
      },
    };
  };

  const penaltyOfG =
    (weight: number): PenaltyOfG =>
    (parameters, state, given) => {
      const { penalty, next } = networks.penaltyOfG!(parameters, state, latentOf(given), given);
      return { penalty: tf.mul(penalty, weight), next };
    };
  const stepWith = ({ r1, r2, pathLength }: Variant): TrainingStep =>
    trainingStep({
      generate: (parameters, given) => networks.generate(parameters, latentOf(given), given),
      realImages: networks.realImages,
      discriminate,
      bookkeeping: networks.bookkeeping,
      trained: {
        generator: networks.trained.generator,
        discriminator: [...networks.trained.discriminator, ...Object.keys(codeHead)],
      },
      frozen: networks.layersOfD.slice(0, freezeD).flat(),
      parts: accumulate,
      objective,
      information: codes && ((predicted, actual) => informationLoss(codes, predicted, actual)),
      isJoined: config.discriminatorBatch === 'joined',
      r1,
      r2,
      penaltyOfG: pathLength === 0 ? null : penaltyOfG(pathLength),
      clip: config.clip,
      unroll: config.unroll,
      beta1: config.beta1,
      beta2: config.beta2End === null ? config.beta2 : null,
      hasPenaltyFactor: config.penaltyEnd !== 1,
      hasAverage,
      hasSign,
    });
  const hasPenaltyOfG = networks.penaltyOfG !== undefined;
  const phasesOf = (part: 'critic' | 'step', times: number): UpdatePhase[] => {
    // An update of D alone has no penalty of G.
    const penalised = part === 'step' && hasPenaltyOfG ? config : { ...config, pathLength: 0 };
    return variantsOf(penalised).map((variant) => {
      const { due } = variant;
      const isDue = (stepNumber: number): boolean => isPhaseDue({ due }, stepNumber);
      const updates = stepWith(variant);
      const name = `${part}/${variant.name}`;
      const pass = (kind: keyof TrainingStep['passes'], parts: number, ...outputs: string[]): Pass => ({
        ...{ name: `${name}/${kind}`, update: updates.passes[kind], parts, outputs },
        inputs: partInputs[part].inputs,
      });
      const whole = { name, update: updates[part], inputs: inputs[part].inputs, parts: 1 };
      const signs = hasSign ? ['dSign'] : [];
      const ofD = [pass('sumD', accumulate, 'dLoss', 'dReal', 'dFake', ...signs), pass('updateD', 1)];
      const ofG = [pass('sumG', accumulate, 'gLoss'), pass('updateG', 1)];
      const accumulated = part === 'step' ? [...ofD, ...ofG] : ofD;
      const outputs = part === 'step' ? ['dLoss', 'gLoss', 'dReal', 'dFake', ...signs] : [];
      return {
        ...{ name, times, due, isDue, update: updates[part], ...inputs[part] },
        file: fileOf(part, variant),
        updates: part === 'step' ? 'both' : 'discriminator',
        passes: accumulate === 1 ? [{ ...whole, outputs }] : accumulated,
      };
    });
  };

  const { statistics } = networks;
  const measure: StateFunction = (state, given) => ({ outputs: statistics.measure(state, latentOf(given)) });
  const statisticsLatents = { latents: statistics.latents, batch, seed: config.seed };
  const compiledMeasures = new WeakMap<Engine, Promise<CompiledFunction>>();

  const specs = { ...networks.generator, ...networks.discriminator, ...codeHead };
  const zero = { kind: 'constant', value: 0 } as const;
  const moments = Object.entries(specs).flatMap(([name, { shape }]): StateEntry[] => [
    { name: slotNames.first(name), shape, initial: zero },
    { name: slotNames.second(name), shape, initial: zero },
  ]);
  const averages = Object.entries(networks.generator).map(([name, { shape }]): StateEntry => ({
    name: slotNames.average(name),
    shape,
    initial: { kind: 'copy', of: name },
  }));
  const stateEntries = [
    ...parameterEntries(specs),
    ...moments,
    ...(hasAverage ? averages : []),
    ...networks.statisticsEntries,
  ];

  return {
    describe: () => networks.summarise(),
    conditioning,

    stateEntries,
    initialState: (random) => drawState(stateEntries, random),
    zeroMoments: () => Object.fromEntries(moments.map(({ name, shape }) => [name, filled(shape, 0)])),
    transientState: () =>
      accumulate === 1
        ? {}
        : Object.fromEntries(
            Object.entries(specs).map(([name, { shape }]) => [slotNames.sum(name), filled(shape, 0)]),
          ),

    phases: [...(criticSteps > 1 ? phasesOf('critic', criticSteps - 1) : []), ...phasesOf('step', 1)],

    sample: (state, given) => ({ outputs: { images: networks.sample(state, latentOf(given)) } }),
    judge,
    judgeInputs,
    mapStyles:
      networks.map === undefined
        ? null
        : (state, given) => ({ outputs: { w: networks.map!(state, latentOf(given)) } }),
    sampleInputs,
    statistics: { ...statisticsLatents, measure, names: statistics.names },

    async refreshStatistics(engine) {
      if (statistics.latents === 0) return;
      let compiled = compiledMeasures.get(engine);
      if (compiled === undefined) {
        compiled = engine.compile(measure, sampleInputs(batch));
        compiledMeasures.set(engine, compiled);
      }
      const { run } = await compiled;
      const sums = new Statistics(statistics.names);
      for (const given of statisticsInputs(modelOf(config, conditioning), statisticsLatents, conditionFor))
        sums.add(await run(given));
      await engine.writeState(sums.all);
    },
  };
}
