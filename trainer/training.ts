// What the loop needs to know of a method: its state, its step, what the step is fed, and how to draw samples.
import type * as tf from '@tensorflow/tfjs-core';
import { Random } from '../runtime-web/format/random.ts';
import type { TrainConfig } from './config.ts';
import type { CompiledFunction, Engine, NamedHostTensors, StateFunction } from './engine/engine.ts';
import { batchMoments, batchNorm, normaliseWith } from './networks/batch-norm.ts';
import {
  discriminate,
  discriminatorBlocks,
  discriminatorParameters,
  summariseDiscriminator,
} from './networks/discriminator.ts';
import { generate, generatorBlocks, generatorParameters, summariseGenerator } from './networks/generator.ts';
import { initialise, type LayerSummary, type Normalise } from './networks/network.ts';
import { minimax } from './objectives/minimax.ts';
import { nonSaturating } from './objectives/non-saturating.ts';
import { below, maskedPasses, slotNames, trainingStep } from './step.ts';
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
  readonly step: StateFunction;
  readonly stepInputs: Readonly<Record<string, TensorSpec>>;
  /** The inputs of step `stepNumber` (1 for the first); draws z, then dropout masks, from `random`. */
  makeStepInputs(random: Random, batch: RealBatch, stepNumber: number): NamedHostTensors;
  /** `z` [n, latent] → `images` [n, h, w, c] in [-1, 1], by the averaged weights and the statistics in the state. */
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

/** Plans DCGAN training for a validated config. */
export function planTraining(config: TrainConfig): TrainingPlan {
  const { imageSize, channels, latent, batch, dropout, averageDecay } = config;
  const hasAverage = averageDecay > 0;
  const weightPrefix = sampledPrefix(config);
  const layers = normalisedLayers(config);
  const image: readonly number[] = [imageSize, imageSize, channels];
  const scalar: TensorSpec = { shape: [], dtype: 'float32' };
  const float = (shape: readonly number[]): TensorSpec => ({ shape, dtype: 'float32' });
  const masks = dropout === 0 ? [] : discriminatorBlocks(config);

  const stepInputs: Record<string, TensorSpec> = {
    real: float([batch, ...image]),
    z: float([batch, latent]),
    learningRate: scalar,
    update: scalar,
    ...(hasAverage && { averageDecay: scalar }),
  };
  for (const pass of maskedPasses) {
    for (const { name, to } of masks) stepInputs[`mask/${pass}/${name}`] = float([batch, 1, 1, to]);
  }

  /** Runs the generator that samples are drawn with. */
  const generateAveraged = (
    state: Parameters<StateFunction>[0],
    z: tf.Tensor,
    normalise: Normalise<tf.Tensor>,
  ): tf.Tensor => generate(config, below(state, weightPrefix, 'generator/'), z, normalise);

  const moments: StateFunction = (state, inputs) => {
    const outputs: Record<string, tf.Tensor> = {};
    generateAveraged(state, inputs['z']!, (layer, x, scale, offset) => {
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
      generator: summariseGenerator(config),
      discriminator: summariseDiscriminator(config),
    }),

    initialState(random) {
      const G = initialise(generatorParameters(config), random);
      const D = initialise(discriminatorParameters(config), random);
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

    step: trainingStep({
      generate: (parameters, z, normalise) => generate(config, parameters, z, normalise),
      discriminate: (parameters, images, normalise, given) =>
        discriminate(config, parameters, images, normalise, given),
      objective: { 'non-saturating': nonSaturating, minimax }[config.objective],
      labelSmoothing: config.labelSmoothing,
      isJoined: config.discriminatorBatch === 'joined',
      beta1: config.beta1,
      beta2: config.beta2,
      hasAverage,
    }),
    stepInputs,

    makeStepInputs(random, { images }, stepNumber) {
      const inputs: Record<string, HostTensor> = {
        real: { ...stepInputs['real']!, data: images },
        z: {
          ...stepInputs['z']!,
          data: random.fillLatent(new Float32Array(batch * latent), config.latentDistribution),
        },
        learningRate: filled([], config.learningRate),
        update: filled([], stepNumber),
      };
      // The average warms up, so that the first grids are not the initial weights.
      if (hasAverage) {
        inputs['averageDecay'] = filled([], Math.min(averageDecay, (1 + stepNumber) / (10 + stepNumber)));
      }
      for (const [name, spec] of Object.entries(stepInputs)) {
        if (name.startsWith('mask/')) inputs[name] = dropoutMask(spec, dropout, random);
      }
      return inputs;
    },

    sample: (state, inputs) => {
      const images = generateAveraged(state, inputs['z']!, (layer, x, scale, offset) =>
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
    sampleInputs: (count) => ({ z: float([count, latent]) }),

    async refreshStatistics(engine) {
      let compiled = compiledMoments.get(engine);
      if (compiled === undefined) {
        compiled = engine.compile(moments, { z: float([batch, latent]) });
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
        const outputs = await run({ z: { ...float([batch, latent]), data } });
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
