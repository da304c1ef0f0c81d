// The network that computes semantic hashes: the denoising autoencoder 3072-128-3072 with ReLU and dropout that the DCGAN paper
// uses to remove duplicate faces (Radford 2016, section 4.1.1). It learns to restore images with missing values, so its 128
// hidden units change little with small changes of an image.
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../runtime-web/format/random.ts';
import type { CompiledFunction, Engine, NamedTensors, StateFunction } from '../engine/engine.ts';
import { initialise, type ParameterSpecs } from '../networks/network.ts';
import { updated } from '../training/step.ts';
import { slotNames } from '../training/state.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { valueAndGradients } from '../graph/trace/value-and-gradients.ts';

/** Size of the code. */
export const codeLength = 128;

const batch = 256;
const learningRate = 1e-3;
/** Fraction of the image's values that are set to 0 during training. */
const maskedFraction = 0.25;
/** Fraction of the code's units that are dropped during training. */
const droppedFraction = 0.25;

const prefix = 'code-network/';

/** A trained network. */
export interface CodeNetwork {
  /**
   * Mean squared error of the last hundred updates, with corruption and dropout; predicting the mean image gives 1.
   */
  readonly loss: number;
  /** Standardised images [count, length] → pre-activations of the code, [count, 128]. */
  encode(pictures: Float32Array, count: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Training settings. */
export interface CodeNetworkOptions {
  readonly engine: Engine;
  /** Values per image: 3072 for 32x32 in colour. */
  readonly length: number;
  readonly updates: number;
  readonly random: Random;
  /** Fills `target` [256, length] with standardised images. */
  readonly next: (target: Float32Array) => void;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Trains the network; its parameters stay in the engine's state. Throws Error if training fails, the signal's reason when
 * aborted.
 */
export async function trainCodeNetwork(options: CodeNetworkOptions): Promise<CodeNetwork> {
  const { engine, length, updates, random, next, signal, onProgress = () => undefined } = options;
  const specs = parameterSpecs(length);
  const state: Record<string, HostTensor> = initialise(specs, random);
  for (const [name, tensor] of Object.entries({ ...state })) {
    for (const slot of [slotNames.first(name), slotNames.second(name)]) {
      state[slot] = { ...tensor, data: new Float32Array(tensor.data.length) };
    }
  }
  await engine.writeState(state);
  const pictures = { shape: [batch, length], dtype: 'float32' } as const;
  const units = { shape: [batch, codeLength], dtype: 'float32' } as const;
  const scalar = { shape: [], dtype: 'float32' } as const;
  const train = await engine.compile(step(specs), {
    pictures,
    seen: pictures,
    kept: units,
    rate: scalar,
    update: scalar,
  });
  const data = new Float32Array(batch * length);
  const seen = new Float32Array(data.length);
  const kept = new Float32Array(batch * codeLength);
  let loss = NaN;
  for (let update = 1; update <= updates; update++) {
    signal.throwIfAborted();
    next(data);
    sampleMask(seen, maskedFraction, random);
    sampleMask(kept, droppedFraction, random);
    const rate = learningRate * Math.min(1, 2 * (1 - update / (updates + 1)));
    const outputs = await train.run({
      pictures: { ...pictures, data },
      seen: { ...pictures, data: seen },
      kept: { ...units, data: kept },
      rate: { ...scalar, data: Float32Array.of(rate) },
      update: { ...scalar, data: Float32Array.of(update) },
    });
    const current = outputs['loss']!.data[0]!;
    loss = Number.isNaN(loss) ? current : loss + (current - loss) / Math.min(update, 100);
    if (!Number.isFinite(current))
      throw new Error(`the code network's loss is ${current} at update ${update}`);
    if (update % 20 === 0 || update === updates) onProgress(update, updates);
  }
  await train.dispose();
  const encode = await engine.compile(
    (parameters, { pictures: x }) => ({ outputs: { sums: sums(parameters, x as tf.Tensor2D) } }),
    { pictures },
  );
  return { loss, encode: encodeWith(encode, length), dispose: () => encode.dispose() };
}

function parameterSpecs(length: number): ParameterSpecs {
  const zero = { mean: 0, deviation: 0 };
  return {
    // He 2015 initialisation for the ReLU units, Glorot 2010 for the output.
    [`${prefix}in/kernel`]: {
      shape: [length, codeLength],
      initial: { mean: 0, deviation: Math.sqrt(2 / length) },
    },
    [`${prefix}in/bias`]: { shape: [codeLength], initial: zero },
    [`${prefix}out/kernel`]: {
      shape: [codeLength, length],
      initial: { mean: 0, deviation: Math.sqrt(2 / (codeLength + length)) },
    },
    [`${prefix}out/bias`]: { shape: [length], initial: zero },
  };
}

/** Pre-activations of the code: [n, length] → [n, 128]. */
function sums(parameters: NamedTensors, pictures: tf.Tensor2D): tf.Tensor {
  const kernel = parameters[`${prefix}in/kernel`] as tf.Tensor2D;
  return tf.add(tf.matMul(pictures, kernel), parameters[`${prefix}in/bias`]!);
}

/** Compilable training step with Adam. `seen` and `kept` are dropout masks of the images and of the code. */
function step(specs: ParameterSpecs): StateFunction {
  return (state, { pictures, seen, kept, rate, update }) => {
    const parameters = Object.fromEntries(Object.keys(specs).map((name) => [name, state[name]!]));
    const loss = (): tf.Tensor => {
      const code = tf.mul(tf.relu(sums(parameters, tf.mul(pictures!, seen!) as tf.Tensor2D)), kept!);
      const kernel = parameters[`${prefix}out/kernel`] as tf.Tensor2D;
      const restored = tf.add(tf.matMul(code as tf.Tensor2D, kernel), parameters[`${prefix}out/bias`]!);
      return tf.mean(tf.squaredDifference(restored, pictures!));
    };
    const { value, gradients } = valueAndGradients(loss, Object.values(parameters));
    const settings = { learningRate: rate!, update: update!, beta1: 0.9, beta2: 0.999 };
    return { state: updated(state, parameters, gradients, settings), outputs: { loss: value } };
  };
}

/**
 * Dropout mask: 0 with probability `share` (in steps of 1/256), otherwise the factor that preserves the mean. Each random
 * number gives four values.
 */
function sampleMask(mask: Float32Array, share: number, random: Random): void {
  const limit = Math.round(share * 256);
  const kept = 256 / (256 - limit);
  for (let i = 0; i < mask.length;) {
    let word = random.uint32();
    for (let k = 0; k < 4 && i < mask.length; k++, word >>>= 8) mask[i++] = (word & 255) < limit ? 0 : kept;
  }
}

/** Encodes any number of images in batches; the last batch is padded. */
function encodeWith(compiled: CompiledFunction, length: number): CodeNetwork['encode'] {
  return async (pictures, count) => {
    const codes = new Float32Array(count * codeLength);
    const data = new Float32Array(batch * length);
    for (let first = 0; first < count; first += batch) {
      const size = Math.min(batch, count - first);
      data.fill(0).set(pictures.subarray(first * length, (first + size) * length));
      const outputs = await compiled.run({ pictures: { shape: [batch, length], dtype: 'float32', data } });
      codes.set(outputs['sums']!.data.subarray(0, size * codeLength) as Float32Array, first * codeLength);
    }
    return codes;
  };
}
