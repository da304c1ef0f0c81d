// What the loop needs to know of a method: its state, its step, what the step is fed, and how to draw samples.
import type * as tf from '@tensorflow/tfjs-core';
import { conditionColumns, conditionName } from '../../runtime-web/format/condition.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { networkFamilies } from './architectures/table.ts';
import { augment } from './augment.ts';
import { drawCodes, joinCondition, joinLabelMaps } from './conditioning.ts';
import type { TrainConfig } from '../config/fields.ts';
import type {
  CompiledFunction,
  Engine,
  NamedHostTensors,
  NamedTensors,
  StateFunction,
} from '../engine/engine.ts';
import { growthPhases, type Stage } from '../networks/growth.ts';
import { codeHeadParameters, readCodes } from '../networks/code-head.ts';
import { initialise, type LayerSummary } from '../networks/network.ts';
import { informationLoss } from '../objectives/information.ts';
import { objectives } from '../objectives/table.ts';
import { latentInputs } from './seed-inputs.ts';
import { stepInputs, type RealBatch } from './step-inputs.ts';
import { trainingStep, type Judgement } from './step.ts';
import { slotNames } from './state.ts';
import { filled, type HostTensor, type TensorSpec } from '../graph/trace/graph.ts';

/** One method, ready to be run on an engine. */
export interface TrainingPlan {
  describe(): { readonly generator: LayerSummary[]; readonly discriminator: LayerSummary[] };
  /** Every entry of the state, drawn from `random`. */
  initialState(random: Random): NamedHostTensors;
  /** What the generator takes beside z. */
  readonly conditioning: Conditioning;
  /** The critic's updates that come before the step, each with a batch of its own; null where there are none. */
  readonly critic: {
    readonly updates: number;
    readonly step: StateFunction;
    readonly inputs: Readonly<Record<string, TensorSpec>>;
    /** The inputs of critic update `index` (0 for the first) of step `stepNumber`. */
    makeInputs(random: Random, batch: RealBatch, stepNumber: number, index: number): NamedHostTensors;
  } | null;
  readonly step: StateFunction;
  readonly stepInputs: Readonly<Record<string, TensorSpec>>;
  /** The inputs of step `stepNumber` (1 for the first); draws z, codes, mix and D's noise, in that order, from `random`. */
  makeStepInputs(random: Random, batch: RealBatch, stepNumber: number): NamedHostTensors;
  /** Every moment of Adam at zero: what the state is given where it begins anew. */
  zeroMoments(): NamedHostTensors;
  /**
   * `z` [n, latent], and `labels` or `codes` [n, columns] where the generator takes them → `images` [n, h, w, c] in [-1, 1], by
   * the averaged weights and the statistics in the state.
   */
  readonly sample: StateFunction;
  /** The same inputs → `w` [n, latent]; null for networks without styles. */
  readonly mapStyles: StateFunction | null;
  sampleInputs(count: number): Readonly<Record<string, TensorSpec>>;
  /** Re-estimates the statistics of the averaged generator over fixed latents, into the state. */
  refreshStatistics(engine: Engine): Promise<void>;
}

/** What of the model to be matters to its inputs. */
export function modelOf(config: TrainConfig, conditioning: Conditioning) {
  return { latent: { dim: config.latent, distribution: config.latentDistribution }, conditioning };
}

/**
 * Plans training for a validated config and what its generator takes beside z. A growing network has a plan for each stage, all
 * over one state; default: the last one.
 */
export function planTraining(
  config: TrainConfig,
  conditioning: Conditioning = null,
  stage: Stage = growthPhases(config).at(-1)!,
): TrainingPlan {
  const { latent, batch, averageDecay, criticSteps } = config;
  const hasAverage = averageDecay > 0;
  const networks = networkFamilies[config.network].architecture(config, conditioning, stage);
  const columns = conditionColumns(conditioning);
  const condition = conditioning && conditionName(conditioning);
  const codes = conditioning?.kind === 'codes' ? conditioning.codes : null;
  const codeHead = codeHeadParameters(config, networks.lastWidth, codes === null ? 0 : columns);
  const inputs = stepInputs(config, conditioning, networks);
  const sampleInputs = (count: number): Record<string, TensorSpec> => ({
    z: { shape: [count, latent], dtype: 'float32' },
    ...(condition !== null && { [condition]: { shape: [count, columns], dtype: 'float32' } }),
  });
  /** z with its condition behind it. */
  const latentOf = (given: NamedTensors): tf.Tensor =>
    joinCondition(given['z']!, condition === null ? null : given[condition]!);

  const judge = (
    parameters: NamedTensors,
    images: tf.Tensor,
    labels: tf.Tensor | null,
    noise: NamedTensors,
    given: NamedTensors,
  ): Judgement => {
    const changed = augment(images, noise);
    const isMapped = labels !== null && config.labelDiscriminator === 'maps';
    const { logits, last } = networks.discriminate(parameters, {
      images: isMapped ? joinLabelMaps(changed, labels) : changed,
      labels,
      masks: noise,
      inputs: given,
    });
    const answers = codes === null ? null : readCodes(config, parameters, last, networks.normaliseD);
    return { logits, codes: answers };
  };

  const { critic, both } = trainingStep({
    generate: (parameters, given) => networks.generate(parameters, latentOf(given), given),
    realImages: networks.realImages,
    judge,
    standing: networks.standing,
    trained: {
      generator: networks.trained.generator,
      discriminator: [...networks.trained.discriminator, ...Object.keys(codeHead)],
    },
    objective: objectives[config.objective],
    information: codes && ((answers, drawn) => informationLoss(codes, answers, drawn)),
    labelSmoothing: config.labelSmoothing,
    isJoined: config.discriminatorBatch === 'joined',
    penaltyWeight: config.objective === 'wgan-gp' ? config.penaltyWeight : 0,
    r1: config.r1,
    clip: config.clip,
    unroll: config.unroll,
    beta1: config.beta1,
    beta2: config.beta2,
    hasAverage,
  });

  const { statistics } = networks;
  const measure: StateFunction = (state, given) => ({ outputs: statistics.measure(state, latentOf(given)) });
  const compiledMeasures = new WeakMap<Engine, Promise<CompiledFunction>>();

  const specs = { ...networks.generator, ...networks.discriminator, ...codeHead };
  const zeroMoments = (): Record<string, HostTensor> =>
    Object.fromEntries(
      Object.entries(specs).flatMap(([name, { shape }]) => [
        [slotNames.first(name), filled(shape, 0)],
        [slotNames.second(name), filled(shape, 0)],
      ]),
    );

  return {
    describe: () => networks.summarise(),
    conditioning,

    initialState(random) {
      const G = initialise(networks.generator, random);
      const D = initialise({ ...networks.discriminator, ...codeHead }, random);
      const state: Record<string, HostTensor> = { ...G, ...D, ...zeroMoments() };
      if (hasAverage)
        for (const [name, tensor] of Object.entries(G)) state[slotNames.average(name)] = copy(tensor);
      return { ...state, ...networks.initialStatistics(random) };
    },
    zeroMoments,

    critic:
      criticSteps === 1
        ? null
        : {
            updates: criticSteps - 1,
            step: critic,
            inputs: inputs.critic,
            makeInputs: inputs.makeCritic,
          },
    step: both,
    stepInputs: inputs.both,
    makeStepInputs: inputs.makeBoth,

    sample: (state, given) => ({ outputs: { images: networks.sample(state, latentOf(given)) } }),
    mapStyles:
      networks.map === undefined
        ? null
        : (state, given) => ({ outputs: { w: networks.map!(state, latentOf(given)) } }),
    sampleInputs,

    async refreshStatistics(engine) {
      let compiled = compiledMeasures.get(engine);
      if (compiled === undefined) {
        compiled = engine.compile(measure, sampleInputs(batch));
        compiledMeasures.set(engine, compiled);
      }
      const { run } = await compiled;
      const random = new Random(config.seed);
      const runs = Math.max(2, Math.ceil(statistics.latents / batch));
      const sums = statistics.gather();
      for (let i = 0; i < runs; i++) {
        const z = random.fillLatent(new Float32Array(batch * latent), config.latentDistribution);
        const turns = Array.from({ length: batch }, (_, k) => i * batch + k);
        const given = latentInputs(modelOf(config, conditioning), z, turns);
        if (codes !== null) given['codes'] = { ...given['codes']!, data: drawCodes(codes, batch, random) };
        sums.add(await run(given));
      }
      await engine.writeState(sums.all);
    },
  };
}

function copy(tensor: HostTensor): HostTensor {
  return { ...tensor, data: tensor.data.slice() };
}
