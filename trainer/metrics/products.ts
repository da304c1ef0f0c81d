// Inner products of many features: a matrix product in ONNX Runtime, 100 times as fast as a loop in JavaScript.
import * as tf from '@tensorflow/tfjs-core';
import type { InferenceSession } from 'onnxruntime-node';
import { openSession, toOrt } from '../engine/onnx-session.ts';
import { identityLayout } from '../graph/lower/layout.ts';
import { lower } from '../graph/lower/lower.ts';
import { record } from '../graph/trace/record.ts';

/** Rows of features, row-major. */
export interface FeatureRows {
  readonly count: number;
  readonly dim: number;
  readonly data: Float32Array;
}

/** Computes inner products; dispose of it. */
export interface Products {
  /** a [n, dim], b [m, dim] → all inner products [n, m]. */
  of(a: FeatureRows, b: FeatureRows): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Max number of rows in a block. */
const block = 1000;

/** Opens the product on the CPU. */
export async function openProducts(threads = 2): Promise<Products> {
  const sessions = new Map<string, Promise<InferenceSession>>();
  const sessionFor = (n: number, m: number, dim: number): Promise<InferenceSession> => {
    const key = `${n} ${m} ${dim}`;
    let session = sessions.get(key);
    if (session === undefined) {
      const graph = record(
        ({ a, b }) => ({ products: tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true) }),
        { a: { shape: [n, dim], dtype: 'float32' }, b: { shape: [m, dim], dtype: 'float32' } },
      );
      session = openSession(lower(graph, { name: 'products' }), { provider: 'cpu', threads });
      sessions.set(key, session);
    }
    return session;
  };
  return {
    async of(a, b) {
      const session = await sessionFor(a.count, b.count, a.dim);
      const asTensor = ({ count, dim, data }: FeatureRows) =>
        toOrt({ shape: [count, dim], dtype: 'float32', data }, identityLayout(2));
      const { products } = await session.run({ a: asTensor(a), b: asTensor(b) });
      return products!.data as Float32Array;
    },
    async dispose() {
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}

/** The first rows, `limit` at most. */
export function firstRows({ count, dim, data }: FeatureRows, limit: number): FeatureRows {
  const kept = Math.min(count, limit);
  return { count: kept, dim, data: data.subarray(0, kept * dim) };
}

/** The rows in blocks of at most 1,000, each with the number of its first row. */
export function* rowBlocks({
  count,
  dim,
  data,
}: FeatureRows): Generator<{ readonly first: number; readonly rows: FeatureRows }> {
  for (let first = 0; first < count; first += block) {
    const end = Math.min(count, first + block);
    yield { first, rows: { count: end - first, dim, data: data.subarray(first * dim, end * dim) } };
  }
}

/** The sum of squares of each row. */
export function squaredNorms({ count, dim, data }: FeatureRows): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let d = i * dim; d < (i + 1) * dim; d++) sum += data[d]! ** 2;
    return sum;
  });
}
