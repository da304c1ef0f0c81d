// Refines directions by gradient descent through the generator and the classifier: each must change its own attribute and preserve
// all others, categorical ones such as colours included. The start is the difference of mean latents, which does not separate attributes in an entangled latent space. One
// vector serves all latents, so it can hardly exploit the classifier's weaknesses; even so, a second classifier measures it.
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../../runtime-web/format/random.ts';
import { adam } from '../../training/adam.ts';
import type { Engine, NamedTensors, StateFunction } from '../../engine/engine.ts';
import type { FrozenGenerator } from '../../frozen/frozen-networks.ts';
import { slotNames } from '../../training/state.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { valueAndGradients } from '../../graph/trace/value-and-gradients.ts';
import type { AttributeClassifier } from '../attributes/attribute-classifier.ts';
import { preservationLoss, targetLoss } from '../attributes/attribute-loss.ts';
import { isOn } from '../attributes/attribute-effect.ts';
import type { PredictedSamples } from './directions.ts';
import { held } from '../../held.ts';

/** Inputs of the refinement. */
export interface RefineOptions {
  /** The engine that holds the classifier's parameters; the generator's are added to its state. */
  readonly engine: Engine;
  readonly generator: FrozenGenerator;
  readonly classifier: AttributeClassifier;
  readonly samples: PredictedSamples;
  /** The initial vector [dim] of each steerable attribute; its length is the length of the move. */
  readonly starts: readonly Float64Array[];
  /** Attributes whose vectors are refined; default: all. */
  readonly wanted?: readonly number[];
  /** Number of updates. */
  readonly steps: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

const batch = 64;
const learningRate = 0.03;
/**
 * Target fraction of moved samples with the attribute. Below it the weight of the attribute grows, above it the weight falls.
 */
const wantedSuccess = 0.87;
/** Margin beyond the decision border, in logits for binary attributes and in units of continuous ones. */
const margins = { binary: 1, continuous: 0.2 } as const;

const name = 'directions';

/** The refined vectors, in the steerable attributes' order. Throws the signal's reason when aborted. */
export async function refineDirections(options: RefineOptions): Promise<Float64Array[]> {
  const { engine, generator, classifier, samples, starts, steps, random, signal, onProgress } = options;
  const { attributes, steerable } = classifier;
  const count = steerable.length;
  const { dim, latents, predictions } = samples;
  const float = (shape: readonly number[], data: Float32Array): HostTensor => ({
    shape,
    dtype: 'float32',
    data,
  });
  const vectors = new Float32Array(count * dim);
  starts.forEach((start, a) => vectors.set(Float32Array.from(start), a * dim));
  await engine.writeState({
    ...generator.parameters,
    [name]: float([count, dim], vectors),
    [slotNames.first(name)]: float([count, dim], new Float32Array(count * dim)),
    [slotNames.second(name)]: float([count, dim], new Float32Array(count * dim)),
  });

  const step: StateFunction = (state, { z, pick, pressure, rate, update }) => {
    const directions = state[name] as tf.Tensor2D;
    const predict = (latent: tf.Tensor): tf.Tensor =>
      classifier.classify(state, generator.generate(state, latent));
    const moved = (): tf.Tensor => predict(tf.add(z!, tf.matMul(pick as tf.Tensor2D, directions))); // [b, columns]
    const own = (outputs: tf.Tensor): tf.Tensor => tf.slice(outputs, [0, 0], [batch, count]);
    const isOther = tf.pad(
      tf.sub(1, pick!),
      [
        [0, 0],
        [0, attributes.length - count],
      ],
      1,
    ); // [b, attributes]
    const before = predict(z!);
    const loss = (): tf.Tensor => {
      const after = moved();
      const pushed = tf.mul(tf.mul(pick!, pressure!), targetLoss(steerable, own(after), margins));
      const preserved = tf.mul(isOther, preservationLoss(attributes, after, before));
      return tf.div(tf.add(tf.sum(pushed), tf.sum(preserved)), batch);
    };
    const { value, gradients } = valueAndGradients(loss, [directions]);
    const slot = {
      parameter: directions,
      first: state[slotNames.first(name)]!,
      second: state[slotNames.second(name)]!,
    };
    const settings = { learningRate: rate!, update: update!, beta1: 0.9, beta2: 0.999 };
    const next = adam(slot, gradients[0]!, settings);
    const hits = tf.mul(pick!, tf.cast(tf.greater(own(moved()), 0), 'float32'));
    const state_: NamedTensors = {
      [name]: next.parameter,
      [slotNames.first(name)]: next.first,
      [slotNames.second(name)]: next.second,
    };
    return { state: state_, outputs: { loss: value, hits: tf.sum(hits, 0) } };
  };
  const inputs = {
    z: { shape: [batch, dim], dtype: 'float32' },
    pick: { shape: [batch, count], dtype: 'float32' },
    pressure: { shape: [count], dtype: 'float32' },
    rate: { shape: [], dtype: 'float32' },
    update: { shape: [], dtype: 'float32' },
  } as const;
  await using compiled = held(await engine.compile(step, inputs));
  const without = steerable.map((_, a) =>
    Array.from({ length: samples.count }, (__, i) => i).filter((i) => !isOn(predictions, attributes, i, a)),
  );
  // If all samples have an attribute, it cannot be added to any.
  const open = without.flatMap((list, a) =>
    list.length === 0 || options.wanted?.includes(a) === false ? [] : [a],
  );
  const pressure = new Float32Array(count).fill(1);
  const success = new Float32Array(count).fill(0.5);
  for (let number = 1; number <= steps && open.length > 0; number++) {
    signal.throwIfAborted();
    const z = new Float32Array(batch * dim);
    const pick = new Float32Array(batch * count);
    const picked = new Float32Array(count);
    for (let i = 0; i < batch; i++) {
      const a = open[random.integer(open.length)]!;
      const sample = without[a]![random.integer(without[a]!.length)]!;
      z.set(latents.subarray(sample * dim, (sample + 1) * dim), i * dim);
      pick[i * count + a] = 1;
      picked[a]! += 1;
    }
    const { hits } = await compiled.run(
      {
        z: float(inputs.z.shape, z),
        pick: float(inputs.pick.shape, pick),
        pressure: float([count], pressure),
        rate: float([], Float32Array.of(learningRate * Math.min(1, 2 * (1 - number / (steps + 1))))),
        update: float([], Float32Array.of(number)),
      },
      { fetch: ['hits'] },
    );
    for (const a of open) {
      if (picked[a] === 0) continue;
      success[a]! += 0.1 * (hits!.data[a]! / picked[a]! - success[a]!);
      pressure[a]! *= Math.exp(0.1 * (wantedSuccess - success[a]!));
    }
    if (number % 50 === 0 || number === steps) onProgress?.(number, steps);
  }
  const found = (await engine.readState([name]))[name]!.data;
  return starts.map((_, a) => Float64Array.from(found.slice(a * dim, (a + 1) * dim)));
}
