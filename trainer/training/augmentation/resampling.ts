// Resamples a batch of images by affine maps, one for each image, with a gradient on every engine: matrix products, and products and
// sums of elements, all linear in the image.
//
// A row of pixels is a sum of cosines (its discrete cosine transform), which continue it beyond its ends as its mirror image. Another
// position is another angle of the cosines. An affine map is two passes (Catmull and Smith 1980): along the rows to a place that depends
// linearly on the row, then along the columns to one that depends linearly on the column. So each pass needs the cosine of a sum of two
// angles, one of the pixel made and one of the row, and the addition theorem makes two matrix products of it.
import * as tf from '@tensorflow/tfjs-core';
import type { ImageSize } from '../../../runtime-web/format/image-shape.ts';
import type { NamedTensors } from '../../engine/engine.ts';
import type { TensorSpec } from '../../graph/trace/graph.ts';
import type { Affine } from './affine.ts';

/** Share of the frequencies that are kept whole where pixels lie between pixels; the rest fade out, so that edges do not ring. */
const wholeBand = 0.7;

/** The side of the square that an image is resampled in. */
const sideOf = ({ width, height }: ImageSize): number => Math.max(width, height);

/** The tensors that {@link resample} takes. */
export function resamplingInputs(
  batch: number,
  size: ImageSize,
): Readonly<Record<'isMoved' | 'isTurned' | 'positions' | 'slopes' | 'bands', TensorSpec>> {
  const side = sideOf(size);
  const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });
  return {
    isMoved: float(batch, 1, 1, 1),
    isTurned: float(batch, 1, 1, 1),
    positions: float(batch, 2, 2 * side),
    slopes: float(batch, 2, 2 * side),
    bands: float(batch, 2, side),
  };
}

/** An image's map from the pixels to make to those of the image. */
export interface Movement {
  readonly map: Affine;
  /** True if every pixel made is a pixel of the image or of its mirror images; nothing fades then. */
  readonly isExact: boolean;
}

/**
 * Writes the values of image `index` into the data of {@link resamplingInputs}; null for an image that stays as it is. A pass has a
 * row of cosines and one of sines: of the angles of the pixels made (`positions`), and of the rows' shares of the angles (`slopes`).
 */
export function writeMovement(
  data: Readonly<Record<keyof ReturnType<typeof resamplingInputs>, Float32Array>>,
  index: number,
  size: ImageSize,
  movement: Movement | null,
): void {
  const side = sideOf(size);
  const isTurned = movement !== null && Math.abs(movement.map.b) > Math.abs(movement.map.d);
  data.isMoved[index] = movement === null ? 0 : 1;
  data.isTurned[index] = isTurned ? 1 : 0;
  for (const [pass, { factor, offset, slope }] of passesOf(movement?.map ?? null, isTurned).entries()) {
    for (let i = 0; i < side; i++) {
      const fromCentre = i - (side - 1) / 2;
      const at = 4 * index * side + pass * side + i;
      const position = (Math.PI * (factor * fromCentre + offset + side / 2)) / side;
      const share = (Math.PI * slope * fromCentre) / side;
      data.positions[at] = Math.cos(position);
      data.positions[at + 2 * side] = Math.sin(position);
      data.slopes[at] = Math.cos(share);
      data.slopes[at + 2 * side] = Math.sin(share);
      data.bands[2 * index * side + pass * side + i] =
        movement === null || movement.isExact ? 1 : bandWeight(i, side / Math.max(1, Math.abs(factor)));
    }
  }
}

/** A pass reads the pixel at `factor` times the pixel made, plus `offset`, plus `slope` times the row. */
interface PassOf {
  readonly factor: number;
  readonly offset: number;
  readonly slope: number;
}

/** The two passes of a map: along the rows of the image (of its transpose, if it is turned), then along the columns. */
function passesOf(map: Affine | null, isTurned: boolean): readonly [PassOf, PassOf] {
  if (map === null) return [still, still];
  const { a, b, e, c, d, g } = isTurned
    ? { a: map.c, b: map.d, e: map.g, c: map.a, d: map.b, g: map.e }
    : map;
  return [
    { factor: a - (b * c) / d, slope: b / d, offset: e - (b * g) / d },
    { factor: d, slope: c, offset: g },
  ];
}

const still: PassOf = { factor: 1, slope: 0, offset: 0 };

/** The weight of frequency `k` if those from `end` on are too fine for the pixels made: 1, falling to 0 as half a cosine. */
function bandWeight(k: number, end: number): number {
  const share = (k / end - wholeBand) / (1 - wholeBand);
  return share <= 0 ? 1 : share >= 1 ? 0 : 0.5 + 0.5 * Math.cos(Math.PI * share);
}

/**
 * Resamples images [b, h, w, c] by the maps of `given`; beyond its borders an image is its mirror image. An image that stays as it is
 * is exactly the same.
 */
export function resample(images: tf.Tensor, given: NamedTensors): tf.Tensor {
  const [b, h, w, c] = images.shape as [number, number, number, number];
  const side = sideOf({ width: w, height: h });
  const square = mirrored(mirrored(images, 1, side), 2, side);
  const tables = tablesOf(given, side);
  const basis = tf.tensor3d(cosineTransform(side), [1, side, side]);
  const along = (x: tf.Tensor, pass: 0 | 1): tf.Tensor => {
    const { cosines, sines, slopeCosines, slopeSines } = tables[pass];
    const flat = (some: tf.Tensor): tf.Tensor3D => tf.reshape(some, [b, side, c * side]);
    const frequencies = tf.reshape(tf.matMul(basis, flat(x)), [b, side, c, side]);
    const product = (table: tf.Tensor3D, slope: tf.Tensor): tf.Tensor =>
      tf.matMul(table, flat(tf.mul(frequencies, slope)));
    const made = tf.sub(product(cosines, slopeCosines), product(sines, slopeSines));
    return tf.reshape(made, [b, side, c, side]);
  };
  const { isTurned, isMoved } = given as Readonly<Record<string, tf.Tensor>>;
  const columns = blend(
    isTurned!,
    tf.transpose(square, [0, 1, 3, 2]), // [b, rows, c, columns]
    tf.transpose(square, [0, 2, 3, 1]), // [b, columns, c, rows]
  );
  const rows = tf.transpose(along(columns, 0), [0, 3, 2, 1]); // [b, rows, c, columns]
  const made = tf.transpose(along(rows, 1), [0, 1, 3, 2]);
  const [top, left] = [(side - h) / 2, (side - w) / 2];
  return blend(
    isMoved!,
    side === w && side === h ? made : tf.slice(made, [0, top, left, 0], [b, h, w, c]),
    images,
  );
}

/** `chosen` where the mask is 1, `other` where it is 0, both exactly. */
function blend(mask: tf.Tensor, chosen: tf.Tensor, other: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(mask, chosen), tf.mul(tf.sub(1, mask), other));
}

/** The tables of a pass. */
interface Tables {
  /** [b, pixels made, frequencies], faded out. */
  readonly cosines: tf.Tensor3D;
  readonly sines: tf.Tensor3D;
  /** [b, frequencies, 1, rows]. */
  readonly slopeCosines: tf.Tensor;
  readonly slopeSines: tf.Tensor;
}

function tablesOf({ positions, slopes, bands }: NamedTensors, side: number): readonly [Tables, Tables] {
  const b = positions!.shape[0]!;
  const [cosines, sines] = multiples(halves(positions!, [b, 2 * side, 1]), side, 2);
  const [slopeCosines, slopeSines] = multiples(halves(slopes!, [b, 1, 1, 2 * side]), side, 1);
  const tables = (pass: 0 | 1): Tables => {
    const weights = tf.slice(bands!, [0, pass, 0], [b, 1, side]);
    const rows = (table: tf.Tensor): tf.Tensor3D =>
      tf.mul(tf.slice(table, [0, pass * side, 0], [b, side, side]), weights);
    const columns = (table: tf.Tensor): tf.Tensor =>
      tf.slice(table, [0, 0, 0, pass * side], [b, side, 1, side]);
    return {
      cosines: rows(cosines),
      sines: rows(sines),
      slopeCosines: columns(slopeCosines),
      slopeSines: columns(slopeSines),
    };
  };
  return [tables(0), tables(1)];
}

/** The cosines and the sines of [b, 2, n], each as `shape`. */
function halves(pairs: tf.Tensor, shape: number[]): readonly [tf.Tensor, tf.Tensor] {
  const [cosines, sines] = tf.split(pairs, 2, 1) as [tf.Tensor, tf.Tensor];
  return [tf.reshape(cosines, shape), tf.reshape(sines, shape)];
}

/**
 * Cosines and sines of 0, 1, … `count` - 1 times some angles, along an axis on which the given ones have length 1. Each round doubles
 * the multiples by turning those there are, so that no engine's own sine is needed: some graphics processors' are inexact.
 */
function multiples(
  [cosine, sine]: readonly [tf.Tensor, tf.Tensor],
  count: number,
  axis: number,
): readonly [tf.Tensor, tf.Tensor] {
  let [cosines, sines]: tf.Tensor[] = [tf.fill(cosine.shape, 1), tf.fill(sine.shape, 0)];
  let [turnCosine, turnSine]: tf.Tensor[] = [cosine, sine];
  for (let made = 1; made < count; made *= 2) {
    const wanted = Math.min(made, count - made);
    const [c, s] = [cosines!, sines!].map((x) => (wanted === made ? x : firstOf(x, axis, wanted)));
    const nextCosines = tf.sub(tf.mul(c!, turnCosine!), tf.mul(s!, turnSine!));
    const nextSines = tf.add(tf.mul(s!, turnCosine!), tf.mul(c!, turnSine!));
    cosines = tf.concat([cosines!, nextCosines], axis);
    sines = tf.concat([sines!, nextSines], axis);
    const twice = tf.mul(tf.mul(turnSine!, turnCosine!), 2);
    turnCosine = tf.sub(tf.square(turnCosine!), tf.square(turnSine!));
    turnSine = twice;
  }
  return [cosines!, sines!];
}

function firstOf(x: tf.Tensor, axis: number, count: number): tf.Tensor {
  return tf.slice(
    x,
    x.shape.map(() => 0),
    x.shape.map((dim, i) => (i === axis ? count : dim)),
  );
}

/** Rows of frequencies: the discrete cosine transform (DCT-II) whose inverse is the plain sum of cosines. */
function cosineTransform(side: number): Float32Array {
  return Float32Array.from({ length: side * side }, (_, i) => {
    const [k, x] = [Math.floor(i / side), i % side];
    return ((k === 0 ? 1 : 2) / side) * Math.cos((Math.PI * k * (x + 0.5)) / side);
  });
}

/** Continues an axis by mirror images to `side`, equally at both ends. */
function mirrored(x: tf.Tensor, axis: number, side: number): tf.Tensor {
  const n = x.shape[axis]!;
  if (n === side) return x;
  const indices = Int32Array.from({ length: side }, (_, i) => {
    const at = (((i - (side - n) / 2) % (2 * n)) + 2 * n) % (2 * n);
    return at < n ? at : 2 * n - 1 - at;
  });
  return tf.gather(x, tf.tensor1d(indices, 'int32'), axis);
}
