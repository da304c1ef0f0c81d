// Bilinear resampling by two as R3GAN does it (Huang 2024; Resamplers.py): images are convolved with the filter 1 3 3 1 along both
// axes, and zeros lie beyond the edges. Doubling and halving are each other's transpose, so depthwise convolutions give derivatives of
// every order.
import * as tf from '@tensorflow/tfjs-core';

const taps = [1, 3, 3, 1] as const;
/** The sum of all products of two taps. */
const total = 64;

const window = { strides: [2, 2], pad: 'same', dilations: [1, 1], dataFormat: 'NHWC' } as const;

/** The filter of each channel [4, 4, channels, 1]; its sum is `gain`. */
function filterOf(channels: number, gain: number): tf.Tensor4D {
  const values = taps.flatMap((row) =>
    taps.flatMap((column) => new Array<number>(channels).fill((gain * row * column) / total)),
  );
  return tf.tensor(values, [4, 4, channels, 1], 'float32');
}

/** Doubles height and width: [b, h, w, c] → [b, 2h, 2w, c]. */
export function bilinearUp(x: tf.Tensor): tf.Tensor {
  const [b, h, w, c] = x.shape as [number, number, number, number];
  const inputs = { dy: x, filter: filterOf(c, 4) };
  return tf.engine().runKernel('DepthwiseConv2dNativeBackpropInput', inputs, {
    ...{ ...window, strides: [...window.strides], dilations: [...window.dilations] },
    dimRoundingMode: undefined as unknown as string,
    inputShape: [b, 2 * h, 2 * w, c],
  });
}

/** Halves height and width: [b, 2h, 2w, c] → [b, h, w, c]. */
export function bilinearDown(x: tf.Tensor): tf.Tensor {
  return tf.depthwiseConv2d(x as tf.Tensor4D, filterOf(x.shape[3]!, 1), 2, 'same');
}
