// Reductions keep the layout of their input; axes are converted to positions in it.
import { reducedAxes } from '../../trace/kernels/reductions.ts';
import { flag, type Rule, type RuleTable } from '../context.ts';
import { isBlocked, plainLayout, withoutAxes, type Layout } from '../layout.ts';
import { cast } from './elementwise.ts';

/**
 * The positions of the reduced axes. With blocked axes there is one list per run of adjacent axes, outermost first:
 * ONNX Runtime reduces adjacent axes fast, and several runs at once slowly.
 */
function runsOf(layout: Layout, axes: readonly number[]): number[][] {
  const positions = layout.map((_, position) => position).filter((at) => axes.includes(layout[at]!));
  if (!isBlocked(layout)) return positions.length > 0 ? [positions] : [];
  const runs: number[][] = [];
  for (const position of positions) {
    if (runs.at(-1)?.at(-1) === position - 1) runs.at(-1)!.push(position);
    else runs.push([position]);
  }
  return runs;
}

function reduction(op: string): Rule {
  return (context, node) => {
    const x = context.input(node, 'x');
    const output = node.outputs[0]!;
    const { shape, dtype } = context.value(x);
    const to = context.value(output).dtype;
    const axes = reducedAxes(node.attrs, shape);
    const keepDims = flag(node.attrs, 'keepDims');
    const layout = context.ownLayout(x);
    let name = context.read(x, layout);
    if (dtype !== to) name = cast(context, name, to);
    for (const run of runsOf(layout, axes).reverse()) {
      name = context.emit(op, [name, context.int64s(run)], { keepdims: { i: keepDims ? 1 : 0 } });
    }
    const left = keepDims ? layout : withoutAxes(layout, axes);
    if (keepDims || !isBlocked(left)) context.define(output, name, left);
    else {
      // A reduction of images usually leaves one number a channel, so this conversion is cheap.
      const plain = plainLayout(left);
      context.define(
        output,
        context.convert(name, { dims: context.dims(output), dtype: to }, left, plain),
        plain,
      );
    }
  };
}

/** All and Any are the minimum and the maximum, of int32 because ONNX does not reduce booleans. */
function logical(op: string): Rule {
  return (context, node) => {
    const x = context.input(node, 'x');
    const axes = reducedAxes(node.attrs, context.value(x).shape);
    const keepDims = flag(node.attrs, 'keepDims');
    const layout = context.layout(x);
    const bytes = cast(context, context.read(x, layout), 'int32');
    const positions = axes.map((axis) => layout.indexOf(axis)).sort((a, b) => a - b);
    const reduced = context.emit(op, [bytes, context.int64s(positions)], {
      keepdims: { i: keepDims ? 1 : 0 },
    });
    context.define(
      node.outputs[0]!,
      cast(context, reduced, 'bool'),
      keepDims ? layout : withoutAxes(layout, axes),
    );
  };
}

function argument(op: string): Rule {
  return (context, node) => {
    const x = context.input(node, 'x');
    const axis = reducedAxes(node.attrs, context.value(x).shape)[0]!;
    const layout = context.layout(x);
    const name = context.read(x, layout);
    const operand = context.value(x).dtype === 'bool' ? cast(context, name, 'int32') : name;
    const index = context.emit(op, [operand], {
      axis: { i: layout.indexOf(axis) },
      keepdims: { i: 0 },
    });
    context.define(node.outputs[0]!, cast(context, index, 'int32'), withoutAxes(layout, [axis]));
  };
}

const cumsum: Rule = (context, node) => {
  const x = context.input(node, 'x');
  const layout = context.layout(x);
  const axis = reducedAxes(node.attrs, context.value(x).shape)[0]!;
  const to = context.value(node.outputs[0]!).dtype;
  let name = context.read(x, layout);
  if (context.value(x).dtype !== to) name = cast(context, name, to);
  const attributes = {
    exclusive: { i: flag(node.attrs, 'exclusive') ? 1 : 0 },
    reverse: { i: flag(node.attrs, 'reverse') ? 1 : 0 },
  };
  const result = context.emit('CumSum', [name, context.scalar(layout.indexOf(axis), 'int32')], attributes);
  context.define(node.outputs[0]!, result, layout);
};

/** Rules for reductions. */
export const reductionRules: RuleTable = {
  Sum: reduction('ReduceSum'),
  Mean: reduction('ReduceMean'),
  Prod: reduction('ReduceProd'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
  Cumsum: cumsum,
};
