// Kernels that move values. Transposes only rename axes; a reshape keeps the layout where it can.
import type { ValueId } from '../../trace/graph.ts';
import { axesOf, number, numbers } from '../../trace/kernels/kernel.ts';
import { sliceBounds, stridedSliceInfo } from '../../trace/kernels/shapes.ts';
import type { LoweringContext, Rule, RuleTable } from '../context.ts';
import { identityLayout, reshapedLayout, toPhysical, withoutAxes, type Layout } from '../layout.ts';
import { commonLayout } from './elementwise.ts';

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

/** Reads `x` as it lies, applies `make` to the name, and defines the output in the same layout. */
function inPlace(
  make: (context: LoweringContext, name: string, layout: Layout, node: Parameters<Rule>[1]) => string,
): Rule {
  return (context, node) => {
    const x = context.input(node, 'x');
    const layout = context.layout(x);
    context.define(node.outputs[0]!, make(context, context.read(x, layout), layout, node), layout);
  };
}

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
  const rank = context.value(ids[0]!).shape.length + 1;
  const axis = (number(node.attrs, 'axis') + rank) % rank;
  const widened = ids.map((id) => context.emit('Unsqueeze', [context.read(id), context.int64s([axis])]));
  context.define(node.outputs[0]!, context.emit('Concat', widened, { axis: { i: axis } }));
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

/** A slice; an axis taken whole, the batch among them, is not named. */
function slice(
  context: LoweringContext,
  x: ValueId,
  start: readonly number[],
  end: readonly number[],
  steps: readonly number[],
): { name: string; layout: Layout } {
  const { shape } = context.value(x);
  const layout = context.layout(x);
  const cut = shape
    .map((_, axis) => axis)
    .filter((a) => start[a] !== 0 || end[a] !== shape[a] || steps[a] !== 1);
  const name = context.read(x, layout);
  if (cut.length === 0) return { name, layout };
  const batchCut = cut.find((axis) => typeof context.dims(x)[axis] !== 'number');
  if (batchCut !== undefined)
    throw new Error(`a slice of axis ${batchCut}, the batch, cannot have a symbolic size`);
  const inputs = [start, end, steps].map((list) => context.int64s(cut.map((axis) => list[axis]!)));
  const axes = context.int64s(cut.map((axis) => layout.indexOf(axis)));
  return { name: context.emit('Slice', [name, inputs[0]!, inputs[1]!, axes, inputs[2]!]), layout };
}

const sliceRule: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const [start, size] = sliceBounds(context.value(x), node.attrs);
  const end = start.map((from, i) => from + size[i]!);
  const { name, layout } = slice(
    context,
    x,
    start,
    end,
    start.map(() => 1),
  );
  context.define(node.outputs[0]!, name, layout);
};

const stridedSlice: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const output = node.outputs[0]!;
  const { begin, end, strides, finalShapeSparse } = stridedSliceInfo(context.value(x), node.attrs);
  // ONNX reads a negative end as counted from the back; one before the first element is the smallest integer.
  const ends = end.map((value, i) => (strides[i]! < 0 && value < 0 ? -2147483648 : value));
  const { name, layout } = slice(context, x, begin, ends, strides);
  const kept = reshapedLayout(finalShapeSparse, context.value(output).shape, layout);
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
  const sizes = context.int64s(node.outputs.map((id) => context.value(id).shape[axis]!));
  const attributes = { axis: { i: layout.indexOf(axis) } };
  const names = context.emitMany('Split', [context.read(x, layout), sizes], attributes, node.outputs.length);
  node.outputs.forEach((id, i) => context.define(id, names[i]!, layout));
};

function padding(mode: (node: Parameters<Rule>[1]) => string): Rule {
  return inPlace((context, name, layout, node) => {
    const paddings = node.attrs['paddings'] as readonly (readonly number[])[];
    const sides = [0, 1].flatMap((side) =>
      toPhysical(
        paddings.map((pair) => pair[side]!),
        layout,
      ),
    );
    const inputs = [name, context.int64s(sides)];
    const value = node.attrs['constantValue'];
    const { dtype } = context.value(node.outputs[0]!);
    if (typeof value === 'number' && value !== 0) inputs.push(context.scalar(value, dtype));
    return context.emit('Pad', inputs, { mode: { s: mode(node) } });
  });
}

const broadcastTo: Rule = (context, node) => {
  const output = node.outputs[0]!;
  const dims = context.dims(output);
  if (dims.some((dim) => typeof dim !== 'number')) {
    throw new Error('a broadcast to the batch size cannot be lowered with a symbolic batch');
  }
  const x = context.input(node, 'x');
  context.define(output, context.emit('Expand', [context.read(x), context.int64s(dims as number[])]));
};

const gather: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const rank = context.value(x).shape.length;
  const batchDims = node.attrs['batchDims'];
  if (typeof batchDims === 'number' && batchDims !== 0) {
    throw new Error(`GatherV2: got batchDims ${batchDims}, expected 0`);
  }
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
  const isHit = context.emit('Equal', [context.emit('Cast', [column], { to: { i: 7 } }), classes]);
  const on = context.scalar(number(node.attrs, 'onValue'), dtype);
  context.define(
    node.outputs[0]!,
    context.emit('Where', [isHit, on, context.scalar(number(node.attrs, 'offValue'), dtype)]),
  );
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
  PadV2: padding(() => 'constant'),
  MirrorPad: padding((node) => (node.attrs['mode'] === 'reflect' ? 'reflect' : 'symmetric')),
  Tile: inPlace((context, name, layout, node) =>
    context.emit('Tile', [name, context.int64s(toPhysical(numbers(node.attrs, 'reps'), layout))]),
  ),
  Reverse: inPlace((context, name, layout, node) => {
    const given = node.attrs['dims'];
    const axes = axesOf({ dims: given }, 'dims', layout.length).map((axis) => layout.indexOf(axis));
    if (axes.length === 0) return name;
    const fill = (value: number): string => context.int64s(axes.map(() => value));
    return context.emit('Slice', [name, fill(-1), fill(-2147483648), context.int64s(axes), fill(-1)]);
  }),
  BroadcastTo: broadcastTo,
  GatherV2: gather,
  OneHot: oneHot,
  DepthToSpace: (context, node) => {
    const block = number(node.attrs, 'blockSize');
    const layout = [0, 3, 1, 2];
    const name = context.read(context.input(node, 'x'), layout);
    const attributes = { blocksize: { i: block }, mode: { s: 'DCR' } };
    context.define(node.outputs[0]!, context.emit('DepthToSpace', [name], attributes), layout);
  },
};
