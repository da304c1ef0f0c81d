// Doubling and halving with the filter [1, 3, 3, 1] in both directions (Karras 2019, "Analyzing and Improving the Image Quality of
// StyleGAN", appendix B, and `setup_filter` in stylegan2-ada's code), with zeros around the images. Beside a convolution the filter
// is merged into its kernel: a kernel of side n becomes one of side n + 3 and stride 2.
import * as tf from '@tensorflow/tfjs-core';

const taps = [1, 3, 3, 1] as const;

/** Doubling before a transposed convolution, or halving before a convolution. */
export type SmoothResampling = 'smooth up' | 'smooth down';

/** The filter [4] of one direction: its sum is 2 where zeros are put between the pixels, else 1. */
function filterFor(resampling: SmoothResampling): readonly number[] {
  return taps.map((tap) => tap / (resampling === 'smooth up' ? 4 : 8));
}

/** The merging as a matrix [(side + 3)², side²], row-major: it maps a kernel's places to those of the merged one. */
function mergingMatrix(resampling: SmoothResampling, side: number): Float64Array {
  const filter = filterFor(resampling);
  const wide = side + filter.length - 1;
  return Float64Array.from({ length: wide ** 2 * side ** 2 }, (_, at) => {
    const [to, from] = [Math.floor(at / side ** 2), at % side ** 2];
    const row = Math.floor(to / wide) - Math.floor(from / side);
    const column = (to % wide) - (from % side);
    return (filter[row] ?? 0) * (filter[column] ?? 0);
  });
}

/** A kernel [n, n, a, b] merged with the filter: [n + 3, n + 3, a, b]. */
export function mergedSmoothly(kernel: tf.Tensor, resampling: SmoothResampling): tf.Tensor {
  const [side, , a, b] = kernel.shape as [number, number, number, number];
  const wide = side + taps.length - 1;
  const matrix = tf.tensor2d(Float32Array.from(mergingMatrix(resampling, side)), [wide ** 2, side ** 2]);
  return tf.reshape(tf.matMul(matrix, tf.reshape(kernel, [side ** 2, a * b])), [wide, wide, a, b]);
}

/** {@link mergedSmoothly} on the host, in double precision. */
export function mergedSmoothlyOnHost(
  kernel: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  resampling: SmoothResampling,
): { readonly shape: readonly number[]; readonly data: Float64Array } {
  const [side, , a, b] = kernel.shape as [number, number, number, number];
  const wide = side + taps.length - 1;
  const matrix = mergingMatrix(resampling, side);
  const data = new Float64Array(wide ** 2 * a * b);
  for (let to = 0; to < wide ** 2; to++) {
    for (let from = 0; from < side ** 2; from++) {
      const weight = matrix[to * side ** 2 + from]!;
      if (weight === 0) continue;
      for (let i = 0; i < a * b; i++) data[to * a * b + i]! += weight * kernel.data[from * a * b + i]!;
    }
  }
  return { shape: [wide, wide, a, b], data };
}

/** Doubles height and width of images: [b, h, w, c] → [b, 2h, 2w, c]. */
export function upsampleSmoothly(images: tf.Tensor): tf.Tensor {
  const [b, h, w, c] = images.shape as [number, number, number, number];
  const filter = filterFor('smooth up');
  // One filter for each channel, as the diagonal of a transposed convolution's kernel.
  const kernel = Float32Array.from({ length: 16 * c * c }, (_, at) => {
    const [place, channels] = [Math.floor(at / c ** 2), at % c ** 2];
    return channels % (c + 1) === 0 ? filter[Math.floor(place / 4)]! * filter[place % 4]! : 0;
  });
  const x = images as tf.Tensor4D;
  return tf.conv2dTranspose(x, tf.tensor4d(kernel, [4, 4, c, c]), [b, 2 * h, 2 * w, c], 2, 'same');
}
