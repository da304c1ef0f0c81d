// The features that the DCGAN paper compares itself with (its table 1; Coates, Lee and Ng 2011): how much nearer than on
// average each patch of an image is to each centroid, summed over the image's quadrants. No network, one layer.
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine } from '../../engine/engine.ts';
import type { HostTensor } from '../../trace/graph.ts';
import { compileFeatureSet, type FeatureSet } from './feature-set.ts';
import { kMeans } from './k-means.ts';
import { contrastFloor, drawPatches, normalisePatches, patchSide } from './patches.ts';
import { whiten, whiteningOf, type Whitening } from './whitening.ts';

/** What is learned, and from what. */
export interface PatchFeaturesOptions {
  readonly engine: Engine;
  readonly dataset: Dataset;
  /** The images that patches are drawn from. */
  readonly indices: Int32Array;
  readonly centroids: number;
  /** Patches drawn; at least as many as centroids. */
  readonly patches: number;
  readonly passes: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress: (pass: number) => void;
}

/** Images at once: few, so that what lies between the operators stays in the processor's cache. */
const batch = 8;

/** Patches lie this many pixels apart: 27 in a row, or a few more, whatever the image's size. */
export function strideFor(imageSize: number): number {
  return Math.max(1, Math.floor((imageSize - patchSide) / 26));
}

/** Learns from patches, and compiles. The names that it sets in the engine's state begin with `patches/`. */
export async function patchFeatures(options: PatchFeaturesOptions): Promise<FeatureSet> {
  const {
    engine,
    dataset,
    indices,
    centroids: k,
    patches: count,
    passes,
    random,
    signal,
    onProgress,
  } = options;
  const { channels, imageSize } = dataset;
  const width = patchSide * patchSide * channels;
  const patches = await drawPatches(dataset, indices, count, random, signal);
  normalisePatches(patches, width);
  const whitening = whiteningOf(patches, width);
  const rows = whiten(patches, whitening);
  const centroids = await kMeans({ engine, rows, width, centroids: k, passes, random, signal, onProgress });
  await engine.writeState(patchParameters(whitening, centroids, channels));
  const stride = strideFor(imageSize);
  return compileFeatureSet({
    name: 'kmeans',
    title: `k-means, ${k} centroids`,
    engine,
    dataset,
    batch,
    featuresOf: (state, images) =>
      quadrantSums(
        nearness(
          state['patches/filters']!,
          state['patches/shift']!,
          state['patches/centroids']!,
          images,
          stride,
        ),
      ),
  });
}

/**
 * What {@link nearness} reads: `filters` [6, 6, channels, width] whiten a patch whose mean they take off themselves, `shift`
 * [width] is what is left to subtract, and `centroids` [width, k] lie by columns.
 */
export function patchParameters(
  { mean, map }: Whitening,
  centroids: Float32Array,
  channels: number,
): Record<string, HostTensor> {
  const width = mean.length;
  const filters = new Float32Array(width * width);
  const shift = new Float32Array(width);
  for (let to = 0; to < width; to++) {
    let sum = 0;
    for (let from = 0; from < width; from++) {
      sum += map[from * width + to]!;
      shift[to]! += mean[from]! * map[from * width + to]!;
    }
    // A filter whose numbers add up to nothing does not see a patch's mean.
    for (let from = 0; from < width; from++)
      filters[from * width + to] = map[from * width + to]! - sum / width;
  }
  const k = centroids.length / width;
  const columns = new Float32Array(centroids.length);
  for (let i = 0; i < k; i++) for (let f = 0; f < width; f++) columns[f * k + i] = centroids[i * width + f]!;
  const tensor = (shape: readonly number[], data: Float32Array<ArrayBuffer>): HostTensor => ({
    shape,
    dtype: 'float32',
    data,
  });
  return {
    'patches/filters': tensor([patchSide, patchSide, channels, width], filters),
    'patches/shift': tensor([width], shift),
    'patches/centroids': tensor([width, k], columns),
  };
}

/**
 * Images [b, size, size, channels] in [-1, 1] → [b, places, places, k]: by how much each patch is nearer to each centroid than
 * it is on average, or 0 (the paper's "triangle", section 3.2.2).
 */
export function nearness(
  filters: tf.Tensor,
  shift: tf.Tensor,
  centroids: tf.Tensor,
  images: tf.Tensor,
  stride: number,
): tf.Tensor {
  const [, , channels, width] = filters.shape as [number, number, number, number];
  // Grey levels around the middle: brightness is taken off anyway, and squares lose less so.
  const x = tf.mul(images, 127.5) as tf.Tensor4D;
  const ones = tf.ones([patchSide, patchSide, channels, 1]) as tf.Tensor4D;
  const sum = tf.conv2d(x, ones, stride, 'valid'); // [b, places, places, 1]
  const squares = tf.conv2d(tf.square(x) as tf.Tensor4D, ones, stride, 'valid');
  const variance = tf.div(tf.sub(squares, tf.div(tf.square(sum), width)), width - 1);
  const scale = tf.rsqrt(tf.add(tf.relu(variance), contrastFloor));
  const white = tf.sub(tf.mul(tf.conv2d(x, filters as tf.Tensor4D, stride, 'valid'), scale), shift);
  const [b, places] = white.shape as [number, number];
  const flat = tf.reshape(white, [b * places * places, width]) as tf.Tensor2D;
  const k = centroids.shape[1]!;
  const squared = tf.add(
    tf.sub(tf.sum(tf.square(flat), 1, true), tf.mul(tf.matMul(flat, centroids as tf.Tensor2D), 2)),
    tf.sum(tf.square(centroids), 0),
  );
  const distance = tf.sqrt(tf.relu(squared)); // [b · places · places, k]
  const near = tf.relu(tf.sub(tf.mean(distance, 1, true), distance));
  return tf.reshape(near, [b, places, places, k]);
}

/** [b, places, places, k] → sums over the four quadrants, [b, 4 k]; of an odd number the middle belongs to the first half. */
export function quadrantSums(near: tf.Tensor): tf.Tensor {
  const [b, places, , k] = near.shape as [number, number, number, number];
  const half = Math.ceil(places / 2);
  const parts = [
    [0, half],
    [half, places - half],
  ] as const;
  const sums = parts.flatMap(([top, height]) =>
    parts.map(([left, breadth]) =>
      tf.sum(tf.slice(near, [0, top, left, 0], [b, height, breadth, k]), [1, 2]),
    ),
  );
  return tf.concat(sums, 1);
}
