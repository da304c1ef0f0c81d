// Gradients of pooling.
import * as tf from '@tensorflow/tfjs-core';
import { detached, stopGradient } from '../stop-gradient.ts';
import { gradient, zeros } from './gradient.ts';
import { padAxis } from './shapes.ts';

/** Attributes of pooling kernels. */
type Pool = Pick<tf.MaxPoolAttrs, 'filterSize' | 'strides' | 'pad' | 'dimRoundingMode'>;
type Info = ReturnType<typeof tf.backend_util.computePool2DInfo>;

function poolInfo(x: tf.Tensor, { filterSize, strides, pad, dimRoundingMode }: Pool): Info {
  const shape = x.shape as [number, number, number, number];
  return tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
}

/** Number of input pixels in each window along an axis. */
function pixelsInWindows(
  count: number,
  window: number,
  stride: number,
  before: number,
  size: number,
): number[] {
  return Array.from({ length: count }, (_, i) => {
    const from = i * stride - before;
    return Math.min(size, from + window) - Math.max(0, from);
  });
}

/** 1 / pixels in each window, [1, height, width, 1]: padding does not count. */
function windowShares(info: Info): tf.Tensor {
  const { outHeight, outWidth, padInfo } = info;
  const rows = pixelsInWindows(outHeight, info.filterHeight, info.strideHeight, padInfo.top, info.inHeight);
  const columns = pixelsInWindows(outWidth, info.filterWidth, info.strideWidth, padInfo.left, info.inWidth);
  const shares = rows.flatMap((row) => columns.map((column) => 1 / (row * column)));
  return tf.tensor(shares, [1, outHeight, outWidth, 1], 'float32');
}

/**
 * The transpose of average pooling: each window's gradient goes to its pixels in equal parts. If the windows tile the image this
 * is nearest-neighbour enlargement, otherwise a transposed depthwise convolution with ones. tfjs's own gradient kernel counts
 * padding, unlike its average.
 */
function averagePoolGradient(dy: tf.Tensor, x: tf.Tensor, attrs: Pool): tf.Tensor {
  const info = poolInfo(x, attrs);
  const { filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const isTiled =
    filterHeight === strideHeight &&
    filterWidth === strideWidth &&
    info.inHeight === info.outHeight * strideHeight &&
    info.inWidth === info.outWidth * strideWidth;
  if (isTiled) {
    const share = tf.mul(dy, 1 / (filterHeight * filterWidth)) as tf.Tensor4D;
    return tf.image.resizeNearestNeighbor(share, [info.inHeight, info.inWidth]);
  }
  const ones = tf.fill([filterHeight, filterWidth, info.inChannels, 1], 1);
  const { strides, pad, dimRoundingMode } = attrs;
  return tf
    .engine()
    .runKernel(
      'DepthwiseConv2dNativeBackpropInput',
      { dy: tf.mul(dy, windowShares(info)), filter: ones },
      { strides, pad, dimRoundingMode: dimRoundingMode as string, dilations: [1, 1], inputShape: x.shape },
    );
}

/** The transpose of MaxPoolGrad: takes from each window the value at the (first) maximum of `x`. */
function takeAtMaximum(values: tf.Tensor, x: tf.Tensor, attrs: Pool): tf.Tensor {
  const info = poolInfo(x, attrs);
  const { padInfo, outHeight, outWidth, strideHeight, strideWidth } = info;
  const padded = (image: tf.Tensor): tf.Tensor =>
    padAxis(padAxis(image, 1, padInfo.top, padInfo.bottom), 2, padInfo.left, padInfo.right);
  // The pixel at one place of every window: [n, height, width, c].
  const at = (image: tf.Tensor, row: number, column: number): tf.Tensor =>
    tf.stridedSlice(
      image,
      [0, row, column, 0],
      [
        image.shape[0]!,
        row + (outHeight - 1) * strideHeight + 1,
        column + (outWidth - 1) * strideWidth + 1,
        image.shape[3]!,
      ],
      [1, strideHeight, strideWidth, 1],
    );
  const maximum = detached(() => maxPool(x, attrs));
  const images = detached(() => tf.clone(padded(x)));
  const inside = detached(() => tf.clone(padded(tf.onesLike(x))));
  const paddedValues = padded(values);
  let open = tf.onesLike(maximum); // 1 until the maximum has been found
  let taken = zeros(maximum);
  for (let row = 0; row < info.filterHeight; row++) {
    for (let column = 0; column < info.filterWidth; column++) {
      const here = detached(() => {
        const isMaximum = tf.cast(tf.equal(at(images, row, column), maximum), 'float32');
        return tf.mul(tf.mul(isMaximum, at(inside, row, column)), open);
      });
      open = detached(() => tf.sub(open, here));
      taken = tf.add(taken, tf.mul(at(paddedValues, row, column), here));
    }
  }
  return taken;
}

function maxPool(x: tf.Tensor, attrs: Pool): tf.Tensor {
  return tf.maxPool(x as tf.Tensor4D, attrs.filterSize, attrs.strides, attrs.pad, attrs.dimRoundingMode);
}

/** Gradients of pooling. */
export const pooling: readonly tf.GradConfig[] = [
  gradient('AvgPool', ['x'], (dy, [x], attrs: Pool) => ({ x: () => averagePoolGradient(dy, x, attrs) })),
  // Small changes do not move the maximum to another pixel, so the images are a constant here.
  gradient('MaxPool', ['x'], (dy, [x], attrs: Pool) => ({
    x: () => {
      const input = stopGradient(x);
      const inputs = { dy, input, output: maxPool(input, attrs) };
      return tf.engine().runKernel('MaxPoolGrad', inputs, { ...attrs } as unknown as tf.NamedAttrMap);
    },
  })),
  gradient('MaxPoolGrad', ['input', 'output'], (ddx, [input, output], attrs: Pool) => ({
    dy: () => takeAtMaximum(ddx, input, attrs),
    input: () => zeros(input),
    output: () => zeros(output),
  })),
];
