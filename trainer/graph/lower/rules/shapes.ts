// Kernels that move values. A transpose only renames axes; a reshape keeps the layout if it can.
import { slice_util } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../trace/graph.ts';
import { axesOf, number, numbers } from '../../trace/kernels/kernel.ts';
import { sliceBounds, stridedSliceInfo } from '../../trace/kernels/shapes.ts';
import type { LoweringContext, Rule, RuleTable } from '../context.ts';
import { countSymbols, type Dim } from '../batch.ts';
import { identityLayout, nchw, reshapedLayout, toPhysical, withoutAxes, type Layout } from '../layout.ts';
import { elementType } from '../onnx-schema.ts';
import { cast, commonLayout } from './elementwise.ts';

const reshape: Rule = (context, node) => {
  const x = context.input(node, 'x' in node.inputs ? 'x' : 'input');
  const output = node.outputs[0]!;
  const to = context.value(output).shape;
  const kept = reshapedLayout(context.value(x).shape, to, context.layout(x));
  const name = kept === null ? context.read(x) : context.read(x, context.layout(x));
  const layout = kept ?? identityLayout(to.length);
  context.define(output, context.reshape(name, toPhysical(context.dims(output), layout)), layout);
};

const transpose: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const perm = numbers(node.attrs, 'perm');
  const layout = context.layout(x);
  context.define(
    node.outputs[0]!,
    context.read(x, layout),
    layout.map((axis) => perm.indexOf(axis)),
  );
};

const concat: Rule = (context, node) => {
  const ids = Object.values(node.inputs);
  const rank = context.value(ids[0]!).shape.length;
  const layout = commonLayout(context, ids, rank);
  const axis = (number(node.attrs, 'axis') + rank) % rank;
  const names = ids.map((id) => context.read(id, layout));
  context.define(
    node.outputs[0]!,
    context.emit('Concat', names, { axis: { i: layout.indexOf(axis) } }),
    layout,
  );
};

const pack: Rule = (context, node) => {
  const ids = Object.values(node.inputs);
  const rank = context.value(ids[0]!).shape.length;
  const axis = (number(node.attrs, 'axis') + rank + 1) % (rank + 1);
  const old = commonLayout(context, ids, rank);
  // The new axis is outermost, so that the others keep their layout.
  const layout = [axis, ...old.map((other) => (other < axis ? other : other + 1))];
  const widened = ids.map((id) => context.emit('Unsqueeze', [context.read(id, old), context.int64s([0])]));
  context.define(node.outputs[0]!, context.emit('Concat', widened, { axis: { i: 0 } }), layout);
};

const unpack: Rule = (context, node) => {
  const x = context.input(node, 'value');
  const layout = context.layout(x);
  const axis = (number(node.attrs, 'axis') + layout.length) % layout.length;
  const position = layout.indexOf(axis);
  const name = context.read(x, layout);
  node.outputs.forEach((output, i) => {
    const row = context.emit('Gather', [name, context.scalar(i, 'int32')], { axis: { i: position } });
    context.define(output, row, withoutAxes(layout, [axis]));
  });
};

/** A slice of `x` that becomes `output`. Only axes that are cut are given to ONNX, so that the batch may be symbolic. */
function slice(
  context: LoweringContext,
  x: ValueId,
  output: ValueId,
  start: readonly number[],
  end: readonly number[],
  steps: readonly number[],
): { name: string; layout: Layout } {
  const { shape } = context.value(x);
  const layout = context.layout(x);
  const cut = shape
    .map((_, axis) => axis)
    .filter((a) => start[a] !== 0 || end[a] !== shape[a] || steps[a] !== 1);
  const isBatchCut = cut.some((axis) => typeof context.dims(x)[axis] !== 'number');
  if (isBatchCut || countSymbols(context.dims(x)) !== countSymbols(context.dims(output))) {
    throw new Error('a slice of the batch cannot be lowered with a symbolic batch');
  }
  const name = context.read(x, layout);
  if (cut.length === 0) return { name, layout };
  const inputs = [start, end, steps].map((list) => context.int64s(cut.map((axis) => list[axis]!)));
  const axes = context.int64s(cut.map((axis) => layout.indexOf(axis)));
  return { name: context.emit('Slice', [name, inputs[0]!, inputs[1]!, axes, inputs[2]!]), layout };
}

const sliceRule: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const [start, size] = sliceBounds(context.value(x), node.attrs);
  const ends = start.map((from, i) => from + size[i]!);
  const steps = start.map(() => 1);
  const { name, layout } = slice(context, x, node.outputs[0]!, start, ends, steps);
  context.define(node.outputs[0]!, name, layout);
};

const stridedSlice: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const output = node.outputs[0]!;
  const { begin, end, strides } = stridedSliceInfo(context.value(x), node.attrs);
  // ONNX counts a negative end from the back, so the min int32 stands for the place before the first element.
  const ends = end.map((value, i) => (strides[i]! < 0 && value < 0 ? -2147483648 : value));
  const { name, layout } = slice(context, x, output, begin, ends, strides);
  const sliced = slice_util.computeOutShape(begin, end, strides).map((size) => Math.max(0, size));
  const kept = reshapedLayout(sliced, context.value(output).shape, layout);
  if (kept !== null) {
    context.define(output, context.reshape(name, toPhysical(context.dims(output), kept)), kept);
    return;
  }
  const plain = context.emit('Transpose', [name], {
    perm: { ints: layout.map((_, axis) => layout.indexOf(axis)) },
  });
  context.define(output, context.reshape(plain, context.dims(output)));
};

const split: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const layout = context.layout(x);
  const axis = (number(node.attrs, 'axis') + layout.length) % layout.length;
  if (typeof context.dims(x)[axis] !== 'number') {
    throw new Error('a split of the batch cannot be lowered with a symbolic batch');
  }
  const sizes = context.int64s(node.outputs.map((id) => context.value(id).shape[axis]!));
  const attributes = { axis: { i: layout.indexOf(axis) } };
  const names = context.emitMany('Split', [context.read(x, layout), sizes], attributes, node.outputs.length);
  node.outputs.forEach((id, i) => context.define(id, names[i]!, layout));
};

const pad: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const layout = context.layout(x);
  const paddings = toPhysical(node.attrs['paddings'] as readonly (readonly number[])[], layout);
  const sides = [0, 1].flatMap((side) => paddings.map((pair) => pair[side]!));
  const inputs = [context.read(x, layout), context.int64s(sides)];
  const value = node.attrs['constantValue'];
  if (typeof value === 'number' && value !== 0) inputs.push(context.scalar(value, context.value(x).dtype));
  context.define(node.outputs[0]!, context.emit('Pad', inputs, { mode: { s: 'constant' } }), layout);
};

/** Mirrored padding by Gather, axis by axis: ONNX's Pad has no mode that repeats the edge. */
const mirrorPad: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const { shape } = context.value(x);
  const layout = context.layout(x);
  const paddings = node.attrs['paddings'] as readonly (readonly number[])[];
  const skip = node.attrs['mode'] === 'reflect' ? 1 : 0;
  let name = context.read(x, layout);
  paddings.forEach(([before, after], axis) => {
    if (before === 0 && after === 0) return;
    const last = shape[axis]! - 1;
    const indices = Array.from({ length: before! + last + 1 + after! }, (_, i) => {
      const at = i - before!;
      if (at < 0) return -at - 1 + skip;
      return at > last ? 2 * last + 1 - at - skip : at;
    });
    name = context.emit('Gather', [name, context.int64s(indices)], { axis: { i: layout.indexOf(axis) } });
  });
  context.define(node.outputs[0]!, name, layout);
};

/** Repetitions along each axis. An axis of length 1 that becomes the batch is repeated by the batch size. */
const tile: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const layout = context.layout(x);
  const from = context.dims(x);
  const reps = context.dims(node.outputs[0]!).map((to, axis): Dim => {
    const dim = from[axis]!;
    if (typeof to === 'number') return numbers(node.attrs, 'reps')[axis]!;
    return typeof dim === 'number' ? { times: to.times / dim } : to.times / dim.times;
  });
  const name = context.emit('Tile', [context.read(x, layout), context.sizes(toPhysical(reps, layout))]);
  context.define(node.outputs[0]!, name, layout);
};

const reverse: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const layout = context.layout(x);
  const axes = axesOf(node.attrs['dims'], context.value(x).shape).map((axis) => layout.indexOf(axis));
  const name = context.read(x, layout);
  const all = (value: number): string => context.int64s(axes.map(() => value));
  const inputs = [name, all(-1), all(-2147483648), context.int64s(axes), all(-1)];
  context.define(node.outputs[0]!, axes.length === 0 ? name : context.emit('Slice', inputs), layout);
};

const gather: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const rank = context.value(x).shape.length;
  const axis = (number(node.attrs, 'axis') + rank) % rank;
  const indices = context.read(context.input(node, 'indices'));
  context.define(node.outputs[0]!, context.emit('Gather', [context.read(x), indices], { axis: { i: axis } }));
};

const oneHot: Rule = (context, node) => {
  const { dtype } = context.value(node.outputs[0]!);
  const indices = context.read(context.input(node, 'indices'));
  const depth = number(node.attrs, 'depth');
  const classes = context.int64s(Array.from({ length: depth }, (_, i) => i));
  const column = context.emit('Unsqueeze', [indices, context.int64s([-1])]);
  const isHit = context.emit('Equal', [
    context.emit('Cast', [column], { to: { i: elementType.int64 } }),
    classes,
  ]);
  // ONNX Runtime's Where does not take booleans.
  const type = dtype === 'bool' ? 'int32' : dtype;
  const [on, off] = ['onValue', 'offValue'].map((name) => context.scalar(number(node.attrs, name), type));
  const name = context.emit('Where', [isHit, on!, off!]);
  context.define(node.outputs[0]!, type === dtype ? name : cast(context, name, dtype));
};

const depthToSpace: Rule = (context, node) => {
  const attributes = { blocksize: { i: number(node.attrs, 'blockSize') }, mode: { s: 'DCR' } };
  const name = context.read(context.input(node, 'x'), nchw);
  context.define(node.outputs[0]!, context.emit('DepthToSpace', [name], attributes), nchw);
};

/** Rules for shapes. */
export const shapeRules: RuleTable = {
  Reshape: reshape,
  ExpandDims: reshape,
  Transpose: transpose,
  Concat: concat,
  Pack: pack,
  Unpack: unpack,
  Slice: sliceRule,
  StridedSlice: stridedSlice,
  SplitV: split,
  PadV2: pad,
  MirrorPad: mirrorPad,
  Tile: tile,
  Reverse: reverse,
  GatherV2: gather,
  OneHot: oneHot,
  DepthToSpace: depthToSpace,
};
