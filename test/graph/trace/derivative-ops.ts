// The fixture's ops, layers and losses in tfjs: for each name the function that PyTorch differentiated.
import * as tf from '@tensorflow/tfjs-core';
import { batchNorm, normaliseWith } from '../../../trainer/networks/batch-norm.ts';
import { valueAndGradients } from '../../../trainer/graph/trace/value-and-gradients.ts';

type T = tf.Tensor;
type Two = [number, number];
/** A function of the inputs in order, with the case's attributes last. */
type Op = (...args: never[]) => T;

const squared = (x: T): T => tf.square(x);
const sigmoid = tf.sigmoid as (x: T) => T;

/** Ops of one tensor with nothing else to say. */
const plain: Readonly<Record<string, (x: T) => T>> = {
  abs: tf.abs,
  neg: tf.neg,
  exp: tf.exp,
  expm1: tf.expm1,
  log: tf.log,
  log1p: tf.log1p,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  square: tf.square,
  reciprocal: tf.reciprocal,
  sign: tf.sign,
  floor: tf.floor,
  ceil: tf.ceil,
  round: tf.round,
  relu: tf.relu,
  relu6: tf.relu6,
  elu: tf.elu,
  selu: tf.selu,
  softplus: tf.softplus,
  logSigmoid: tf.logSigmoid,
  sigmoid,
  tanh: tf.tanh,
  sin: tf.sin,
  cos: tf.cos,
  atan: tf.atan,
  sinh: tf.sinh,
  cosh: tf.cosh,
  asinh: tf.asinh,
  tan: tf.tan,
  asin: tf.asin,
  acos: tf.acos,
  atanh: tf.atanh,
  acosh: tf.acosh,
  erf: tf.erf,
  cast: (x) => tf.mul(tf.cast(x, 'float32'), x),
  identity: (x) => tf.mul(tf.clone(x), x),
  onesLike: (x) => tf.mul(x, tf.onesLike(x)),
  zerosLike: (x) => tf.add(tf.square(x), tf.zerosLike(x)),
  'tanh twice': (x) => tf.mul(tf.mul(x, tf.tanh(x)), tf.tanh(x)),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.sub(x, tf.logSumExp(x, -1, true)),
  pixelNorm: (x) => tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-8))),
  nonSaturatingG: (fake) => tf.mean(tf.softplus(tf.neg(fake))),
  minimaxG: (fake) => tf.neg(tf.mean(tf.softplus(fake))),
};

/** Ops of two tensors. */
const pairs: Readonly<Record<string, (a: T, b: T) => T>> = {
  prelu: tf.prelu,
  add: (a, b) => squared(tf.add(a, b)),
  sub: (a, b) => squared(tf.sub(a, b)),
  mul: tf.mul,
  div: tf.div,
  squaredDifference: tf.squaredDifference,
  pow: tf.pow,
  atan2: tf.atan2,
  maximum: (a, b) => squared(tf.maximum(a, b)),
  minimum: (a, b) => squared(tf.minimum(a, b)),
  greater: (a, b) => tf.mul(tf.mul(a, b), tf.cast(tf.greater(a, b), 'float32')),
  where: (a, b) => tf.where(tf.greater(a, b), tf.mul(a, a), tf.mul(a, b)),
  mod: (a, b) => squared(tf.mod(a, b)),
  floorDiv: (a, b) => tf.mul(tf.mul(a, b), tf.floorDiv(a, b)),
  nonSaturatingD: (real, fake) => tf.add(tf.mean(tf.softplus(tf.neg(real))), tf.mean(tf.softplus(fake))),
  leastSquaresD: (real, fake) =>
    tf.add(tf.mul(tf.mean(tf.square(tf.sub(real, 1))), 0.5), tf.mul(tf.mean(tf.square(fake)), 0.5)),
  hingeD: (real, fake) => tf.add(tf.mean(tf.relu(tf.sub(1, real))), tf.mean(tf.relu(tf.add(1, fake)))),
  wasserstein: (real, fake) => tf.sub(tf.mean(fake), tf.mean(real)),
};

interface Reduction {
  readonly axis: number[];
  readonly keepDims: boolean;
}

function reduction(reduce: (x: T, axis: number[], keepDims: boolean) => T): Op {
  return (x: T, { axis, keepDims }: Reduction) => squared(reduce(x, axis, keepDims));
}

const withAttributes: Readonly<Record<string, Op>> = {
  step: (x: T, { alpha }: { alpha: number }) => tf.step(x, alpha),
  leakyRelu: (x: T, { alpha }: { alpha: number }) => tf.leakyRelu(x, alpha),
  clip: (x: T, { least, most }: { least: number; most: number }) => tf.clipByValue(x, least, most),
  addN: (a: T, b: T, c: T) => squared(tf.addN([a, b, c])),
  powConstant: (x: T, { exponent }: { exponent: number }) => tf.pow(x, exponent),
  sum: reduction(tf.sum),
  mean: reduction(tf.mean),
  max: reduction(tf.max),
  min: reduction(tf.min),
  prod: reduction(tf.prod),
  logSumExp: reduction(tf.logSumExp),
  cumsum: (x: T, { axis, exclusive, reverse }: { axis: number; exclusive: boolean; reverse: boolean }) =>
    squared(tf.cumsum(x, axis, exclusive, reverse)),
};

const shapes: Readonly<Record<string, Op>> = {
  reshape: (x: T, { shape }: { shape: number[] }) => squared(tf.reshape(x, shape)),
  expandDims: (x: T, { axis }: { axis: number }) => squared(tf.expandDims(x, axis)),
  squeeze: (x: T) => squared(tf.squeeze(x, [1])),
  transpose: (x: T, { perm }: { perm: number[] }) => squared(tf.transpose(x, perm)),
  concat: (a: T, b: T, c: T, { axis }: { axis: number }) => squared(tf.concat([a, b, c], axis)),
  stack: (a: T, b: T, { axis }: { axis: number }) => squared(tf.stack([a, b], axis)),
  unstack: (x: T, { axis }: { axis: number }) => {
    const parts = tf.unstack(x, axis);
    return squared(tf.mul(parts[0]!, parts[2]!));
  },
  split: (x: T, { sizes, axis }: { sizes: number[]; axis: number }) => {
    const part = tf.split(x, sizes, axis)[1]!;
    return squared(tf.mul(part, tf.exp(part)));
  },
  slice: (x: T, { begin, size }: { begin: number[]; size: number[] }) => squared(tf.slice(x, begin, size)),
  stridedSlice: (x: T, { begin, end, strides }: { begin: number[]; end: number[]; strides: number[] }) =>
    squared(tf.stridedSlice(x, begin, end, strides)),
  // x[newAxis, :, 2, :4]
  stridedSliceMasked: (x: T) =>
    squared(tf.stridedSlice(x, [0, 0, 2, 0], [0, 0, 3, 4], [1, 1, 1, 1], 0b1010, 0b0010, 0, 0b0001, 0b0100)),
  pad: (x: T, { pads, value }: { pads: Two[]; value: number }) => squared(tf.pad(x, pads, value)),
  mirrorPad: (x: T, { pads, mode }: { pads: Two[]; mode: 'reflect' | 'symmetric' }) =>
    squared(tf.mirrorPad(x, pads, mode)),
  tile: (x: T, { reps }: { reps: number[] }) => squared(tf.tile(x, reps)),
  broadcastTo: (x: T, { shape }: { shape: number[] }) => squared(tf.broadcastTo(x, shape)),
  reverse: (x: T, { axis }: { axis: number[] }) => squared(tf.reverse(x, axis)),
  gather: (x: T, { indices, axis, batchDims }: { indices: number[]; axis: number; batchDims: number }) =>
    squared(tf.gather(x, tf.tensor(indices, undefined, 'int32'), axis, batchDims)),
  oneHot: (x: T, { indices }: { indices: number[] }) =>
    squared(tf.matMul(tf.cast(tf.oneHot(tf.tensor1d(indices, 'int32'), 3), 'float32'), x)),
  depthToSpace: (x: T, { block }: { block: number }) => squared(tf.depthToSpace(x as tf.Tensor4D, block)),
};

type Pad = 'same' | 'valid' | number | [Two, Two, Two, Two];
interface Window {
  readonly stride: number | Two;
  readonly pad: Pad;
  readonly dilation: number | Two;
}

const products: Readonly<Record<string, Op>> = {
  matMul: (a: T, b: T, { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean }) =>
    tf.matMul(a, b, transposeA, transposeB),
  dense: (x: T, w: T, b: T) => tf.tanh(tf.add(tf.matMul(x, w), b)),
  conv2d: (x: T, w: T, { stride, pad, dilation }: Window) =>
    tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad, 'NHWC', dilation),
  conv2dFilterGradient: (x: T, dy: T, { kernel, stride, pad }: Window & { kernel: number }) =>
    tf.engine().runKernel(
      'Conv2DBackpropFilter',
      { x, dy },
      {
        strides: [stride as number, stride as number],
        pad: pad as number,
        dataFormat: 'NHWC',
        filterShape: [kernel, kernel, x.shape[3]!, dy.shape[3]!],
      },
    ),
  conv2dTranspose: (x: T, w: T, { size, stride, pad }: Window & { size: number }) =>
    tf.conv2dTranspose(
      x as tf.Tensor4D,
      w as tf.Tensor4D,
      [x.shape[0]!, size, size, w.shape[2]!],
      stride,
      pad as 'same',
    ),
  depthwiseConv2d: (x: T, w: T, { stride, pad, dilation }: Window) =>
    tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad as 'same', 'NHWC', dilation),
};

interface Pool {
  readonly size: number;
  readonly stride: number;
  readonly pad: 'same' | 'valid' | number;
}
interface Resize {
  readonly to: number;
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

const pooling: Readonly<Record<string, Op>> = {
  maxPool: (x: T, { size, stride, pad }: Pool) => squared(tf.maxPool(x as tf.Tensor4D, size, stride, pad)),
  avgPool: (x: T, { size, stride, pad }: Pool) => squared(tf.avgPool(x as tf.Tensor4D, size, stride, pad)),
  resizeNearest: (x: T, { to, alignCorners, halfPixelCenters }: Resize) =>
    squared(tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [to, to], alignCorners, halfPixelCenters)),
  resizeBilinear: (x: T, { to, alignCorners, halfPixelCenters }: Resize) =>
    squared(tf.image.resizeBilinear(x as tf.Tensor4D, [to, to], alignCorners, halfPixelCenters)),
};

/** Normalised over `axes`, by tfjs's own moments. */
export function normalised(x: T, axes: number[], scale: T, offset: T, epsilon = 1e-5): T {
  const { mean, variance } = tf.moments(x, axes, true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), scale), offset);
}

const normalisation: Readonly<Record<string, Op>> = {
  batchNorm: (x: T, scale: T, offset: T) => batchNorm(x, scale, offset),
  layerNorm: (x: T, scale: T, offset: T) => normalised(x, [1, 2, 3], scale, offset),
  instanceNorm: (x: T, scale: T, offset: T) => normalised(x, [1, 2], scale, offset),
  normaliseWith: (x: T, mean: T, variance: T, scale: T, offset: T) =>
    normaliseWith(x, mean, variance, scale, offset, 1e-3),
  tfBatchNorm: (x: T, mean: T, variance: T, scale: T, offset: T) =>
    tf.batchNorm(
      x,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      offset as tf.Tensor1D,
      scale as tf.Tensor1D,
      1e-3,
    ),
};

/** The gradient at `x` of the sum of `logits()`. */
function slope(logits: () => T, x: T): T {
  return valueAndGradients(() => tf.sum(logits()), [x]).gradients[0]!;
}

const critic = (x: T, w: T, b: T, u: T): T => tf.matMul(tf.tanh(tf.add(tf.matMul(x, w), b)), u);

/** (‖g‖ - 1)² over images (Gulrajani 2017, equation 3), for slopes g [b, …]. */
export function slopePenalty(g: T): T {
  const norm = tf.sqrt(tf.sum(tf.square(tf.reshape(g, [g.shape[0]!, -1])), 1));
  return tf.mean(tf.square(tf.sub(norm, 1)));
}

const losses: Readonly<Record<string, Op>> = {
  smoothedD: (real: T, fake: T, { keep }: { keep: number }) => {
    const label = (sign: 1 | -1): T => tf.softplus(tf.mul(real, sign));
    const kept = tf.add(tf.mul(label(-1), keep), tf.mul(label(1), 1 - keep));
    return tf.add(tf.mean(kept), tf.mean(tf.softplus(fake)));
  },
  softmaxCrossEntropy: (x: T, { labels }: { labels: number[] }) => {
    const oneHot = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), x.shape[1]!), 'float32');
    return tf.mean(tf.sub(tf.logSumExp(x, -1), tf.sum(tf.mul(x, oneHot), -1)));
  },
  gradientPenalty: (x: T, w: T, b: T, u: T) => slopePenalty(slope(() => critic(x, w, b, u), x)),
  r1: (x: T, w: T, b: T, u: T) =>
    tf.mul(tf.mean(tf.sum(tf.square(slope(() => critic(x, w, b, u), x)), 1)), 0.5),
  convolutionR1: (x: T, w: T, u: T, { kind }: { kind: 'tanh' | 'leakyRelu' }) => {
    const activation = (t: T): T => (kind === 'tanh' ? tf.tanh(t) : tf.leakyRelu(t, 0.2));
    const logits = (): T => tf.mul(activation(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'same')), u);
    return tf.mul(tf.sum(tf.square(slope(logits, x))), 0.5);
  },
};

/** Every op of the fixture, by name. */
export const derivativeOps: ReadonlyMap<string, Op> = new Map(
  Object.entries({
    ...(plain as Record<string, Op>),
    ...(pairs as Record<string, Op>),
    ...withAttributes,
    ...shapes,
    ...products,
    ...pooling,
    ...normalisation,
    ...losses,
  }),
);
