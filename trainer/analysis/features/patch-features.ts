// The baseline features of the DCGAN paper (its table 1; Coates, Lee and Ng 2011): how much nearer than average each patch of an
// image is to each centroid, summed over the image's quadrants. One layer, no network.
import { type ImageSize } from '../../../runtime-web/format/image-shape.ts';
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine, NamedTensors } from '../../engine/engine.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { compileFeatureSet, type FeatureSet } from './feature-set.ts';
import { kMeans } from './k-means.ts';
import { contrastFloor, samplePatches, normalisePatches, patchSide } from './patches.ts';
import { whiten, whiteningOf, type Whitening } from './whitening.ts';

/** Settings. */
export interface PatchFeaturesOptions {
  readonly engine: Engine;
  readonly dataset: Dataset;
  /** Images from which patches are sampled. */
  readonly indices: Int32Array;
  readonly centroids: number;
  /** Number of patches; at least as many as centroids. */
  readonly patches: number;
  readonly passes: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress: (pass: number) => void;
}

/** Batch size: small, so that intermediate results stay in the processor's cache. */
const batch = 2;

/** Stride of the patches in pixels: about 27 along the shorter side of any image. */
export function strideFor({ width, height }: ImageSize): number {
  return Math.max(1, Math.floor((Math.min(width, height) - patchSide) / 26));
}

/** Learns from patches and compiles the extractor. Its names in the engine's state begin with `patches/`. */
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
  const { channels } = dataset;
  const width = patchSide * patchSide * channels;
  const patches = await samplePatches(dataset, indices, count, random, signal);
  normalisePatches(patches, width);
  const whitening = whiteningOf(patches, width);
  const rows = whiten(patches, whitening);
  const centroids = await kMeans({ engine, rows, width, centroids: k, passes, random, signal, onProgress });
  const stride = strideFor(dataset);
  await engine.writeState(patchParameters(whitening, centroids, channels, placesIn(dataset, stride)));
  return compileFeatureSet({
    name: 'kmeans',
    title: `k-means, ${k} centroids`,
    engine,
    dataset,
    batch,
    featuresOf: (state, images) => quadrantSums(state, nearness(state, images, stride)),
  });
}

/** Number of patches along each side of an image. */
function placesIn({ width, height }: ImageSize, stride: number): ImageSize {
  const along = (side: number): number => Math.floor((side - patchSide) / stride) + 1;
  return { width: along(width), height: along(height) };
}

/**
 * Parameters of {@link nearness} and {@link quadrantSums}, prefixed with `patches/`: `filters` [6, 6, channels, width]
 * whiten a patch and subtract its mean, `shift` [width] is subtracted afterwards; `spheres` [width + 2, k] give squared
 * distances from w, ‖w‖² and 1; `quadrants` [4, places] sum up.
 */
export function patchParameters(
  { mean, map }: Whitening,
  centroids: Float32Array,
  channels: number,
  { width: across, height: down }: ImageSize,
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
    // A filter whose weights sum to 0 ignores a patch's mean.
    for (let from = 0; from < width; from++)
      filters[from * width + to] = map[from * width + to]! - sum / width;
  }
  const k = centroids.length / width;
  const spheres = new Float32Array((width + 2) * k);
  for (let i = 0; i < k; i++) {
    let square = 0;
    for (let f = 0; f < width; f++) {
      const value = centroids[i * width + f]!;
      spheres[f * k + i] = -2 * value;
      square += value ** 2;
    }
    spheres[width * k + i] = 1;
    spheres[(width + 1) * k + i] = square;
  }
  // If the number of places is odd, the middle one belongs to the first half.
  const [halfDown, halfAcross] = [Math.ceil(down / 2), Math.ceil(across / 2)];
  const quadrants = new Float32Array(4 * down * across);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const quadrant = 2 * Number(y >= halfDown) + Number(x >= halfAcross);
      quadrants[(quadrant * down + y) * across + x] = 1;
    }
  }
  const tensor = (shape: readonly number[], data: Float32Array<ArrayBuffer>): HostTensor => ({
    shape,
    dtype: 'float32',
    data,
  });
  return {
    'patches/filters': tensor([patchSide, patchSide, channels, width], filters),
    'patches/shift': tensor([width], shift),
    'patches/spheres': tensor([width + 2, k], spheres),
    'patches/quadrants': tensor([4, down * across], quadrants),
  };
}

/**
 * Images [b, height, width, channels] in [-1, 1] → [b, places, k]: how much nearer each patch is to each centroid than on
 * average, or 0 (the paper's "triangle", section 3.2.2).
 */
export function nearness(state: NamedTensors, images: tf.Tensor, stride: number): tf.Tensor3D {
  const filters = state['patches/filters'] as tf.Tensor4D;
  const spheres = state['patches/spheres'] as tf.Tensor2D;
  const [, , channels, width] = filters.shape;
  // Grey levels centred at 0: brightness is removed anyway, and squares lose less precision.
  const x = tf.mul(images, 127.5) as tf.Tensor4D;
  const ones = tf.ones([patchSide, patchSide, channels, 1]) as tf.Tensor4D;
  const sum = tf.conv2d(x, ones, stride, 'valid'); // [b, down, across, 1]
  const squares = tf.conv2d(tf.square(x) as tf.Tensor4D, ones, stride, 'valid');
  const variance = tf.div(tf.sub(squares, tf.div(tf.square(sum), width)), width - 1);
  const scale = tf.rsqrt(tf.add(tf.relu(variance), contrastFloor));
  const white = tf.sub(tf.mul(tf.conv2d(x, filters, stride, 'valid'), scale), state['patches/shift']!);
  const [b, down, across] = white.shape as [number, number, number];
  const places = down * across;
  const w = tf.reshape(white, [b * places, width]);
  // ‖w‖² - 2 w·c + ‖c‖² as one product, because passes over [rows, k] take most of the time.
  const rows = tf.concat([w, tf.sum(tf.square(w), 1, true), tf.ones([b * places, 1])], 1);
  const distance = tf.sqrt(tf.relu(tf.matMul(rows as tf.Tensor2D, spheres)));
  const near = tf.relu(tf.sub(tf.mean(distance, 1, true), distance));
  return tf.reshape(near, [b, places, spheres.shape[1]]);
}

/** [b, places, k] → sums over the four quadrants, [b, 4 k]. */
export function quadrantSums(state: NamedTensors, near: tf.Tensor3D): tf.Tensor {
  const [b, , k] = near.shape;
  const quadrants = tf.tile(tf.expandDims(state['patches/quadrants']!, 0), [b, 1, 1]) as tf.Tensor3D;
  return tf.reshape(tf.matMul(quadrants, near), [b, 4 * k]);
}
