// A small classifier of labelled images that evaluates generators: two strided convolutions, a hidden layer, and dropout before
// the output.
import { type ImageSize } from '../../runtime-web/format/image-shape.ts';
import * as tf from '@tensorflow/tfjs-core';
import { Random } from '../../runtime-web/format/random.ts';
import { oneHot } from '../../runtime-web/format/training/codes.ts';
import type { Engine, NamedTensors, StateFunction } from '../../trainer/engine/engine.ts';
import { initialise, type ParameterSpecs } from '../../trainer/networks/network.ts';
import { updated } from '../../trainer/training/step.ts';
import { slotNames } from '../../trainer/training/state.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { valueAndGradients } from '../../trainer/graph/trace/value-and-gradients.ts';
import { toFloats } from '../../trainer/pictures/pixels.ts';

/** Images [count, size, size, channels] as bytes, and their classes. */
export interface LabelledImages {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
}

/** Options of {@link trainClassEvaluator}. */
export interface EvaluatorOptions {
  readonly engine: Engine;
  readonly classes: number;
  readonly steps: number;
  readonly seed: number;
}

/** A trained classifier. */
export interface ClassEvaluator {
  /** The predicted class of each of `count` images. */
  predict(pixels: Uint8Array, count: number): Promise<Int32Array>;
  /** The share of correct predictions. */
  accuracy(images: LabelledImages): Promise<number>;
  dispose(): Promise<void>;
}

const batch = 64;
const hidden = 128;
const dropoutRate = 0.4;
const learningRate = 1e-3;

function parametersOf(
  { width, height, channels }: ImageSize & { readonly channels: number },
  classes: number,
): ParameterSpecs {
  const flat = (width / 4) * (height / 4) * 64;
  const he = (fanIn: number) => ({ mean: 0, deviation: Math.sqrt(2 / fanIn) });
  const zero = { mean: 0, deviation: 0 };
  return {
    'judge/conv1/kernel': { shape: [5, 5, channels, 32], initial: he(25 * channels) },
    'judge/conv1/bias': { shape: [32], initial: zero },
    'judge/conv2/kernel': { shape: [5, 5, 32, 64], initial: he(25 * 32) },
    'judge/conv2/bias': { shape: [64], initial: zero },
    'judge/hidden/kernel': { shape: [flat, hidden], initial: he(flat) },
    'judge/hidden/bias': { shape: [hidden], initial: zero },
    'judge/out/kernel': {
      shape: [hidden, classes],
      initial: { mean: 0, deviation: Math.sqrt(1 / hidden) },
    },
    'judge/out/bias': { shape: [classes], initial: zero },
  };
}

/** Images → logits [n, classes]; `mask` [n, hidden] multiplies the hidden layer. */
function run(parameters: NamedTensors, images: tf.Tensor, mask: tf.Tensor | null): tf.Tensor {
  const get = (name: string): tf.Tensor => parameters[`judge/${name}`]!;
  let x = images;
  for (const name of ['conv1', 'conv2']) {
    const y = tf.conv2d(x as tf.Tensor4D, get(`${name}/kernel`) as tf.Tensor4D, 2, 'same');
    x = tf.relu(tf.add(y, get(`${name}/bias`)));
  }
  const flat = tf.reshape(x, [images.shape[0]!, -1]) as tf.Tensor2D;
  let y = tf.relu(tf.add(tf.matMul(flat, get('hidden/kernel') as tf.Tensor2D), get('hidden/bias')));
  if (mask !== null) y = tf.mul(y, mask);
  return tf.add(tf.matMul(y as tf.Tensor2D, get('out/kernel') as tf.Tensor2D), get('out/bias'));
}

/** Trains on random batches, drawn by `seed`. The parameters are in the engine's state until it is used for another state. */
export async function trainClassEvaluator(
  { width, height, channels, pixels, labels }: LabelledImages,
  { engine, classes, steps, seed }: EvaluatorOptions,
): Promise<ClassEvaluator> {
  const random = new Random(seed);
  const specs = parametersOf({ width, height, channels }, classes);
  const state: Record<string, HostTensor> = initialise(specs, random);
  for (const [name, tensor] of Object.entries({ ...state })) {
    for (const slot of [slotNames.first(name), slotNames.second(name)]) {
      state[slot] = { ...tensor, data: new Float32Array(tensor.data.length) };
    }
  }
  await engine.writeState(state);
  const spec = (...shape: number[]) => ({ shape, dtype: 'float32' }) as const;
  const images = spec(batch, height, width, channels);
  const truth = spec(batch, classes);
  const maskSpec = spec(batch, hidden);
  const step: StateFunction = (held, inputs) => {
    const parameters = Object.fromEntries(Object.keys(specs).map((name) => [name, held[name]!]));
    const loss = (): tf.Tensor => {
      const logits = run(parameters, inputs['images']!, inputs['mask']!);
      const max = tf.max(logits, 1, true);
      const partition = tf.add(max, tf.log(tf.sum(tf.exp(tf.sub(logits, max)), 1, true)));
      return tf.mean(tf.sum(tf.mul(inputs['truth']!, tf.sub(partition, logits)), 1));
    };
    const { value, gradients } = valueAndGradients(loss, Object.values(parameters));
    const settings = { learningRate: inputs['rate']!, update: inputs['update']!, beta1: 0.9, beta2: 0.999 };
    return { state: updated(held, parameters, gradients, settings), outputs: { loss: value } };
  };
  const inputs = { images, truth, mask: maskSpec, rate: spec(), update: spec() };
  const train = await engine.compile(step, inputs);
  const length = width * height * channels;
  const floats = (bytes: Uint8Array): Float32Array => toFloats(bytes, new Float32Array(batch * length));
  const batchBytes = new Uint8Array(batch * length);
  const batchLabels = new Int32Array(batch);
  for (let number = 1; number <= steps; number++) {
    for (let i = 0; i < batch; i++) {
      const from = random.integer(labels.length);
      batchBytes.set(pixels.subarray(from * length, (from + 1) * length), i * length);
      batchLabels[i] = labels[from]!;
    }
    const mask = Float32Array.from({ length: batch * hidden }, () =>
      random.uniform() < dropoutRate ? 0 : 1 / (1 - dropoutRate),
    );
    // The learning rate falls to 0 over the second half.
    const rate = learningRate * Math.min(1, 2 * (1 - number / (steps + 1)));
    await train.run(
      {
        images: { ...images, data: floats(batchBytes) },
        truth: { ...truth, data: oneHot(batchLabels, classes) },
        mask: { ...maskSpec, data: mask },
        rate: { ...spec(), data: Float32Array.of(rate) },
        update: { ...spec(), data: Float32Array.of(number) },
      },
      { fetch: [] },
    );
  }
  await train.dispose();
  const inference = await engine.compile(
    (held, given) => ({ outputs: { logits: run(held, given['images']!, null) } }),
    { images },
  );
  const predict = async (bytes: Uint8Array, count: number): Promise<Int32Array> => {
    const found = new Int32Array(count);
    for (let first = 0; first < count; first += batch) {
      const piece = bytes.subarray(first * length, Math.min(count, first + batch) * length);
      const { logits } = await inference.run({ images: { ...images, data: floats(piece) } });
      for (let i = 0; i < Math.min(batch, count - first); i++) {
        const row = logits!.data.slice(i * classes, (i + 1) * classes) as Float32Array;
        found[first + i] = row.indexOf(Math.max(...row));
      }
    }
    return found;
  };
  return {
    predict,
    async accuracy(labelled) {
      const found = await predict(labelled.pixels, labelled.labels.length);
      return found.filter((label, i) => label === labelled.labels[i]).length / found.length;
    },
    dispose: () => inference.dispose(),
  };
}
