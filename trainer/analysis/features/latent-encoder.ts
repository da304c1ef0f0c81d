// An encoder from images to latents, trained on the generator's own samples, whose latents are known (z → G(z) → E(G(z)) ≈ z).
// For a photograph it approximates the latent of the most similar image that G can generate.
import { imageShape } from '../../config/image-size.ts';
import { stagesOf } from '../../config/stages.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../config/fields.ts';
import type { CompiledFunction, Engine, NamedTensors, StateFunction } from '../../engine/engine.ts';
import type { FrozenGenerator } from '../../frozen/frozen-networks.ts';
import { leak } from '../../networks/discriminator.ts';
import { initialise, parameter, type ParameterSpecs } from '../../networks/network.ts';
import { updated } from '../../training/step.ts';
import { slotNames } from '../../training/state.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { held } from '../../held.ts';
import { valueAndGradients } from '../../graph/trace/value-and-gradients.ts';

/** Shape of an encoder. */
export type EncoderOptions = Pick<
  TrainConfig,
  'imageSize' | 'channels' | 'baseWidth' | 'latent' | 'latentDistribution'
>;

const kernel = 4;
const batch = 64;
const learningRate = 1e-3;
const prefix = 'encoder/';

function parameterSpecs(options: EncoderOptions): ParameterSpecs {
  const { channels, baseWidth, latent } = options;
  const { base, count } = stagesOf(imageShape(options));
  const specs: Record<string, ParameterSpecs[string]> = {};
  let from: number = channels;
  for (let stage = 0; stage < count; stage++) {
    const to = baseWidth * 2 ** stage;
    // He 2015 initialisation, for ReLU.
    const deviation = Math.sqrt(2 / (kernel * kernel * from));
    specs[`${prefix}block${stage + 1}/kernel`] = {
      shape: [kernel, kernel, from, to],
      initial: { mean: 0, deviation },
    };
    specs[`${prefix}block${stage + 1}/bias`] = { shape: [to], initial: { mean: 0, deviation: 0 } };
    from = to;
  }
  const inputs = base.height * base.width * from;
  const deviation = Math.sqrt(1 / inputs);
  specs[`${prefix}latent/kernel`] = { shape: [inputs, latent], initial: { mean: 0, deviation } };
  specs[`${prefix}latent/bias`] = { shape: [latent], initial: { mean: 0, deviation: 0 } };
  return specs;
}

/**
 * Images [b, height, width, channels] in [-1, 1] → latents [b, latent], with the encoder in the engine's state.
 */
export function encode(options: EncoderOptions, state: NamedTensors, images: tf.Tensor): tf.Tensor {
  const get = (name: string): tf.Tensor => parameter(state, `${prefix}${name}`);
  let x = images;
  const { count } = stagesOf(imageShape(options));
  for (let stage = 1; stage <= count; stage++) {
    const y = tf.conv2d(x as tf.Tensor4D, get(`block${stage}/kernel`) as tf.Tensor4D, 2, 'same');
    x = tf.leakyRelu(tf.add(y, get(`block${stage}/bias`)), leak);
  }
  const flat = tf.reshape(x, [images.shape[0]!, -1]) as tf.Tensor2D;
  return tf.add(tf.matMul(flat, get('latent/kernel') as tf.Tensor2D), get('latent/bias'));
}

/** Training settings. */
export interface EncoderTraining {
  readonly engine: Engine;
  readonly options: EncoderOptions;
  readonly generator: FrozenGenerator;
  /** Number of updates, of 64 samples each. */
  readonly steps: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/**
 * Trains an encoder of a generator; afterwards both are in the engine's state. Returns the fraction of the latents'
 * variance that it explains on fresh samples: 1 is perfect, 0 is chance. Throws the signal's reason when aborted.
 */
export async function trainEncoder(training: EncoderTraining): Promise<number> {
  const { engine, options, generator, steps, random, signal, onProgress } = training;
  const specs = parameterSpecs(options);
  const state: Record<string, HostTensor> = { ...generator.parameters, ...initialise(specs, random) };
  for (const name of Object.keys(specs)) {
    for (const slot of [slotNames.first(name), slotNames.second(name)]) {
      state[slot] = { ...state[name]!, data: new Float32Array(state[name]!.data.length) };
    }
  }
  await engine.writeState(state);
  const scalar = { shape: [], dtype: 'float32' } as const;
  const latents = { shape: [batch, options.latent], dtype: 'float32' } as const;
  const sampleLatents = (): HostTensor => ({
    ...latents,
    data: random.fillLatent(new Float32Array(batch * options.latent), options.latentDistribution),
  });

  const step: StateFunction = (state, { z, rate, update }) => {
    const parameters = Object.fromEntries(Object.keys(specs).map((name) => [name, state[name]!]));
    const images = generator.generate(state, z!);
    const loss = (): tf.Tensor => tf.mean(tf.squaredDifference(encode(options, parameters, images), z!));
    const { value, gradients } = valueAndGradients(loss, Object.values(parameters));
    const settings = { learningRate: rate!, update: update!, beta1: 0.9, beta2: 0.999 };
    return { state: updated(state, parameters, gradients, settings), outputs: { loss: value } };
  };
  await using train = held(await engine.compile(step, { z: latents, rate: scalar, update: scalar }));
  for (let number = 1; number <= steps; number++) {
    signal.throwIfAborted();
    // The learning rate falls linearly to 0 over the second half.
    const rate = learningRate * Math.min(1, 2 * (1 - number / (steps + 1)));
    await train.run(
      {
        z: sampleLatents(),
        rate: { ...scalar, data: Float32Array.of(rate) },
        update: { ...scalar, data: Float32Array.of(number) },
      },
      { fetch: [] },
    );
    if (number % 20 === 0 || number === steps) onProgress(number);
  }
  await using evaluate = held(
    await engine.compile(
      (state, { z }) => ({
        outputs: {
          loss: tf.mean(tf.squaredDifference(encode(options, state, generator.generate(state, z!)), z!)),
        },
      }),
      { z: latents },
    ),
  );
  return await explainedVariance(evaluate, sampleLatents, options);
}

/** 1 - (mean squared error) / (variance of the latents), over 16 batches. */
async function explainedVariance(
  evaluate: CompiledFunction,
  sampleLatents: () => HostTensor,
  { latentDistribution }: EncoderOptions,
): Promise<number> {
  const batches = 16;
  let loss = 0;
  for (let i = 0; i < batches; i++) {
    loss += (await evaluate.run({ z: sampleLatents() }))['loss']!.data[0]! / batches;
  }
  return 1 - loss / (latentDistribution === 'uniform' ? 1 / 3 : 1);
}
