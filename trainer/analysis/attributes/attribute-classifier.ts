// Trains a small network that predicts the attributes of an image, on labelled images, and applies it to generated ones.
import type * as tf from '@tensorflow/tfjs-core';
import { Random } from '../../../runtime-web/format/random.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { AttributeInfo } from '../../data/source.ts';
import type { CompiledFunction, Engine, NamedTensors, StateFunction } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { valueAndGradients } from '../../graph/trace/value-and-gradients.ts';
import { initialise } from '../../networks/network.ts';
import { toFloats } from '../../pictures/pixels.ts';
import { slotNames } from '../../training/state.ts';
import { updated } from '../../training/step.ts';
import { outputLoss, outputWidth, predictionsOf, truthRow } from './attribute-outputs.ts';
import { stridedNetwork, type ClassifierNetwork } from './classifier-networks.ts';

/** An attribute that can be added and removed. */
export type PredictedAttribute = AttributeInfo & { readonly kind: 'binary' | 'continuous' };

/** Predicts the attributes of images. */
export interface AttributePredictor {
  readonly attributes: readonly AttributeInfo[];
  /**
   * Quality on held-out images by attribute name: accuracy, or for a continuous attribute the correlation with the truth.
   */
  readonly quality: Readonly<Record<string, number>>;
  /**
   * Images [n, size, size, channels] in [-1, 1] → [n, attributes]: probabilities, values scaled to [-1, 1], and numbers of categories.
   */
  predict(images: Float32Array, count: number): Promise<Float32Array>;
}

/** A trained classifier on its engine. */
export interface AttributeClassifier extends AttributePredictor {
  /** The attributes that can be added and removed: the first ones of `attributes`, so that an index means the same in both. */
  readonly steerable: readonly PredictedAttribute[];
  /**
   * The same network as tfjs ops, with parameters from the state of the engine that it was trained on: [n, columns], logits for binary
   * attributes and categories, values for continuous attributes (attribute-outputs.ts).
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
const learningRate = 1e-3;
/** Fraction of the images that is held out: the last ones. */
const heldOut = 0.1;

const isSteerable = (attribute: AttributeInfo): attribute is PredictedAttribute =>
  attribute.kind !== 'categorical';

/**
 * Trains a classifier of the dataset's binary and continuous attributes, and with `hasCategories` of the categorical ones after them; its
 * parameters stay in the engine's state. Throws UserError for a dataset without attributes, the signal's reason when aborted.
 */
export async function trainClassifier(
  options: ClassifierOptions & { readonly hasCategories?: boolean },
): Promise<AttributeClassifier> {
  const known = attributesOf(options.dataset);
  const steerable = known.filter(isSteerable);
  const attributes = options.hasCategories === true ? categoriesLast(known) : steerable;
  return {
    ...(await trainPredictor(options, stridedNetwork, attributes)),
    steerable,
    classify: (state, images) => stridedNetwork.forward(state, images),
  };
}

/** The attributes that can be added and removed, then the categorical ones. */
export function categoriesLast(attributes: readonly AttributeInfo[]): readonly AttributeInfo[] {
  return [...attributes.filter(isSteerable), ...attributes.filter((each) => !isSteerable(each))];
}

/** The attributes of a dataset, without numbers that all images share. Throws UserError if none of them can be added and removed. */
export function attributesOf({ name, attributes }: Dataset): readonly AttributeInfo[] {
  const differing = (attributes ?? []).filter(({ range: [least, most] }) => least < most);
  if (differing.some(isSteerable)) return differing;
  const got = attributes === null ? 'no attributes' : 'no attributes (yes or no) or numbers that differ';
  throw new UserError(
    `data ${name}: has ${got}; expected avatars, or CelebA with list_attr_celeba.txt, or images with --labels`,
  );
}

/** Trains a network to predict `attributes` of the dataset. Throws as {@link trainClassifier} does. */
export async function trainPredictor(
  { engine, dataset, seed, steps = 2000, signal, onProgress = () => undefined }: ClassifierOptions,
  network: ClassifierNetwork,
  attributes: readonly AttributeInfo[],
): Promise<AttributePredictor> {
  const { height, width, channels } = dataset;
  const outputs = outputWidth(attributes);
  const specs = network.parameters(dataset, outputs);
  const random = new Random(seed);
  const initial: Record<string, HostTensor> = initialise(specs, random);
  for (const [name, tensor] of Object.entries({ ...initial })) {
    for (const slot of [slotNames.first(name), slotNames.second(name)]) {
      initial[slot] = { ...tensor, data: new Float32Array(tensor.data.length) };
    }
  }
  await engine.writeState(initial);
  const scalar = { shape: [], dtype: 'float32' } as const;
  const imageSpec = { shape: [batch, height, width, channels], dtype: 'float32' } as const;
  const truthSpec = { shape: [batch, outputs], dtype: 'float32' } as const;

  const step: StateFunction = (state, { images, truth, rate, update }) => {
    const parameters = Object.fromEntries(Object.keys(specs).map((name) => [name, state[name]!]));
    const loss = (): tf.Tensor => outputLoss(attributes, network.forward(parameters, images!), truth!);
    const { value, gradients } = valueAndGradients(loss, Object.values(parameters));
    const settings = { learningRate: rate!, update: update!, beta1: 0.9, beta2: 0.999 };
    return { state: updated(state, parameters, gradients, settings), outputs: { loss: value } };
  };
  const predicting: StateFunction = (state, { images }) => ({
    outputs: { outputs: network.forward(state, images!) },
  });
  const train = await engine.compile(step, {
    images: imageSpec,
    truth: truthSpec,
    rate: scalar,
    update: scalar,
  });
  const predictBatch = await engine.compile(predicting, { images: imageSpec });

  const all = dataset.attributes!;
  const columns = attributes.map((attribute) => all.indexOf(attribute));
  const imageLength = width * height * channels;
  const pixels = new Uint8Array(batch * imageLength);
  const vectors = new Float32Array(batch * all.length);
  /** Images, the truth as outputs, and the attributes' own values, a row an image. */
  const read = async (indices: readonly number[]) => {
    await dataset.readInto(indices, pixels);
    await dataset.readAttributes(indices, vectors);
    const values = indices.map((_, i) => columns.map((column) => vectors[i * all.length + column]!));
    const truth = new Float32Array(batch * outputs);
    values.forEach((row, i) => truth.set(truthRow(attributes, row), i * outputs));
    return { images: toFloats(pixels), truth, values };
  };
  const trainingCount = Math.floor(dataset.count * (1 - heldOut));
  if (trainingCount < batch || dataset.count - trainingCount < batch) {
    throw new UserError(
      `data ${dataset.name}: ${dataset.count} images are too few to learn attributes from; expected at least 640`,
    );
  }
  for (let number = 1; number <= steps; number++) {
    signal.throwIfAborted();
    const { images, truth } = await read(Array.from({ length: batch }, () => random.integer(trainingCount)));
    // The learning rate falls to 0, so that the last steps settle.
    const rate = learningRate * Math.min(1, 2 * (1 - number / (steps + 1)));
    await train.run(
      {
        images: { ...imageSpec, data: images },
        truth: { ...truthSpec, data: truth },
        rate: { ...scalar, data: Float32Array.of(rate) },
        update: { ...scalar, data: Float32Array.of(number) },
      },
      { fetch: [] },
    );
    if (number % 50 === 0) onProgress(number, steps);
  }
  await train.dispose();

  const predict = predictWith(predictBatch, imageSpec, attributes);
  const quality = await measure(predict, attributes, async function* () {
    for (let first = trainingCount; first + batch <= dataset.count; first += batch) {
      yield await read(Array.from({ length: batch }, (_, i) => first + i));
    }
  });
  return { attributes, quality, predict };
}

/** Predicts for any number of images in batches; the last batch is padded. */
function predictWith(
  compiled: CompiledFunction,
  spec: { readonly shape: readonly number[]; readonly dtype: 'float32' },
  attributes: readonly AttributeInfo[],
): AttributePredictor['predict'] {
  const width = outputWidth(attributes);
  const imageLength = spec.shape.slice(1).reduce((product, side) => product * side, 1);
  return async (images, count) => {
    const predictions = new Float32Array(count * attributes.length);
    for (let first = 0; first < count; first += batch) {
      const piece = new Float32Array(batch * imageLength);
      piece.set(images.subarray(first * imageLength, Math.min(count, first + batch) * imageLength));
      const { outputs } = await compiled.run({ images: { ...spec, data: piece } });
      for (let i = first; i < Math.min(count, first + batch); i++) {
        const found = predictionsOf(attributes, outputs!.data, (i - first) * width);
        predictions.set(found, i * attributes.length);
      }
    }
    return predictions;
  };
}

/** Accuracies or correlations on held-out images. */
async function measure(
  predict: AttributePredictor['predict'],
  attributes: readonly AttributeInfo[],
  batches: () => AsyncIterable<{ readonly images: Float32Array; readonly values: readonly number[][] }>,
): Promise<Record<string, number>> {
  const found: number[][] = attributes.map(() => []);
  const truths: number[][] = attributes.map(() => []);
  for await (const { images, values } of batches()) {
    const predictions = await predict(images, values.length);
    values.forEach((row, i) => {
      attributes.forEach((_, a) => {
        found[a]!.push(predictions[i * attributes.length + a]!);
        truths[a]!.push(row[a]!);
      });
    });
  }
  return Object.fromEntries(
    attributes.map(({ name, kind }, a) => {
      const [got, wanted] = [found[a]!, truths[a]!];
      if (kind === 'continuous') return [name, correlation(got, wanted)];
      const isRight = (value: number, i: number): boolean =>
        kind === 'binary' ? value > 0.5 === wanted[i]! > 0 : value === wanted[i];
      return [name, got.filter(isRight).length / got.length];
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
