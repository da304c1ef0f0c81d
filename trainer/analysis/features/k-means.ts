// K-means (Lloyd 1982) by matrix products on an engine. A centroid without rows is replaced by a random row.
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { Engine } from '../../engine/engine.ts';
import { held } from '../../held.ts';

/** Settings. */
export interface KMeansOptions {
  readonly engine: Engine;
  /** [n, width] */
  readonly rows: Float32Array;
  readonly width: number;
  /** Number of centroids, at most n. */
  readonly centroids: number;
  /** Number of passes over all rows. */
  readonly passes: number;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (pass: number) => void;
}

/** Rows per call of the engine. */
const blockRows = 1024;

/**
 * Computes the centroids, [centroids, width], starting at random rows. Throws RangeError for more centroids than rows, the
 * signal's reason when aborted.
 */
export async function kMeans(options: KMeansOptions): Promise<Float32Array<ArrayBuffer>> {
  const { engine, rows, width, centroids: k, passes, random, signal, onProgress } = options;
  const count = rows.length / width;
  if (k > count) throw new RangeError(`centroids: got ${k}, expected at most ${count}, the number of rows`);
  const specs = {
    rows: { shape: [blockRows, width], dtype: 'float32' },
    isRow: { shape: [blockRows, 1], dtype: 'float32' },
    centroids: { shape: [k, width], dtype: 'float32' },
  } as const;
  await using assign = held(
    await engine.compile((_, inputs) => {
      const [x, c] = [inputs['rows'] as tf.Tensor2D, inputs['centroids'] as tf.Tensor2D];
      // The nearest centroid maximises x·c - ½‖c‖².
      const closeness = tf.sub(tf.matMul(x, c, false, true), tf.mul(tf.sum(tf.square(c), 1), 0.5)); // [rows, k]
      const isNearest = tf.cast(tf.greaterEqual(closeness, tf.max(closeness, 1, true)), 'float32');
      const assigned = tf.mul(isNearest, inputs['isRow']!) as tf.Tensor2D; // [rows, k]
      return { outputs: { sums: tf.matMul(assigned, x, true), counts: tf.sum(assigned, 0) } };
    }, specs),
  );
  const row = (i: number): Float32Array => rows.subarray(i * width, (i + 1) * width);
  const order = random.shuffle(Int32Array.from({ length: count }, (_, i) => i));
  const centroids = new Float32Array(k * width);
  for (let i = 0; i < k; i++) centroids.set(row(order[i]!), i * width);
  for (let pass = 1; pass <= passes; pass++) {
    const sums = new Float64Array(k * width);
    const counts = new Float64Array(k);
    for (let first = 0; first < count; first += blockRows) {
      signal?.throwIfAborted();
      const size = Math.min(blockRows, count - first);
      const block = new Float32Array(blockRows * width);
      block.set(rows.subarray(first * width, (first + size) * width));
      const outputs = await assign.run({
        rows: { ...specs.rows, data: block },
        isRow: { ...specs.isRow, data: new Float32Array(blockRows).fill(1, 0, size) },
        centroids: { ...specs.centroids, data: centroids },
      });
      const [blockSums, blockCounts] = [outputs['sums']!.data, outputs['counts']!.data];
      for (let i = 0; i < sums.length; i++) sums[i]! += blockSums[i]!;
      for (let i = 0; i < k; i++) counts[i]! += blockCounts[i]!;
    }
    for (let i = 0; i < k; i++) {
      if (counts[i] === 0) centroids.set(row(random.integer(count)), i * width);
      else for (let f = 0; f < width; f++) centroids[i * width + f] = sums[i * width + f]! / counts[i]!;
    }
    onProgress?.(pass);
  }
  return centroids;
}
