// Matrix products and convolutions. Images are read as NCHW and filters as OIHW, or both in blocks
// (blocked-products.ts). Pads are always explicit, because ONNX Runtime's SAME_UPPER has been wrong.
import type { Node, ValueId } from '../../trace/graph.ts';
import { numbers } from '../../trace/kernels/kernel.ts';
import { convolutionInfo } from '../../trace/kernels/products.ts';
import type { Dim } from '../batch.ts';
import { flag, type LoweringContext, type Rule, type RuleTable } from '../context.ts';
import {
  blockedFilters,
  blockedImages,
  identityLayout,
  nchw,
  oihw,
  physicalDims,
  toPhysical,
  type Layout,
} from '../layout.ts';
import { areBlocks, blockedConvolution, blockedInputGradient } from './blocked-products.ts';
import { windowAttributes, windowPads } from './window.ts';

/** A matrix product. A transposed operand is read in the layout that undoes the transpose, or by a flag of Gemm. */
const matMul: Rule = (context, node) => {
  const output = node.outputs[0]!;
  context.define(output, activated(context, node, product(context, node)));
};

function product(context: LoweringContext, node: Node): string {
  const a = context.input(node, 'a');
  const b = context.input(node, 'b');
  const { shape, dtype } = context.value(a);
  // Gemm is for floats.
  if (shape.length === 2 && context.value(b).shape.length === 2 && dtype === 'float32') {
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

/** Emits a fused kernel's bias and activation. */
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

const positive = (list: readonly number[]): number[] => list.map((value) => Math.max(0, value));

/** The filter in ONNX's order, and the number of groups: one, or one a channel for a depthwise filter. */
function filterOf(
  context: LoweringContext,
  id: ValueId,
  isDepthwise: boolean,
): { name: string; group: number } {
  if (!isDepthwise) return { name: context.read(id, oihw), group: 1 };
  const [height, width, channels, multiplier] = context.value(id).shape as Shape4;
  const name = context.reshape(context.read(id, iohw), [channels * multiplier, 1, height, width]);
  return { name, group: channels };
}

type Shape4 = readonly [number, number, number, number];

function convolution(isDepthwise: boolean): Rule {
  return (context, node) => {
    const x = context.input(node, 'x');
    const id = context.input(node, 'filter');
    const info = convolutionInfo(context.value(x).shape, context.value(id).shape, node.attrs, isDepthwise);
    const blocks = blockedConvolution(context, x, id, info, isDepthwise);
    if (blocks !== null) {
      context.define(node.outputs[0]!, activated(context, node, blocks, blockedImages), blockedImages);
      return;
    }
    const { before, after } = windowPads(info);
    const { name: filter, group } = filterOf(context, id, isDepthwise);
    const attributes = windowAttributes(info, [...before, ...positive(after)], group);
    const name = context.emit('Conv', [context.read(x, nchw), filter], attributes);
    context.define(node.outputs[0]!, activated(context, node, name, nchw), nchw);
  };
}

/** ONNX's transposed convolution, padded with zeros for the input rows that the forward convolution leaves unused. */
function convolutionInputGradient(isDepthwise: boolean): Rule {
  return (context, node) => {
    const id = context.input(node, 'filter');
    const inShape = numbers(node.attrs, 'inputShape');
    const info = convolutionInfo(inShape, context.value(id).shape, node.attrs, isDepthwise);
    const blocks = blockedInputGradient(context, context.input(node, 'dy'), id, info, isDepthwise);
    if (blocks !== null) {
      context.define(node.outputs[0]!, blocks, blockedImages);
      return;
    }
    const { before, after } = windowPads(info);
    const { name: filter, group } = filterOf(context, id, isDepthwise);
    const dy = context.read(context.input(node, 'dy'), nchw);
    const attributes = windowAttributes(info, [...before, ...positive(after)], group);
    let name = context.emit('ConvTranspose', [dy, filter], attributes);
    const [rows, columns] = after.map((value) => Math.max(0, -value));
    if (rows! > 0 || columns! > 0) {
      const pads = context.int64s([0, 0, 0, 0, 0, 0, rows!, columns!]);
      name = context.emit('Pad', [name, pads], { mode: { s: 'constant' } });
    }
    context.define(node.outputs[0]!, name, nchw);
  };
}

/** NHWC stored as CNHW: channels in place of the batch, so that a convolution sums over the batch. */
const cnhw: Layout = [3, 0, 1, 2];
/** A depthwise filter, HWIO with its channels in order. */
const iohw: Layout = [2, 3, 0, 1];
/** HWIO stored as OHWI, the layout of the filter's gradient. */
const ohwi: Layout = [3, 0, 1, 2];
/** NHWC stored with the block index of the channels outermost: one image a block. */
const blocksOfImages: Layout = [3, 0, 1, 2, 3];
/** HWIO in the layout of the filter's gradient from {@link blocksOfImages}. */
const blocksOfFilters: Layout = [2, 3, 0, 1, 2];

/**
 * The filter's gradient as a convolution of ONE image. Its channels are the batch; its columns are the input's columns and
 * channels merged, which NHWC stores side by side. So the stride becomes a dilation of stride times channels, and an output column
 * is a filter column and an input channel. The usual form, with batch and channels swapped, has an image for each channel: many
 * narrow matrix products instead of a large one, up to 2 times slower. If the input is blocked, each block is such an image. A filter
 * of one pixel needs no convolution: its gradient is a matrix product over all pixels, 1.3 to 2 times as fast at 16 to 64 channels.
 */
const convolutionFilterGradient: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const filterShape = numbers(node.attrs, 'filterShape') as unknown as Shape4;
  const info = convolutionInfo(context.value(x).shape as Shape4, filterShape, node.attrs);
  const [batch, height, width, channels] = context.dims(x) as readonly [Dim, number, number, number];
  if (typeof batch !== 'number') throw new Error('a filter gradient cannot have a symbolic batch');
  const { before, after } = windowPads(info);
  const isInBlocks = areBlocks(context, filterShape[2], filterShape[3]);
  const images = isInBlocks ? channels / context.block! : 1;
  const merged = channels / images;
  const ofImages = context.read(x, isInBlocks ? blocksOfImages : undefined);
  const dy = context.read(context.input(node, 'dy'), cnhw);
  const [top, left, bottom, right] = [...before, ...positive(after)] as unknown as Shape4;
  const isOnePixel =
    info.filterHeight * info.filterWidth * info.strideHeight * info.strideWidth === 1 &&
    [top, left, bottom, right].every((pad) => pad === 0);
  const pixels = batch * height * width;
  let name = isOnePixel
    ? context.emit('MatMul', [
        context.reshape(dy, [info.outChannels, pixels]),
        context.reshape(ofImages, [images, pixels, merged]),
      ])
    : context.emit('Conv', [context.reshape(ofImages, [images, batch, height, width * merged]), dy], {
        dilations: { ints: [info.strideHeight, info.strideWidth * merged] },
        pads: { ints: [top, left * merged, bottom, right * merged] },
        kernel_shape: { ints: [info.outHeight, info.outWidth] },
      });
  // [images, out channels, filter height, filter width * channels in an image]
  if (after[0] < 0 || after[1] < 0) {
    const sizes = context.int64s([info.filterHeight, info.filterWidth * merged]);
    name = context.emit('Slice', [name, context.int64s([0, 0]), sizes, context.int64s([2, 3])]);
  }
  const [made, target] = isInBlocks ? [blocksOfFilters, blockedFilters] : [ohwi, oihw];
  const filter = context.reshape(name, physicalDims(filterShape, made, context.block));
  const facts = { dims: filterShape, dtype: 'float32' } as const;
  context.define(node.outputs[0]!, context.convert(filter, facts, made, target), target);
};

/** A depthwise filter's gradient sums over the batch within each channel's group; the stride becomes a dilation. */
const depthwiseFilterGradient: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const filterShape = numbers(node.attrs, 'filterShape') as unknown as Shape4;
  const info = convolutionInfo(context.value(x).shape as Shape4, filterShape, node.attrs, true);
  const { before, after } = windowPads(info);
  const [batch, height, width, channels] = context.dims(x) as readonly [Dim, Dim, Dim, number];
  if (typeof batch !== 'number') throw new Error('a filter gradient cannot have a symbolic batch');
  const images = context.reshape(context.read(x, cnhw), [1, channels * batch, height, width]);
  let name = context.emit('Conv', [images, context.read(context.input(node, 'dy'), cnhw)], {
    dilations: { ints: [info.strideHeight, info.strideWidth] },
    pads: { ints: [...before, ...positive(after)] },
    kernel_shape: { ints: [info.outHeight, info.outWidth] },
    group: { i: filterShape[2] },
  });
  if (after[0] < 0 || after[1] < 0) {
    const sizes = context.int64s([info.filterHeight, info.filterWidth]);
    name = context.emit('Slice', [name, context.int64s([0, 0]), sizes, context.int64s([2, 3])]);
  }
  context.define(node.outputs[0]!, context.reshape(name, toPhysical(filterShape, iohw)), iohw);
};

/** Rules for products. */
export const productRules: RuleTable = {
  BatchMatMul: matMul,
  _FusedMatMul: matMul,
  Conv2D: convolution(false),
  FusedConv2D: convolution(false),
  Conv2DBackpropInput: convolutionInputGradient(false),
  Conv2DBackpropFilter: convolutionFilterGradient,
  DepthwiseConv2dNative: convolution(true),
  DepthwiseConv2dNativeBackpropInput: convolutionInputGradient(true),
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
};
