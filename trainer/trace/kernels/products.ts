// Matrix products, convolutions, pooling and resizing. Images are NHWC, filters HWIO, as everywhere in tfjs.
import { backend_util } from '@tensorflow/tfjs-core';
import type { AttributeRecord, TensorSpec } from '../graph.ts';
import { need, numbers, type InferOutputs, type KernelTable } from './kernel.ts';

type Four = [number, number, number, number];

/** tfjs's own arithmetic of a convolution: output size and explicit pads, from a forward convolution's shapes. */
export function convolutionInfo(
  inShape: readonly number[],
  filterShape: readonly number[],
  attrs: AttributeRecord,
  depthwise = false,
): backend_util.Conv2DInfo {
  const dataFormat = attrs['dataFormat'];
  if (dataFormat != null && dataFormat !== 'NHWC') {
    throw new RangeError(`convolution: got dataFormat ${JSON.stringify(dataFormat)}, expected NHWC`);
  }
  return backend_util.computeConv2DInfo(
    [...inShape] as Four,
    [...filterShape] as Four,
    pair(attrs, 'strides', 1),
    pair(attrs, 'dilations', 1),
    attrs['pad'] as Parameters<typeof backend_util.computeConv2DInfo>[4],
    attrs['dimRoundingMode'] as Parameters<typeof backend_util.computeConv2DInfo>[5],
    depthwise,
  );
}

/** tfjs's own arithmetic of a pooling window. */
export function poolInfo(inShape: readonly number[], attrs: AttributeRecord): backend_util.Conv2DInfo {
  return backend_util.computePool2DInfo(
    [...inShape] as Four,
    pair(attrs, 'filterSize', 1),
    pair(attrs, 'strides', 1),
    pair(attrs, 'dilations', 1),
    attrs['pad'] as Parameters<typeof backend_util.computePool2DInfo>[4],
    attrs['dimRoundingMode'] as Parameters<typeof backend_util.computePool2DInfo>[5],
  );
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
  if (inner !== innerB) throw new RangeError(`matMul: inner dimensions ${inner} and ${innerB} differ`);
  const outer = backend_util.assertAndGetBroadcastShape([...a.slice(0, -2)], [...b.slice(0, -2)]);
  return [...outer, rows, columns];
}

const pool: InferOutputs = (inputs, attrs) => {
  const x = need(inputs, 'x');
  return [{ shape: poolInfo(x.shape, attrs).outShape, dtype: x.dtype }];
};

const resize: InferOutputs = (inputs, attrs) => {
  const x = need(inputs, 'images');
  const [height, width] = numbers(attrs, 'size');
  return float([x.shape[0]!, height!, width!, x.shape[3]!]);
};

const likeImages: InferOutputs = (inputs) => float(need(inputs, 'images').shape);

/** Matrix products, convolutions, pooling, resizing and normalisation. */
export const products: KernelTable = {
  BatchMatMul: (inputs, attrs) => float(matMulShape(inputs, attrs)),
  _FusedMatMul: (inputs, attrs) => float(matMulShape(inputs, attrs)),
  Conv2D: (inputs, attrs) =>
    float(convolutionInfo(need(inputs, 'x').shape, need(inputs, 'filter').shape, attrs).outShape),
  FusedConv2D: (inputs, attrs) =>
    float(convolutionInfo(need(inputs, 'x').shape, need(inputs, 'filter').shape, attrs).outShape),
  Conv2DBackpropInput: (_, attrs) => float(numbers(attrs, 'inputShape')),
  Conv2DBackpropFilter: (_, attrs) => float(numbers(attrs, 'filterShape')),
  DepthwiseConv2dNative: (inputs, attrs) =>
    float(convolutionInfo(need(inputs, 'x').shape, need(inputs, 'filter').shape, attrs, true).outShape),
  DepthwiseConv2dNativeBackpropInput: (_, attrs) => float(numbers(attrs, 'inputShape')),
  DepthwiseConv2dNativeBackpropFilter: (_, attrs) => float(numbers(attrs, 'filterShape')),
  MaxPool: pool,
  AvgPool: pool,
  MaxPoolGrad: (inputs) => float(need(inputs, 'input').shape),
  AvgPoolGrad: (inputs) => float(need(inputs, 'input').shape),
  ResizeNearestNeighbor: resize,
  ResizeBilinear: resize,
  ResizeNearestNeighborGrad: likeImages,
  ResizeBilinearGrad: likeImages,
  FusedBatchNorm: (inputs) => float(need(inputs, 'x').shape),
};
