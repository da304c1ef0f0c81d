// A small network that predicts the attributes of an image, trained on labelled images and applied to generated ones. Strided
// convolutions down to 4x4, then one output per attribute: a logit for a binary attribute, the value for a continuous one.
// Categorical attributes are left out.
import * as tf from '@tensorflow/tfjs-core';
import { Random } from '../../../runtime-web/format/random.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { AttributeInfo } from '../../data/source.ts';
import type { CompiledFunction, Engine, NamedTensors, StateFunction } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import { initialise, stageCount, type ParameterSpecs } from '../../networks/network.ts';
import { updated } from '../../training/step.ts';
import { slotNames } from '../../training/state.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { valueAndGradients } from '../../graph/trace/value-and-gradients.ts';
import { toFloats } from '../../pictures/pixels.ts';

/** An attribute that a classifier predicts. */
export type PredictedAttribute = AttributeInfo & { readonly kind: 'binary' | 'continuous' };

/** A trained classifier on its engine. */
export interface AttributeClassifier {
  readonly attributes: readonly PredictedAttribute[];
  /**
   * Quality on held-out images: accuracy of a binary attribute, correlation with the truth of a continuous one.
   */
  readonly quality: Readonly<Record<string, number>>;
  /** Images [n, size, size, channels] in [-1, 1] → [n, attributes]: probabilities, or values scaled to [-1, 1]. */
  predict(images: Float32Array, count: number): Promise<Float32Array>;
  /**
   * The same network as tfjs ops, with parameters from the state of the engine that it was trained on: logits for binary
   * attributes, values for continuous ones.
   */
  classify(state: NamedTensors, images: tf.Tensor): tf.Tensor;
}

/** Training settings. */
export interface ClassifierOptions {
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly seed: number;
  /** Updates. Default 2000. */
  readonly steps?: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

const batch = 64;
const baseWidth = 16;
const learningRate = 1e-3;
const kernel = 4;
/** Fraction of the images that is held out. */
const heldOut = 0.1;

/** Prefix of the classifier's parameters in the state of the engine that it was trained on. */
export const classifierPrefix = 'classifier/';

function parameterSpecs(imageSize: number, channels: number, outputs: number): ParameterSpecs {
  const specs: Record<string, ParameterSpecs[string]> = {};
  let from = channels;
  for (let stage = 0; stage < stageCount(imageSize); stage++) {
    const to = baseWidth * 2 ** stage;
    // He 2015 initialisation, for ReLU.
    const deviation = Math.sqrt(2 / (kernel * kernel * from));
    specs[`${classifierPrefix}block${stage + 1}/kernel`] = {
      shape: [kernel, kernel, from, to],
      initial: { mean: 0, deviation },
    };
    specs[`${classifierPrefix}block${stage + 1}/bias`] = { shape: [to], initial: { mean: 0, deviation: 0 } };
    from = to;
  }
  const deviation = Math.sqrt(1 / (16 * from));
  specs[`${classifierPrefix}out/kernel`] = { shape: [16 * from, outputs], initial: { mean: 0, deviation } };
  specs[`${classifierPrefix}out/bias`] = { shape: [outputs], initial: { mean: 0, deviation: 0 } };
  return specs;
}

/** Images [n, size, size, channels] → [n, attributes]: logits or values. */
function classify(parameters: NamedTensors, images: tf.Tensor, stages: number): tf.Tensor {
  let x = images;
  for (let stage = 1; stage <= stages; stage++) {
    const filter = parameters[`${classifierPrefix}block${stage}/kernel`] as tf.Tensor4D;
    const y = tf.conv2d(x as tf.Tensor4D, filter, 2, 'same');
    x = tf.leakyRelu(tf.add(y, parameters[`${classifierPrefix}block${stage}/bias`]!), 0.2);
  }
  const flat = tf.reshape(x, [images.shape[0]!, -1]) as tf.Tensor2D;
  return tf.add(
    tf.matMul(flat, parameters[`${classifierPrefix}out/kernel`] as tf.Tensor2D),
    parameters[`${classifierPrefix}out/bias`]!,
  );
}

/**
 * Trains a classifier of the dataset's attributes; its parameters stay in the engine's state. Throws UserError for a
 * dataset without attributes, the signal's reason when aborted.
 */
export async function trainClassifier(options: ClassifierOptions): Promise<AttributeClassifier> {
  const { engine, dataset, seed, steps = 2000, signal, onProgress = () => undefined } = options;
  const { imageSize, channels } = dataset;
  const all = dataset.attributes;
  if (all === null) {
    throw new UserError(
      `data ${dataset.name}: has no attributes; expected avatars, or CelebA with list_attr_celeba.txt`,
    );
  }
  const columns = all.flatMap(({ kind }, i) => (kind === 'categorical' ? [] : [i]));
  const attributes = columns.map((i) => all[i]!) as PredictedAttribute[];
  const isBinary = Float32Array.from(attributes, ({ kind }) => (kind === 'binary' ? 1 : 0));
  const stages = stageCount(imageSize);
  const specs = parameterSpecs(imageSize, channels, attributes.length);
  const random = new Random(seed);
  const initial: Record<string, HostTensor> = initialise(specs, random);
  for (const [name, tensor] of Object.entries({ ...initial })) {
    for (const slot of [slotNames.first(name), slotNames.second(name)]) {
      initial[slot] = { ...tensor, data: new Float32Array(tensor.data.length) };
    }
  }
  await engine.writeState(initial);
  const scalar = { shape: [], dtype: 'float32' } as const;
  const specOf = (count: number) =>
    ({ shape: [count, imageSize, imageSize, channels], dtype: 'float32' }) as const;
  const row = { shape: [batch, attributes.length], dtype: 'float32' } as const;
  const kinds = { shape: [attributes.length], dtype: 'float32' } as const;

  const step: StateFunction = (state, { images, truth, binary, rate, update }) => {
    const parameters = Object.fromEntries(Object.keys(specs).map((name) => [name, state[name]!]));
    const loss = (): tf.Tensor => {
      const outputs = classify(parameters, images!, stages);
      // Cross-entropy of logits, squared error of values.
      const forBinary = tf.sub(tf.softplus(outputs), tf.mul(outputs, truth!));
      const forValues = tf.squaredDifference(outputs, truth!);
      return tf.mean(tf.add(tf.mul(forBinary, binary!), tf.mul(forValues, tf.sub(1, binary!))));
    };
    const { value, gradients } = valueAndGradients(loss, Object.values(parameters));
    const settings = { learningRate: rate!, update: update!, beta1: 0.9, beta2: 0.999 };
    return { state: updated(state, parameters, gradients, settings), outputs: { loss: value } };
  };
  const predicting: StateFunction = (state, { images }) => ({
    outputs: { predictions: classify(state, images!, stages) },
  });
  const train = await engine.compile(step, {
    images: specOf(batch),
    truth: row,
    binary: kinds,
    rate: scalar,
    update: scalar,
  });
  const predictBatch = await engine.compile(predicting, { images: specOf(batch) });

  const imageLength = imageSize * imageSize * channels;
  const pixels = new Uint8Array(batch * imageLength);
  const vectors = new Float32Array(batch * all.length);
  /** Images and their labels; continuous values are scaled to [-1, 1]. */
  const read = async (indices: readonly number[]) => {
    await dataset.readInto(indices, pixels);
    await dataset.readAttributes(indices, vectors);
    const truth = new Float32Array(batch * attributes.length);
    for (let i = 0; i < batch; i++) {
      attributes.forEach(({ kind, range: [min, max] }, a) => {
        const value = vectors[i * all.length + columns[a]!]!;
        truth[i * attributes.length + a] =
          kind === 'binary' ? Number(value > 0) : (2 * (value - min)) / (max - min) - 1;
      });
    }
    return { images: toFloats(pixels), truth };
  };
  const trainingCount = Math.floor(dataset.count * (1 - heldOut));
  if (trainingCount < batch || dataset.count - trainingCount < batch) {
    throw new UserError(
      `data ${dataset.name}: ${dataset.count} images are too few to learn attributes from; expected at least 640`,
    );
  }
  for (let number = 1; number <= steps; number++) {
    signal.throwIfAborted();
    const indices = Array.from({ length: batch }, () => random.integer(trainingCount));
    const { images, truth } = await read(indices);
    // The learning rate falls to 0, so that the last steps settle.
    const rate = learningRate * Math.min(1, 2 * (1 - number / (steps + 1)));
    await train.run(
      {
        images: { ...specOf(batch), data: images },
        truth: { ...row, data: truth },
        binary: { ...kinds, data: isBinary },
        rate: { ...scalar, data: Float32Array.of(rate) },
        update: { ...scalar, data: Float32Array.of(number) },
      },
      { fetch: [] },
    );
    if (number % 50 === 0) onProgress(number, steps);
  }
  await train.dispose();

  const predict = predictWith(predictBatch, imageLength, specOf(batch), isBinary);
  const quality = await measure(predict, attributes, async function* () {
    for (let first = trainingCount; first + batch <= dataset.count; first += batch) {
      yield await read(Array.from({ length: batch }, (_, i) => first + i));
    }
  });
  return {
    attributes,
    quality,
    predict,
    classify: (state, images) => classify(state, images, stages),
  };
}

/** Predicts for any number of images in batches; the last batch is padded. */
function predictWith(
  compiled: CompiledFunction,
  imageLength: number,
  spec: { readonly shape: readonly number[]; readonly dtype: 'float32' },
  isBinary: Float32Array,
): AttributeClassifier['predict'] {
  const width = isBinary.length;
  return async (images, count) => {
    const predictions = new Float32Array(count * width);
    for (let first = 0; first < count; first += batch) {
      const piece = new Float32Array(batch * imageLength);
      piece.set(images.subarray(first * imageLength, Math.min(count, first + batch) * imageLength));
      const outputs = await compiled.run({ images: { ...spec, data: piece } });
      const found = outputs['predictions']!.data;
      const size = Math.min(batch, count - first);
      for (let i = 0; i < size * width; i++) {
        const value = found[i]!;
        predictions[first * width + i] = isBinary[i % width] === 1 ? 1 / (1 + Math.exp(-value)) : value;
      }
    }
    return predictions;
  };
}

/** Accuracies or correlations on held-out images. */
async function measure(
  predict: AttributeClassifier['predict'],
  attributes: readonly PredictedAttribute[],
  batches: () => AsyncIterable<{ readonly images: Float32Array; readonly truth: Float32Array }>,
): Promise<Record<string, number>> {
  const found: number[][] = attributes.map(() => []);
  const truths: number[][] = attributes.map(() => []);
  for await (const { images, truth } of batches()) {
    const predictions = await predict(images, batch);
    for (let i = 0; i < batch; i++) {
      attributes.forEach((_, a) => {
        found[a]!.push(predictions[i * attributes.length + a]!);
        truths[a]!.push(truth[i * attributes.length + a]!);
      });
    }
  }
  return Object.fromEntries(
    attributes.map(({ name, kind }, a) => {
      const [got, wanted] = [found[a]!, truths[a]!];
      const right = got.filter((value, i) => value > 0.5 === wanted[i]! > 0.5).length / got.length;
      return [name, kind === 'binary' ? right : correlation(got, wanted)];
    }),
  );
}

/** Pearson's correlation. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [x, y] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    ab += (value - x) * (b[i]! - y);
    aa += (value - x) ** 2;
    bb += (b[i]! - y) ** 2;
  });
  return ab / Math.sqrt(aa * bb || 1);
}
