// Matrix products, convolutions, pooling and resizing. Images are NHWC, filters HWIO, as everywhere in tfjs.
import { backend_util } from '@tensorflow/tfjs-core';
import type { AttributeRecord, TensorSpec, ValueType } from '../graph.ts';
import { accepting, need, numbers, numeric, type InferOutputs, type KernelTable } from './kernel.ts';

type Four = [number, number, number, number];

/**
 * The output size and explicit pads of a convolution, by tfjs's own arithmetic, from a forward convolution's shapes.
 * Throws RangeError for images in NCHW, and as {@link checked} does.
 */
export function convolutionInfo(
  inShape: readonly number[],
  filterShape: readonly number[],
  attrs: AttributeRecord,
  depthwise = false,
): backend_util.Conv2DInfo {
  const dataFormat = attrs['dataFormat'];
  if (dataFormat != null && dataFormat !== 'NHWC') {
    throw new RangeError(`got dataFormat ${JSON.stringify(dataFormat)}, expected NHWC`);
  }
  const info = backend_util.computeConv2DInfo(
    [...inShape] as Four,
    [...filterShape] as Four,
    pair(attrs, 'strides', 1),
    pair(attrs, 'dilations', 1),
    attrs['pad'] as Parameters<typeof backend_util.computeConv2DInfo>[4],
    attrs['dimRoundingMode'] as Parameters<typeof backend_util.computeConv2DInfo>[5],
    depthwise,
  );
  return checked(info, attrs);
}

/**
 * The output size and pads of a pooling, by tfjs's own arithmetic. Throws RangeError if a window can lie in the padding
 * entirely, and as {@link checked} does.
 */
export function poolInfo(inShape: readonly number[], attrs: AttributeRecord): backend_util.Conv2DInfo {
  const info = backend_util.computePool2DInfo(
    [...inShape] as Four,
    pair(attrs, 'filterSize', 1),
    pair(attrs, 'strides', 1),
    pair(attrs, 'dilations', 1),
    attrs['pad'] as Parameters<typeof backend_util.computePool2DInfo>[4],
    attrs['dimRoundingMode'] as Parameters<typeof backend_util.computePool2DInfo>[5],
  );
  const { top, bottom, left, right } = info.padInfo;
  if (Math.max(top, bottom) >= info.filterHeight || Math.max(left, right) >= info.filterWidth) {
    const pads = [top, bottom, left, right].join();
    throw new RangeError(
      `got pads ${pads} for a window of ${info.filterHeight}x${info.filterWidth}, expected less`,
    );
  }
  return checked(info, attrs);
}

/**
 * Throws RangeError for images smaller than the window, and for a number as the pad of a window that is not square: tfjs
 * would compute the output width from the window's height.
 */
function checked(info: backend_util.Conv2DInfo, attrs: AttributeRecord): backend_util.Conv2DInfo {
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = info;
  const isSquare =
    info.effectiveFilterHeight === info.effectiveFilterWidth && info.strideHeight === info.strideWidth;
  if (typeof attrs['pad'] === 'number' && !isSquare) {
    throw new RangeError(
      `got pad ${attrs['pad']} for a window of ${filterHeight}x${filterWidth}, strides ` +
        `${info.strideHeight} and ${info.strideWidth}, expected pads for each side`,
    );
  }
  if (outHeight < 1 || outWidth < 1) {
    throw new RangeError(
      `got images of ${inHeight}x${inWidth} for a window of ${filterHeight}x${filterWidth}`,
    );
  }
  return info;
}

function pair(attrs: AttributeRecord, name: string, fallback: number): [number, number] {
  if (attrs[name] == null) return [fallback, fallback];
  const [first, second] = numbers(attrs, name);
  return [first!, second ?? first!];
}

function float(shape: readonly number[]): TensorSpec[] {
  return [{ shape, dtype: 'float32' }];
}

function matMulShape(inputs: Parameters<InferOutputs>[0], attrs: AttributeRecord): number[] {
  const a = need(inputs, 'a').shape;
  const b = need(inputs, 'b').shape;
  const rows = attrs['transposeA'] === true ? a.at(-1)! : a.at(-2)!;
  const columns = attrs['transposeB'] === true ? b.at(-2)! : b.at(-1)!;
  const inner = attrs['transposeA'] === true ? a.at(-2)! : a.at(-1)!;
  const innerB = attrs['transposeB'] === true ? b.at(-1)! : b.at(-2)!;
  if (inner !== innerB)
    throw new RangeError(`got inner dimensions ${inner} and ${innerB}, expected equal ones`);
  const outer = backend_util.assertAndGetBroadcastShape([...a.slice(0, -2)], [...b.slice(0, -2)]);
  return [...outer, rows, columns];
}

const matMul: InferOutputs = (inputs, attrs) => [
  { shape: matMulShape(inputs, attrs), dtype: need(inputs, 'a').dtype },
];

/** Shapes of a convolution or one of its gradients: `part` is computed from the other two of image, filter and output. */
function convolution(part: 'output' | 'input' | 'filter', isDepthwise = false): InferOutputs {
  return (inputs, attrs) => {
    const x = part === 'input' ? numbers(attrs, 'inputShape') : need(inputs, 'x').shape;
    const filter = part === 'filter' ? numbers(attrs, 'filterShape') : need(inputs, 'filter').shape;
    const { outShape } = convolutionInfo(x, filter, attrs, isDepthwise);
    if (part === 'output') return float(outShape);
    // tfjs's gradient kernels do not support dilations; our gradients put zeros between the filter's taps instead.
    const dilations = pair(attrs, 'dilations', 1);
    if (dilations.some((step) => step !== 1))
      throw new RangeError(`got dilations ${dilations.join()}, expected 1`);
    const dy = need(inputs, 'dy').shape;
    if (dy.join() !== outShape.join()) {
      throw new RangeError(
        `got a gradient [${dy}] for images [${x}] and filter [${filter}], expected [${outShape}]`,
      );
    }
    return float(part === 'input' ? x : filter);
  };
}

const pool: InferOutputs = (inputs, attrs) => float(poolInfo(need(inputs, 'x').shape, attrs).outShape);

const poolGradient: InferOutputs = (inputs, attrs) => {
  const input = need(inputs, 'input').shape;
  const { outShape } = poolInfo(input, attrs);
  const dy = need(inputs, 'dy').shape;
  if (dy.join() !== outShape.join()) {
    throw new RangeError(`got a gradient [${dy}] for images [${input}], expected [${outShape}]`);
  }
  return float(input);
};

/** Resized images; nearest-neighbour resizing keeps their type. */
function resize(keepsType: boolean): InferOutputs {
  return (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'images');
    const [batch, , , channels] = shape;
    const [height, width] = numbers(attrs, 'size');
    return [{ shape: [batch!, height!, width!, channels!], dtype: keepsType ? dtype : 'float32' }];
  };
}

const floats: readonly ValueType[] = ['float32'];

/** Matrix products, convolutions, pooling, resizing and normalisation. */
export const products: KernelTable = {
  BatchMatMul: accepting(numeric, matMul),
  _FusedMatMul: accepting(floats, matMul),
  Conv2D: accepting(floats, convolution('output')),
  FusedConv2D: accepting(floats, convolution('output')),
  Conv2DBackpropInput: accepting(floats, convolution('input')),
  Conv2DBackpropFilter: accepting(floats, convolution('filter')),
  DepthwiseConv2dNative: accepting(floats, convolution('output', true)),
  DepthwiseConv2dNativeBackpropInput: accepting(floats, convolution('input', true)),
  DepthwiseConv2dNativeBackpropFilter: accepting(floats, convolution('filter', true)),
  MaxPool: accepting(floats, pool),
  AvgPool: accepting(floats, pool),
  MaxPoolGrad: accepting(floats, poolGradient),
  ResizeNearestNeighbor: accepting(numeric, resize(true)),
  ResizeBilinear: accepting(numeric, resize(false)),
  FusedBatchNorm: accepting(floats, (inputs) => float(need(inputs, 'x').shape)),
};
