// Gradients of matrix products and convolutions. A convolution, its gradient to the images and its gradient to
// the filter are each linear in both of their inputs. The derivatives of these three kernels are the same three kernels, at any
// order.
import * as tf from '@tensorflow/tfjs-core';
import { gradient, unbroadcast } from './gradient.ts';
import { spreadAxis } from './shapes.ts';

type Shape4 = [number, number, number, number];

/** Attributes that a convolution and its two gradients share, by the kernels' names. */
type Window = Pick<tf.Conv2DAttrs, 'strides' | 'pad' | 'dimRoundingMode'> & {
  readonly dataFormat?: 'NHWC' | 'NCHW' | undefined;
  readonly dilations?: [number, number] | number | undefined;
};

/** The three kernels of a convolution, full or depthwise. */
interface Family {
  readonly forward: string;
  readonly toInput: string;
  readonly toFilter: string;
}

const full: Family = {
  forward: 'Conv2D',
  toInput: 'Conv2DBackpropInput',
  toFilter: 'Conv2DBackpropFilter',
};

const depthwise: Family = {
  forward: 'DepthwiseConv2dNative',
  toInput: 'DepthwiseConv2dNativeBackpropInput',
  toFilter: 'DepthwiseConv2dNativeBackpropFilter',
};

/** The window without dilations, which the two gradient kernels do not support. */
function common({ strides, pad, dimRoundingMode, dataFormat }: Window): tf.NamedAttrMap {
  return {
    strides,
    pad,
    dimRoundingMode: dimRoundingMode as string,
    dataFormat: dataFormat ?? 'NHWC',
    dilations: [1, 1],
  };
}

function forward(family: Family, x: tf.Tensor, filter: tf.Tensor, window: Window): tf.Tensor {
  return tf.engine().runKernel(family.forward, { x, filter }, common(window));
}

/** Gradient to the images, whose shape is `inputShape`. */
function toInput(
  family: Family,
  dy: tf.Tensor,
  filter: tf.Tensor,
  inputShape: Shape4,
  window: Window,
): tf.Tensor {
  return tf.engine().runKernel(family.toInput, { dy, filter }, { ...common(window), inputShape });
}

/** Gradient to the filter, whose shape is `filterShape`. */
function toFilter(
  family: Family,
  x: tf.Tensor,
  dy: tf.Tensor,
  filterShape: Shape4,
  window: Window,
): tf.Tensor {
  return tf.engine().runKernel(family.toFilter, { x, dy }, { ...common(window), filterShape });
}

function shape4(x: tf.Tensor): Shape4 {
  return x.shape as Shape4;
}

function dilationsOf({ dilations = 1 }: Window): [number, number] {
  return typeof dilations === 'number' ? [dilations, dilations] : dilations;
}

/** A dilated filter as a plain filter, with zeros between its taps. */
function spread(filter: tf.Tensor, [rows, columns]: [number, number]): tf.Tensor {
  return spreadAxis(spreadAxis(filter, 0, rows), 1, columns);
}

/** The taps of a dilated filter, taken from its plain form. */
function taps(filter: tf.Tensor, [rows, columns]: [number, number]): tf.Tensor {
  if (rows === 1 && columns === 1) return filter;
  return tf.stridedSlice(filter, [0, 0, 0, 0], filter.shape, [rows, columns, 1, 1]);
}

function convolution(family: Family): readonly tf.GradConfig[] {
  return [
    gradient(family.forward, ['x', 'filter'], (dy, [x, filter], window: Window) => {
      const dilations = dilationsOf(window);
      return {
        x: () => toInput(family, dy, spread(filter, dilations), shape4(x), window),
        filter: () => {
          const [h, w, cIn, cOut] = shape4(filter);
          const [rows, columns] = dilations;
          const plain: Shape4 = [(h - 1) * rows + 1, (w - 1) * columns + 1, cIn, cOut];
          return taps(toFilter(family, x, dy, plain, window), dilations);
        },
      };
    }),
    gradient(family.toInput, ['dy', 'filter'], (ddx, [dy, filter], window: Window) => ({
      dy: () => forward(family, ddx, filter, window),
      filter: () => toFilter(family, ddx, dy, shape4(filter), window),
    })),
    gradient(family.toFilter, ['x', 'dy'], (ddw, [x, dy], window: Window) => ({
      x: () => toInput(family, dy, ddw, shape4(x), window),
      dy: () => forward(family, x, ddw, window),
    })),
  ];
}

/** Each operand's gradient, by whether a and b were transposed; summed where batches were broadcast. */
const matMul = gradient(
  'BatchMatMul',
  ['a', 'b'],
  (dy, [a, b], { transposeA: ta, transposeB: tb }: tf.BatchMatMulAttrs) => ({
    a: () => unbroadcast(ta ? tf.matMul(b, dy, tb, true) : tf.matMul(dy, b, false, !tb), a.shape),
    b: () => unbroadcast(tb ? tf.matMul(dy, a, true, ta) : tf.matMul(a, dy, !ta, false), b.shape),
  }),
);

/** Gradients of matrix products and convolutions. */
export const products: readonly tf.GradConfig[] = [matMul, ...convolution(full), ...convolution(depthwise)];
