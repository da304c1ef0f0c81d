// What the loop needs to know of a method: its state, its step, what the step is fed, and how to draw samples.
import type * as tf from '@tensorflow/tfjs-core';
import { conditionColumns, conditionName } from '../runtime-web/format/condition.ts';
import type { Conditioning } from '../runtime-web/format/model.ts';
import { Random } from '../runtime-web/format/random.ts';
import { augment, augmentInputs, drawAugmentation, parseAugment } from './augment.ts';
import { drawCodes, joinCondition, joinLabelMaps, networkOptions, oneHot } from './conditioning.ts';
import type { TrainConfig } from './config.ts';
import type {
  CompiledFunction,
  Engine,
  NamedHostTensors,
  NamedTensors,
  StateFunction,
} from './engine/engine.ts';
import { batchMoments, batchNorm, normaliseWith } from './networks/batch-norm.ts';
import {
  discriminate,
  discriminatorBlocks,
  discriminatorParameters,
  summariseDiscriminator,
} from './networks/discriminator.ts';
import { generate, generatorBlocks, generatorParameters, summariseGenerator } from './networks/generator.ts';
import { codeHeadParameters, readCodes } from './networks/code-head.ts';
import { layerNorm } from './networks/layer-norm.ts';
import { initialise, type LayerSummary, type Normalise } from './networks/network.ts';
import { informationLoss } from './objectives/information.ts';
import { objectives } from './objectives/table.ts';
import { latentInputs } from './seed-inputs.ts';
import { below, byBatch, noisyPasses, slotNames, trainingStep, type Judgement } from './step.ts';
import type { HostTensor, TensorSpec } from './trace/graph.ts';

/** A batch from the data: images [b, h, w, c] in [-1, 1]. */
export interface RealBatch {
  readonly images: Float32Array;
  readonly labels: Int32Array | null;
}

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
  const { imageSize, channels, latent, batch, dropout, averageDecay, criticSteps } = config;
  const hasAverage = averageDecay > 0;
  const weightPrefix = sampledPrefix(config);
  const layers = normalisedLayers(config);
  const image: readonly number[] = [imageSize, imageSize, channels];
  const scalar: TensorSpec = { shape: [], dtype: 'float32' };
  const float = (shape: readonly number[]): TensorSpec => ({ shape, dtype: 'float32' });
  const networks = networkOptions(config, conditioning);
  const columns = conditionColumns(conditioning);
  const condition = conditioning && conditionName(conditioning);
  const codes = conditioning?.kind === 'codes' ? conditioning.codes : null;
  const augmented = config.augment === null ? [] : parseAugment(config.augment);
  const changes = augmentInputs(augmented, { batch, imageSize, channels });
  const droppedBlocks = dropout === 0 ? [] : discriminatorBlocks(networks.discriminator);
  const normaliseD = discriminatorNormalise(config);
  const hasPenalty = config.objective === 'wgan-gp';

  const criticInputs: Record<string, TensorSpec> = {
    real: float([batch, ...image]),
    z: float([batch, latent]),
    ...(condition !== null && { [condition]: float([batch, columns]) }),
    criticRate: scalar,
    criticUpdate: scalar,
    ...(hasPenalty && { mix: float([batch, 1, 1, 1]) }),
  };
  for (const pass of noisyPasses) {
    for (const { name, to } of droppedBlocks)
      criticInputs[`noise/${pass}/${name}`] = float([batch, 1, 1, to]);
    for (const [name, spec] of Object.entries(changes)) criticInputs[`noise/${pass}/${name}`] = spec;
  }
  const stepInputs: Record<string, TensorSpec> = {
    ...criticInputs,
    learningRate: scalar,
    update: scalar,
    ...(hasAverage && { averageDecay: scalar }),
  };

  /** What both kinds of updates are fed. */
  const makeInputs = (random: Random, { images, labels }: RealBatch, update: number): NamedHostTensors => {
    const tensor = (name: string, data: Float32Array): HostTensor => ({ ...criticInputs[name]!, data });
    const inputs: Record<string, HostTensor> = {
      real: tensor('real', images),
      z: tensor('z', random.fillLatent(new Float32Array(batch * latent), config.latentDistribution)),
      criticRate: filled([], config.discriminatorLearningRate ?? config.learningRate),
      criticUpdate: filled([], update),
    };
    if (conditioning?.kind === 'classes') {
      if (labels === null) throw new RangeError('labels: got none, and the generator is given them');
      // Fakes have the labels of the real images beside them, so that D cannot tell them by how often each comes.
      inputs['labels'] = tensor('labels', oneHot(labels, columns));
    }
    if (codes !== null) inputs['codes'] = tensor('codes', drawCodes(codes, batch, random));
    if (hasPenalty)
      inputs['mix'] = tensor(
        'mix',
        Float32Array.from({ length: batch }, () => random.uniform()),
      );
    for (const pass of noisyPasses) {
      for (const { name } of droppedBlocks) {
        const mask = `noise/${pass}/${name}`;
        inputs[mask] = dropoutMask(criticInputs[mask]!, dropout, random);
      }
      for (const [name, change] of Object.entries(drawAugmentation(changes, random))) {
        inputs[`noise/${pass}/${name}`] = change;
      }
    }
    return inputs;
  };

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
    penaltyWeight: hasPenalty ? config.penaltyWeight : 0,
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
            inputs: criticInputs,
            makeInputs: (random, real, stepNumber, index) =>
              makeInputs(random, real, (stepNumber - 1) * criticSteps + index + 1),
          },
    step: both,
    stepInputs,

    makeStepInputs(random, real, stepNumber) {
      return {
        ...makeInputs(random, real, stepNumber * criticSteps),
        learningRate: filled([], config.learningRate),
        update: filled([], stepNumber),
        // The average warms up, so that the first grids are not the initial weights.
        ...(hasAverage && {
          averageDecay: filled([], Math.min(averageDecay, (1 + stepNumber) / (10 + stepNumber))),
        }),
      };
    },

    sample: (state, inputs) => {
      const images = generateAveraged(state, inputs, (layer, x, scale, offset) =>
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
    sampleInputs: (count) => ({
      z: float([count, latent]),
      ...(condition !== null && { [condition]: float([count, columns]) }),
    }),

    async refreshStatistics(engine) {
      let compiled = compiledMoments.get(engine);
      if (compiled === undefined) {
        compiled = engine.compile(moments, this.sampleInputs(batch));
        compiledMoments.set(engine, compiled);
      }
      const { run } = await compiled;
      const random = new Random(config.seed);
      const runs = Math.max(2, Math.ceil(statisticsCount / batch));
      const sums = new Map<string, { mean: Float64Array; square: Float64Array }>(
        layers.map(({ name, channels: width }) => [
          name,
          { mean: new Float64Array(width), square: new Float64Array(width) },
        ]),
      );
      for (let i = 0; i < runs; i++) {
        const data = random.fillLatent(new Float32Array(batch * latent), config.latentDistribution);
        const turns = Array.from({ length: batch }, (_, k) => i * batch + k);
        const inputs = latentInputs(modelOf(config, conditioning), data, turns);
        if (codes !== null) inputs['codes'] = { ...inputs['codes']!, data: drawCodes(codes, batch, random) };
        const outputs = await run(inputs);
        for (const [layer, { mean, square }] of sums) {
          const means = outputs[statisticNames.mean(layer)]!.data;
          const variances = outputs[statisticNames.variance(layer)]!.data;
          for (let c = 0; c < mean.length; c++) {
            mean[c]! += means[c]! / runs;
            square[c]! += (variances[c]! + means[c]! ** 2) / runs;
          }
        }
      }
      const entries: Record<string, HostTensor> = {};
      for (const [layer, { mean, square }] of sums) {
        entries[statisticNames.mean(layer)] = vector(mean);
        entries[statisticNames.variance(layer)] = vector(
          square.map((value, c) => Math.max(0, value - mean[c]! ** 2)),
        );
      }
      await engine.writeState(entries);
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

function vector(values: Float64Array): HostTensor {
  return { shape: [values.length], dtype: 'float32', data: Float32Array.from(values) };
}

/** Zero with probability `rate`, else 1 / (1 - rate), so that the mean stays. */
function dropoutMask(spec: TensorSpec, rate: number, random: Random): HostTensor {
  const mask = filled(spec.shape, 0);
  for (let i = 0; i < mask.data.length; i++) mask.data[i] = random.uniform() < rate ? 0 : 1 / (1 - rate);
  return mask;
}
