// Matrix products and convolutions. Images are read as NCHW and filters as OIHW, whatever asked for them;
// pads are always explicit (ONNX Runtime's SAME_UPPER has been wrong).
import type { Node } from '../../trace/graph.ts';
import { numbers } from '../../trace/kernels/kernel.ts';
import { convolutionInfo } from '../../trace/kernels/products.ts';
import { flag, type LoweringContext, type Rule, type RuleTable } from '../context.ts';
import { identityLayout, nchw, oihw, type Layout } from '../layout.ts';

/** A matrix product. A transposed operand is read in the layout that makes it straight, or flagged to Gemm. */
const matMul: Rule = (context, node) => {
  const output = node.outputs[0]!;
  context.define(output, activated(context, node, product(context, node)));
};

function product(context: LoweringContext, node: Node): string {
  const a = context.input(node, 'a');
  const b = context.input(node, 'b');
  const rank = context.value(a).shape.length;
  if (rank === 2 && context.value(b).shape.length === 2) {
    const isSwapped = (layout: Layout): boolean => layout[0] === 1;
    const transA = flag(node.attrs, 'transposeA') !== isSwapped(context.layout(a));
    const transB = flag(node.attrs, 'transposeB') !== isSwapped(context.layout(b));
    const names = [context.read(a, context.layout(a)), context.read(b, context.layout(b))];
    if (!transA && !transB) return context.emit('MatMul', names);
    return context.emit('Gemm', names, { transA: { i: transA ? 1 : 0 }, transB: { i: transB ? 1 : 0 } });
  }
  const straight = (name: 'a' | 'b', isTransposed: boolean): string => {
    const id = context.input(node, name);
    const layout = [...identityLayout(context.value(id).shape.length)];
    if (isTransposed) layout.push(...layout.splice(-2).reverse());
    return context.read(id, layout);
  };
  return context.emit('MatMul', [
    straight('a', flag(node.attrs, 'transposeA')),
    straight('b', flag(node.attrs, 'transposeB')),
  ]);
}

/** A fused kernel's bias and activation. */
function activated(context: LoweringContext, node: Node, name: string, layout?: Layout): string {
  let result = name;
  const { bias, preluActivationWeights } = node.inputs;
  if (bias !== undefined) {
    const operand = layout === undefined ? context.read(bias) : context.readBroadcast(bias, layout);
    result = context.emit('Add', [result, operand]);
  }
  switch (node.attrs['activation'] ?? 'linear') {
    case 'linear':
      return result;
    case 'relu':
      return context.emit('Relu', [result]);
    case 'relu6':
      return context.emit('Clip', [result, context.scalar(0), context.scalar(6)]);
    case 'elu':
      return context.emit('Elu', [result]);
    case 'sigmoid':
      return context.emit('Sigmoid', [result]);
    case 'leakyrelu':
      return context.emit('LeakyRelu', [result], {
        alpha: { f: Number(node.attrs['leakyreluAlpha'] ?? 0.2) },
      });
    case 'prelu': {
      const alpha = preluActivationWeights!;
      const operand = layout === undefined ? context.read(alpha) : context.readBroadcast(alpha, layout);
      return context.emit('PRelu', [result, operand]);
    }
    default:
      throw new Error(`${node.kernel}: activation '${String(node.attrs['activation'])}' cannot be lowered`);
  }
}

const convolution: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const filter = context.input(node, 'filter');
  const info = convolutionInfo(context.value(x).shape, context.value(filter).shape, node.attrs);
  const { top, left, bottom, right } = info.padInfo;
  const name = context.emit('Conv', [context.read(x, nchw), context.read(filter, oihw)], {
    strides: { ints: [info.strideHeight, info.strideWidth] },
    dilations: { ints: [info.dilationHeight, info.dilationWidth] },
    pads: { ints: [top, left, bottom, right] },
    kernel_shape: { ints: [info.filterHeight, info.filterWidth] },
    group: { i: info.inChannels / context.value(filter).shape[2]! },
  });
  context.define(node.outputs[0]!, activated(context, node, name, nchw), nchw);
};

/** The transposed convolution: ONNX's, plus zeros where the forward one left input rows unused. */
const convolutionInputGradient: Rule = (context, node) => {
  const filter = context.input(node, 'filter');
  const inShape = numbers(node.attrs, 'inputShape');
  const info = convolutionInfo(inShape, context.value(filter).shape, node.attrs);
  const { top, left, bottom, right } = info.padInfo;
  // ONNX makes (out - 1) stride + reach - pads rows; a forward pad past what the windows cover must not be cut off.
  const size = (out: number, stride: number, reach: number, pads: number): number =>
    (out - 1) * stride + reach - pads;
  const height = size(info.outHeight, info.strideHeight, info.effectiveFilterHeight, top + bottom);
  const width = size(info.outWidth, info.strideWidth, info.effectiveFilterWidth, left + right);
  const missing = [info.inHeight - height, info.inWidth - width] as const;
  const cut = missing.map((rows) => Math.max(0, -rows));
  let name = context.emit(
    'ConvTranspose',
    [context.read(context.input(node, 'dy'), nchw), context.read(filter, oihw)],
    {
      strides: { ints: [info.strideHeight, info.strideWidth] },
      dilations: { ints: [info.dilationHeight, info.dilationWidth] },
      pads: { ints: [top, left, bottom + cut[0]!, right + cut[1]!] },
      kernel_shape: { ints: [info.filterHeight, info.filterWidth] },
    },
  );
  if (missing[0] > 0 || missing[1] > 0) {
    const pads = context.int64s([0, 0, 0, 0, 0, 0, Math.max(0, missing[0]), Math.max(0, missing[1])]);
    name = context.emit('Pad', [name, pads], { mode: { s: 'constant' } });
  }
  context.define(node.outputs[0]!, name, nchw);
};

/** NHWC lying as CNHW: channels take the batch's place, so that a convolution sums over the batch. */
const cnhw: Layout = [3, 0, 1, 2];
/** HWIO lying as IOHW, as that convolution gives it. */
const iohw: Layout = [2, 3, 0, 1];

/**
 * The filter's gradient as a convolution of the input with the output's gradient, batch and channels swapped;
 * stride and dilation change places.
 */
const convolutionFilterGradient: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const dy = context.input(node, 'dy');
  const filterShape = numbers(node.attrs, 'filterShape');
  const info = convolutionInfo(context.value(x).shape, filterShape, node.attrs);
  const { top, left } = info.padInfo;
  // The pad behind is what makes exactly the filter's size: what the last window reaches past the input, or less.
  const behind = (out: number, stride: number, reach: number, size: number, before: number): number =>
    (out - 1) * stride + reach - size - before;
  const bottom = behind(info.outHeight, info.strideHeight, info.effectiveFilterHeight, info.inHeight, top);
  const right = behind(info.outWidth, info.strideWidth, info.effectiveFilterWidth, info.inWidth, left);
  let name = context.emit('Conv', [context.read(x, cnhw), context.read(dy, cnhw)], {
    strides: { ints: [info.dilationHeight, info.dilationWidth] },
    dilations: { ints: [info.strideHeight, info.strideWidth] },
    pads: { ints: [top, left, Math.max(0, bottom), Math.max(0, right)] },
    kernel_shape: { ints: [info.outHeight, info.outWidth] },
  });
  if (bottom < 0 || right < 0) {
    const sizes = context.int64s([info.filterHeight, info.filterWidth]);
    name = context.emit('Slice', [name, context.int64s([0, 0]), sizes, context.int64s([2, 3])]);
  }
  context.define(node.outputs[0]!, name, iohw);
  context.define(node.outputs[0]!, context.read(node.outputs[0]!, oihw), oihw);
};

/** Rules for products. */
export const productRules: RuleTable = {
  BatchMatMul: matMul,
  _FusedMatMul: matMul,
  Conv2D: convolution,
  FusedConv2D: convolution,
  Conv2DBackpropInput: convolutionInputGradient,
  Conv2DBackpropFilter: convolutionFilterGradient,
};
