// Pooling, resizing and normalisation of images. Pooling and resizing need NCHW; batch norm takes any layout if the
// moments are not one number a channel.
import { number, numbers } from '../../trace/kernels/kernel.ts';
import { poolInfo } from '../../trace/kernels/products.ts';
import { nearestPixels, resizingMatrix, type Sampling } from '../../trace/kernels/resizing.ts';
import type { AttributeRecord, Node, ValueId } from '../../trace/graph.ts';
import type { LoweringContext, Rule, RuleTable } from '../context.ts';
import { nchw, toPhysical } from '../layout.ts';
import { cast } from './elementwise.ts';
import { windowAttributes, windowPads } from './window.ts';

/** ONNX's attributes for a pooling of images of this shape. */
function poolAttributes(shape: readonly number[], node: Node) {
  const info = poolInfo(shape, node.attrs);
  const { before, after } = windowPads(info);
  return windowAttributes(info, [...before, ...after.map((rows) => Math.max(0, rows))]);
}

const maxPool: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const attributes = poolAttributes(context.value(x).shape, node);
  context.define(node.outputs[0]!, context.emit('MaxPool', [context.read(x, nchw)], attributes), nchw);
};

/** Padding does not count in tfjs's average, nor in ONNX's by default. */
const averagePool: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const attributes = poolAttributes(context.value(x).shape, node);
  context.define(node.outputs[0]!, context.emit('AveragePool', [context.read(x, nchw)], attributes), nchw);
};

/** Adds each window's gradient at its first maximum. */
const maxPoolGradient: Rule = (context, node) => {
  const input = context.input(node, 'input');
  const dims = toPhysical(context.dims(input), nchw);
  const attributes = poolAttributes(context.value(input).shape, node);
  const [, indices] = context.emitMany('MaxPool', [context.read(input, nchw)], attributes, 2);
  const flat = (name: string): string => context.emit('Reshape', [name, context.int64s([-1])]);
  const size = context.emit('ReduceProd', [context.sizes(dims)], { keepdims: { i: 1 } });
  const zeros = context.emit('Expand', [context.scalar(0), size]);
  const dy = context.read(context.input(node, 'dy'), nchw);
  const added = context.emit('ScatterElements', [zeros, flat(indices!), flat(dy)], {
    axis: { i: 0 },
    reduction: { s: 'add' },
  });
  context.define(node.outputs[0]!, context.reshape(added, dims), nchw);
};

function sampling(attrs: AttributeRecord): Sampling {
  return {
    alignCorners: attrs['alignCorners'] === true,
    halfPixelCenters: attrs['halfPixelCenters'] === true,
  };
}

/** Height and width: [from, to] of each. */
function resizedAxes(context: LoweringContext, node: Node, images: ValueId): [number, number][] {
  const [, height, width] = context.value(images).shape;
  const [toHeight, toWidth] = numbers(node.attrs, 'size');
  return [
    [height!, toHeight!],
    [width!, toWidth!],
  ];
}

/** Whole factors use Resize, the fastest way to repeat pixels; others gather pixels by index. */
const resizeNearest: Rule = (context, node) => {
  const images = context.input(node, 'images');
  const axes = resizedAxes(context, node, images);
  const options = sampling(node.attrs);
  let name = context.read(images, nchw);
  if (!options.alignCorners && axes.every(([from, to]) => to % from === 0)) {
    const scales = context.floats([1, 1, ...axes.map(([from, to]) => to / from)], [4]);
    name = context.emit('Resize', [name, '', scales], {
      mode: { s: 'nearest' },
      nearest_mode: { s: 'floor' },
      coordinate_transformation_mode: { s: 'asymmetric' },
    });
  } else {
    axes.forEach(([from, to], i) => {
      const places = context.int64s(nearestPixels(from, to, options));
      name = context.emit('Gather', [name, places], { axis: { i: i + 2 } });
    });
  }
  context.define(node.outputs[0]!, name, nchw);
};

/** A product with a small constant matrix along each axis: exact for every option. */
const resizeBilinear: Rule = (context, node) => {
  const images = context.input(node, 'images');
  const axes = resizedAxes(context, node, images);
  const [rows, columns] = axes.map(([from, to]) =>
    context.floats(resizingMatrix('bilinear', from, to, sampling(node.attrs)), [to, from]),
  );
  const name = context.read(images, nchw);
  const floats = context.value(images).dtype === 'float32' ? name : cast(context, name, 'float32');
  const high = context.emit('MatMul', [rows!, floats]); // [n, c, H, w]
  const transposedColumns = context.emit('Transpose', [columns!], { perm: { ints: [1, 0] } });
  context.define(node.outputs[0]!, context.emit('MatMul', [high, transposedColumns]), nchw);
};

/** (x - mean) / √(variance + ε) · scale + offset, in one pass if the moments are one number a channel. */
const batchNorm: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const [mean, variance] = ['mean', 'variance'].map((name) => context.input(node, name));
  const { scale, offset } = node.inputs;
  const output = node.outputs[0]!;
  const epsilon = number(node.attrs, 'varianceEpsilon');
  const moments = [mean!, variance!, ...[scale, offset].filter((id) => id !== undefined)];
  if (moments.every((id) => context.value(id).shape.length === 1)) {
    const channels = context.value(x).shape[3]!;
    const constant = (value: number): string =>
      context.floats(new Array<number>(channels).fill(value), [channels]);
    const inputs = [
      context.read(x, nchw),
      scale === undefined ? constant(1) : context.read(scale),
      offset === undefined ? constant(0) : context.read(offset),
      context.read(mean!),
      context.read(variance!),
    ];
    context.define(output, context.emit('BatchNormalization', inputs, { epsilon: { f: epsilon } }), nchw);
    return;
  }
  const layout = context.layout(x);
  const read = (id: ValueId): string => context.readBroadcast(id, layout);
  const deviation = context.emit('Sqrt', [context.emit('Add', [read(variance!), context.scalar(epsilon)])]);
  let name = context.emit('Div', [context.emit('Sub', [read(x), read(mean!)]), deviation]);
  if (scale !== undefined) name = context.emit('Mul', [name, read(scale)]);
  if (offset !== undefined) name = context.emit('Add', [name, read(offset)]);
  context.define(output, name, layout);
};

/** Rules for images. */
export const imageRules: RuleTable = {
  MaxPool: maxPool,
  AvgPool: averagePool,
  MaxPoolGrad: maxPoolGradient,
  ResizeNearestNeighbor: resizeNearest,
  ResizeBilinear: resizeBilinear,
  FusedBatchNorm: batchNorm,
};
