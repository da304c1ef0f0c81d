// Resamples a batch of images by affine maps, one for each image, with a gradient on every engine: matrix products, and products and
// sums of elements, all linear in the image.
//
// A row of pixels is a sum of cosines (its discrete cosine transform), which continue it beyond its ends as its mirror image. Another
// position is another angle of the cosines. An affine map is two passes (Catmull and Smith 1980): along the rows to a place that depends
// linearly on the row, then along the columns to one that depends linearly on the column. So each pass needs the cosine of a sum of two
// angles, one of the pixel made and one of the row, and the addition theorem makes two matrix products of it.
import * as tf from '@tensorflow/tfjs-core';
import { sideOf } from '../../../runtime-web/format/training/augmentation/movement-values.ts';
import type { NamedTensors } from '../../engine/engine.ts';

/**
 * Resamples images [b, c, h, w] by the maps of `given` (`resamplingInputs` in `movement-values.ts` of the format); beyond its borders an image is its mirror image. An image that stays as it is
 * is exactly the same.
 */
export function resample(images: tf.Tensor, given: NamedTensors): tf.Tensor {
  const [b, c, h, w] = images.shape as [number, number, number, number];
  const side = sideOf({ width: w, height: h });
  const squares = (x: tf.Tensor): tf.Tensor3D => tf.reshape(x, [b * c, side, side]);
  const planes = (x: tf.Tensor): tf.Tensor4D => tf.reshape(x, [b, c, side, side]);
  const transform = tf.tensor3d(cosineTransform(side), [1, side, side]);
  const tables = tablesOf(given, side);
  /** The frequencies along the first side of squares, or along the second side, which becomes the first. */
  const frequenciesOf = (some: tf.Tensor3D, isSecond: boolean): tf.Tensor4D =>
    planes(tf.matMul(transform, some, false, isSecond));
  const along = (frequencies: tf.Tensor4D, { places, shares }: Tables): tf.Tensor3D => {
    // Products with one table for all channels are wrong on tfjs's own backend, so each channel has a copy.
    const product = (k: 0 | 1): tf.Tensor3D =>
      tf.matMul(squares(tf.tile(places[k], [1, c, 1, 1])), squares(tf.mul(frequencies, shares[k])), true);
    return tf.sub(product(0), product(1));
  };
  const square = squares(mirrored(mirrored(images, 2, side), 3, side));
  // The rows of a turned image are its columns.
  const ofRows = blend(given['isTurned']!, frequenciesOf(square, false), frequenciesOf(square, true));
  const inRows = along(ofRows as tf.Tensor4D, tables[0]); // [b c, columns made, rows]
  const made = planes(along(frequenciesOf(inRows, true), tables[1])); // [b, c, rows made, columns made]
  const isSquare = w === h;
  const cut = isSquare ? made : tf.slice(made, [0, 0, (side - h) / 2, (side - w) / 2], [b, c, h, w]);
  return blend(given['isMoved']!, cut, images);
}

/** `chosen` where the mask is 1, `other` where it is 0, both exactly. */
function blend(mask: tf.Tensor, chosen: tf.Tensor, other: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(mask, chosen), tf.mul(tf.sub(1, mask), other));
}

/** Cosines and sines. */
type Pair = readonly [tf.Tensor, tf.Tensor];

/** The tables of a pass, for all channels: [b, 1, frequencies, n]. */
interface Tables {
  /** The table of the n places that are made; frequencies that are too fine are faded out. */
  readonly places: Pair;
  /** The table of the shares of the n rows. */
  readonly shares: Pair;
}

function tablesOf({ angles, bands }: NamedTensors, side: number): readonly [Tables, Tables] {
  const b = angles!.shape[0]!;
  const [cosines, sines] = multiples(tf.split(angles!, 2, 1) as [tf.Tensor, tf.Tensor], side);
  const part = (table: tf.Tensor, k: number): tf.Tensor =>
    tf.reshape(tf.slice(table, [0, 0, k * side], [b, side, side]), [b, 1, side, side]);
  const ofPass = (pass: 0 | 1): Tables => {
    const band = tf.reshape(tf.slice(bands!, [0, pass, 0], [b, 1, side]), [b, 1, side, 1]);
    return {
      places: [tf.mul(part(cosines, pass), band), tf.mul(part(sines, pass), band)],
      shares: [part(cosines, 2 + pass), part(sines, 2 + pass)],
    };
  };
  return [ofPass(0), ofPass(1)];
}

/**
 * Cosines and sines of 0, 1, … `count` - 1 times each angle: [b, 1, n] → [b, count, n]. Each round doubles the multiples by turning
 * those there are, so that no engine's own sine is needed: some graphics processors' are inexact.
 */
function multiples([cosine, sine]: Pair, count: number): Pair {
  let [cosines, sines]: Pair = [tf.fill(cosine.shape, 1), tf.fill(sine.shape, 0)];
  let [turnCosine, turnSine]: Pair = [cosine, sine];
  const [b, , n] = cosine.shape as [number, number, number];
  for (let made = 1; made < count; made *= 2) {
    const wanted = Math.min(made, count - made);
    const first = (x: tf.Tensor): tf.Tensor => (wanted === made ? x : tf.slice(x, [0, 0, 0], [b, wanted, n]));
    const [c, s] = [first(cosines), first(sines)];
    cosines = tf.concat([cosines, tf.sub(tf.mul(c, turnCosine), tf.mul(s, turnSine))], 1);
    sines = tf.concat([sines, tf.add(tf.mul(s, turnCosine), tf.mul(c, turnSine))], 1);
    [turnCosine, turnSine] = [
      tf.sub(tf.square(turnCosine), tf.square(turnSine)),
      tf.mul(tf.mul(turnSine, turnCosine), 2),
    ];
  }
  return [cosines, sines];
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
