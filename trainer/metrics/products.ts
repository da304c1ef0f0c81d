// Inner products of many features: a matrix product in ONNX Runtime, 100 times as fast as a loop in JavaScript.
import * as tf from '@tensorflow/tfjs-core';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { openSession, toOrt } from '../engine/onnx-session.ts';
import { identityLayout } from '../graph/lower/layout.ts';
import { elementType, encodeModel, type OnnxValueInfo } from '../graph/lower/onnx-schema.ts';
import { lower } from '../graph/lower/lower.ts';
import { record } from '../graph/trace/record.ts';

/** Rows of features, row-major. */
export interface FeatureRows {
  readonly count: number;
  readonly dim: number;
  readonly data: Float32Array;
}

/** A matrix in double precision, row-major. */
export interface DoubleMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** Computes inner products; dispose of it. */
export interface Products {
  /** a [n, dim], b [m, dim] → all inner products [n, m]. */
  of(a: FeatureRows, b: FeatureRows): Promise<Float32Array>;
  /** The matrix product a b in double precision. */
  ofMatrices(a: DoubleMatrix, b: DoubleMatrix): Promise<DoubleMatrix>;
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
  let doubles: Promise<InferenceSession> | null = null;
  return {
    async ofMatrices(a, b) {
      doubles ??= openSession(doubleProduct(), { provider: 'cpu', threads });
      const tensor = ({ rows, columns, data }: DoubleMatrix): Tensor =>
        new Tensor('float64', data, [rows, columns]);
      const { product } = await (await doubles).run({ a: tensor(a), b: tensor(b) });
      return { rows: a.rows, columns: b.columns, data: product!.data as Float64Array };
    },
    async of(a, b) {
      const session = await sessionFor(a.count, b.count, a.dim);
      const asTensor = ({ count, dim, data }: FeatureRows) =>
        toOrt({ shape: [count, dim], dtype: 'float32', data }, identityLayout(2));
      const { products } = await session.run({ a: asTensor(a), b: asTensor(b) });
      return products!.data as Float32Array;
    },
    async dispose() {
      for (const session of sessions.values()) await (await session).release();
      await (await doubles)?.release();
      doubles = null;
      sessions.clear();
    },
  };
}

/** The network a [n, k], b [k, m] → a b. */
function doubleProduct(): Uint8Array {
  const value = (name: string, ...dims: readonly string[]): OnnxValueInfo => ({
    ...{ name, dims },
    elementType: elementType.float64,
  });
  return encodeModel({
    name: 'product',
    nodes: [{ op_type: 'MatMul', name: 'product', input: ['a', 'b'], output: ['product'], attributes: {} }],
    initialisers: [],
    inputs: [value('a', 'n', 'k'), value('b', 'k', 'm')],
    outputs: [value('product', 'n', 'm')],
    metadata: {},
  });
}

/** The matrix with rows as columns. */
export function transposed({ rows, columns, data }: DoubleMatrix): DoubleMatrix {
  const moved = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) moved[j * rows + i] = data[i * columns + j]!;
  }
  return { rows: columns, columns: rows, data: moved };
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
