// What the loop needs to know of a method: its state, its step, what the step is fed, and how to draw samples.
import type * as tf from '@tensorflow/tfjs-core';
import { conditionColumns, conditionName } from '../runtime-web/format/condition.ts';
import type { Conditioning } from '../runtime-web/format/model.ts';
import { Random } from '../runtime-web/format/random.ts';
import { augment } from './augment.ts';
import { drawCodes, joinCondition, joinLabelMaps, networkOptions } from './conditioning.ts';
import type { TrainConfig } from './config.ts';
import type {
  CompiledFunction,
  Engine,
  NamedHostTensors,
  NamedTensors,
  StateFunction,
} from './engine/engine.ts';
import { batchMoments, batchNorm, normaliseWith } from './networks/batch-norm.ts';
import { discriminate, discriminatorParameters, summariseDiscriminator } from './networks/discriminator.ts';
import { generate, generatorBlocks, generatorParameters, summariseGenerator } from './networks/generator.ts';
import { codeHeadParameters, readCodes } from './networks/code-head.ts';
import { LayerMoments } from './networks/layer-moments.ts';
import { layerNorm } from './networks/layer-norm.ts';
import { initialise, type LayerSummary, type Normalise } from './networks/network.ts';
import { informationLoss } from './objectives/information.ts';
import { objectives } from './objectives/table.ts';
import { latentInputs } from './seed-inputs.ts';
import { stepInputs, type RealBatch } from './step-inputs.ts';
import { below, byBatch, slotNames, trainingStep, type Judgement } from './step.ts';
import type { HostTensor, TensorSpec } from './trace/graph.ts';

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
  /**
   * `z` [n, latent], and `labels` or `codes` [n, columns] where the generator takes them → `images` [n, h, w, c] in [-1, 1], by
   * the averaged weights and the statistics in the state.
   */
  readonly sample: StateFunction;
  sampleInputs(count: number): Readonly<Record<string, TensorSpec>>;
  /** Re-estimates the batch-norm statistics of the averaged generator over fixed latents, into the state. */
  refreshStatistics(engine: Engine): Promise<void>;
}

/** Latents over which batch-norm statistics are estimated, at least. */
const statisticsCount = 512;

/** The generator's layers that batch norm follows, with their widths. */
export function normalisedLayers(
  config: TrainConfig,
): { readonly name: string; readonly channels: number }[] {
  const blocks = generatorBlocks(config);
  return [
    { name: 'generator/project', channels: blocks[0]!.from },
    ...blocks.filter((block) => !block.isImage).map(({ name, to }) => ({ name, channels: to })),
  ];
}

/** What state names of the generator that draws samples start with: that of the averaged one, where there is one. */
export function sampledPrefix({ averageDecay }: Pick<TrainConfig, 'averageDecay'>): string {
  return averageDecay > 0 ? slotNames.average('generator/') : 'generator/';
}

/** State names of a layer's statistics. */
export const statisticNames = {
  mean: (layer: string): string => `statistics/${layer}/mean`,
  variance: (layer: string): string => `statistics/${layer}/variance`,
};

/** What of the model to be matters to its inputs. */
export function modelOf(config: TrainConfig, conditioning: Conditioning) {
  return { latent: { dim: config.latent, distribution: config.latentDistribution }, conditioning };
}

/** D's norm in training. */
export function discriminatorNormalise({ discriminatorNorm }: Pick<TrainConfig, 'discriminatorNorm'>) {
  return discriminatorNorm === 'layer' ? byLayer : byBatch;
}

const byLayer: Normalise<tf.Tensor> = (_, x, scale, offset) => layerNorm(x, scale, offset);

/** Plans training for a validated config and what its generator takes beside z. */
export function planTraining(config: TrainConfig, conditioning: Conditioning = null): TrainingPlan {
  const { latent, batch, averageDecay, criticSteps } = config;
  const hasAverage = averageDecay > 0;
  const weightPrefix = sampledPrefix(config);
  const layers = normalisedLayers(config);
  const networks = networkOptions(config, conditioning);
  const columns = conditionColumns(conditioning);
  const condition = conditioning && conditionName(conditioning);
  const codes = conditioning?.kind === 'codes' ? conditioning.codes : null;
  const normaliseD = discriminatorNormalise(config);
  const inputs = stepInputs(config, conditioning);
  const sampleInputs = (count: number): Record<string, TensorSpec> => ({
    z: { shape: [count, latent], dtype: 'float32' },
    ...(condition !== null && { [condition]: { shape: [count, columns], dtype: 'float32' } }),
  });

  const generateBy = (
    parameters: NamedTensors,
    z: tf.Tensor,
    given: tf.Tensor | null,
    normalise: Normalise<tf.Tensor>,
  ): tf.Tensor => generate(networks.generator, parameters, joinCondition(z, given), normalise);

  const judge = (
    parameters: NamedTensors,
    images: tf.Tensor,
    labels: tf.Tensor | null,
    noise: NamedTensors,
  ): Judgement => {
    const { projectedClasses } = networks.discriminator;
    let last: tf.Tensor | null = null;
    const changed = augment(images, noise);
    const logits = discriminate(
      networks.discriminator,
      parameters,
      labels === null || projectedClasses > 0 ? changed : joinLabelMaps(changed, labels),
      normaliseD,
      { masks: noise, labels, observe: (_, activation) => void (last = activation) },
    );
    const answers = codes === null ? null : readCodes(networks.discriminator, parameters, last!, normaliseD);
    return { logits, codes: answers };
  };

  const { critic, both } = trainingStep({
    generate: (parameters, z, given) => generateBy(parameters, z, given, byBatch),
    judge,
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

  /** Runs the generator that samples are drawn with. */
  const generateAveraged = (
    state: NamedTensors,
    inputs: NamedTensors,
    normalise: Normalise<tf.Tensor>,
  ): tf.Tensor => {
    const given = condition === null ? null : inputs[condition]!;
    return generateBy(below(state, weightPrefix, 'generator/'), inputs['z']!, given, normalise);
  };

  const moments: StateFunction = (state, inputs) => {
    const outputs: Record<string, tf.Tensor> = {};
    generateAveraged(state, inputs, (layer, x, scale, offset) => {
      const { mean, variance } = batchMoments(x);
      outputs[statisticNames.mean(layer)] = mean;
      outputs[statisticNames.variance(layer)] = variance;
      return batchNorm(x, scale, offset);
    });
    return { outputs };
  };
  const compiledMoments = new WeakMap<Engine, Promise<CompiledFunction>>();

  return {
    describe: () => ({
      generator: summariseGenerator(networks.generator),
      discriminator: summariseDiscriminator(networks.discriminator),
    }),
    conditioning,

    initialState(random) {
      const G = initialise(generatorParameters(networks.generator), random);
      const D = initialise(
        {
          ...discriminatorParameters(networks.discriminator),
          ...codeHeadParameters(networks.discriminator, codes === null ? 0 : columns),
        },
        random,
      );
      const state: Record<string, HostTensor> = { ...G, ...D };
      for (const [name, tensor] of Object.entries({ ...G, ...D })) {
        state[slotNames.first(name)] = filled(tensor.shape, 0);
        state[slotNames.second(name)] = filled(tensor.shape, 0);
      }
      if (hasAverage)
        for (const [name, tensor] of Object.entries(G)) state[slotNames.average(name)] = copy(tensor);
      for (const { name, channels: width } of layers) {
        state[statisticNames.mean(name)] = filled([width], 0);
        state[statisticNames.variance(name)] = filled([width], 1);
      }
      return state;
    },

    critic:
      criticSteps === 1
        ? null
        : {
            updates: criticSteps - 1,
            step: critic,
            inputs: inputs.critic,
            makeInputs: (random, real, stepNumber, index) =>
              inputs.makeCritic(random, real, (stepNumber - 1) * criticSteps + index + 1),
          },
    step: both,
    stepInputs: inputs.both,
    makeStepInputs: inputs.makeBoth,

    sample: (state, given) => {
      const images = generateAveraged(state, given, (layer, x, scale, offset) =>
        normaliseWith(
          x,
          state[statisticNames.mean(layer)]!,
          state[statisticNames.variance(layer)]!,
          scale,
          offset,
        ),
      );
      return { outputs: { images } };
    },
    sampleInputs,

    async refreshStatistics(engine) {
      let compiled = compiledMoments.get(engine);
      if (compiled === undefined) {
        compiled = engine.compile(moments, sampleInputs(batch));
        compiledMoments.set(engine, compiled);
      }
      const { run } = await compiled;
      const random = new Random(config.seed);
      const runs = Math.max(2, Math.ceil(statisticsCount / batch));
      const sums = new LayerMoments(layers, statisticNames);
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

function filled(shape: readonly number[], value: number): HostTensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { shape, dtype: 'float32', data: new Float32Array(size).fill(value) };
}

function copy(tensor: HostTensor): HostTensor {
  return { ...tensor, data: tensor.data.slice() };
}
