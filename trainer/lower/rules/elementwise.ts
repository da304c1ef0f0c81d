// Element-wise kernels. The output lies as the largest input does, so that activations stay NCHW and filters OIHW.
import type { Node, ValueId, ValueType } from '../../trace/graph.ts';
import { number, sizeOf } from '../../trace/kernels/kernel.ts';
import type { LoweringContext, Rule, RuleTable } from '../context.ts';
import { identityLayout, type Layout } from '../layout.ts';
import { elementType } from '../onnx-schema.ts';

/** The layout for an operation over these inputs: that of the largest one that has the output's rank. */
export function commonLayout(context: LoweringContext, ids: readonly ValueId[], rank: number): Layout {
  let best: Layout = identityLayout(rank);
  let bestSize = 0;
  for (const id of ids) {
    const { shape, source } = context.value(id);
    const size = sizeOf(shape);
    if (shape.length !== rank || source.kind === 'constant' || size <= bestSize) continue;
    best = context.layout(id);
    bestSize = size;
  }
  return best;
}

/** Inputs as broadcasting operands; a constant that is one number is a scalar where the others give the shape. */
export function operands(
  context: LoweringContext,
  ids: readonly ValueId[],
  output: ValueId,
  layout: Layout,
): string[] {
  const target = context.value(output).shape.join();
  const full = ids.filter((id) => context.fill(id) === null && context.value(id).shape.join() === target);
  return ids.map((id) => {
    const fill = context.fill(id);
    return fill !== null && full.length > 0
      ? context.scalar(fill, context.value(id).dtype)
      : context.readBroadcast(id, layout);
  });
}

type Compute = (
  context: LoweringContext,
  operands: readonly string[],
  node: Node,
  dtype: ValueType,
) => string;

/** A rule over the kernel's inputs of the given names. */
function elementwise(names: readonly string[], compute: Compute): Rule {
  return (context, node) => {
    const ids = names.map((name) => context.input(node, name));
    const output = node.outputs[0]!;
    const layout = commonLayout(context, ids, context.value(output).shape.length);
    const dtype = context.value(ids[0]!).dtype;
    context.define(output, compute(context, operands(context, ids, output, layout), node, dtype), layout);
  };
}

const unary = (compute: Compute): Rule => elementwise(['x'], compute);
const binary = (compute: Compute): Rule => elementwise(['a', 'b'], compute);
const operator =
  (op: string): Compute =>
  (context, names) =>
    context.emit(op, names);

const step: Compute = (context, [x], node) => {
  const alpha = typeof node.attrs['alpha'] === 'number' ? node.attrs['alpha'] : 0;
  const positive = context.emit('Greater', [x!, context.scalar(0)]);
  if (alpha === 0) return cast(context, positive, 'float32');
  return context.emit('Where', [positive, context.scalar(1), context.scalar(alpha)]);
};

/** log(1 + x) without loss near zero: log(u) x / (u - 1) with u = fl(1 + x) (Goldberg 1991, theorem 4). */
const log1p: Compute = (context, [x]) => {
  const one = context.scalar(1);
  const u = context.emit('Add', [x!, one]);
  const lost = context.emit('Equal', [u, one]);
  const divisor = context.emit('Where', [lost, one, context.emit('Sub', [u, one])]);
  const exact = context.emit('Div', [context.emit('Mul', [context.emit('Log', [u]), x!]), divisor]);
  const isInfinite = context.emit('IsInf', [u]);
  return context.emit('Where', [lost, x!, context.emit('Where', [isInfinite, u, exact])]);
};

/** exp(x) - 1 without loss near zero: tanh(x / 2) (exp(x) + 1); past ±1 the plain form loses nothing. */
const expm1: Compute = (context, [x]) => {
  const exp = context.emit('Exp', [x!]);
  const one = context.scalar(1);
  const plain = context.emit('Sub', [exp, one]);
  const half = context.emit('Tanh', [context.emit('Mul', [x!, context.scalar(0.5)])]);
  const near = context.emit('Mul', [half, context.emit('Add', [exp, one])]);
  const isNear = context.emit('Less', [context.emit('Abs', [x!]), one]);
  return context.emit('Where', [isNear, near, plain]);
};

/** Division rounded down; integers go through float32 as in tfjs. */
const floorDiv: Compute = (context, [a, b], _, dtype) => {
  if (dtype === 'float32') return context.emit('Floor', [context.emit('Div', [a!, b!])]);
  const quotient = context.emit('Div', [cast(context, a!, 'float32'), cast(context, b!, 'float32')]);
  return cast(context, context.emit('Floor', [quotient]), 'int32');
};

/** Remainder with the divisor's sign, as in Python and tfjs. */
const mod: Compute = (context, [a, b], _, dtype) => {
  if (dtype === 'int32') return context.emit('Mod', [a!, b!]);
  const remainder = context.emit('Mod', [a!, b!], { fmod: { i: 1 } });
  const zero = context.scalar(0);
  const isNegative = (x: string): string => context.emit('Less', [x, zero]);
  const differ = context.emit('Xor', [isNegative(a!), isNegative(b!)]);
  const moved = context.emit('Mod', [context.emit('Add', [remainder, b!]), b!], { fmod: { i: 1 } });
  return context.emit('Where', [differ, moved, remainder]);
};

/** Converts to a graph type. */
export function cast(context: LoweringContext, name: string, to: ValueType): string {
  return context.emit('Cast', [name], { to: { i: elementType[to] } });
}

function softmax(op: 'Softmax' | 'LogSoftmax'): Rule {
  return (context, node) => {
    const logits = context.input(node, 'logits');
    const layout = context.layout(logits);
    const axis = layout.indexOf(layout.length - 1);
    context.define(
      node.outputs[0]!,
      context.emit(op, [context.read(logits, layout)], { axis: { i: axis } }),
      layout,
    );
  };
}

const select: Rule = (context, node) => {
  const output = node.outputs[0]!;
  const { shape } = context.value(output);
  const condition = context.input(node, 'condition');
  const branches = [context.input(node, 't'), context.input(node, 'e')];
  const isVector = context.value(condition).shape.length === 1 && shape.length > 1;
  const layout = isVector
    ? identityLayout(shape.length)
    : commonLayout(context, [condition, ...branches], shape.length);
  // A condition of rank one picks whole rows (TensorFlow's Select).
  const picked = isVector
    ? context.reshape(context.read(condition), [context.dims(condition)[0]!, ...shape.slice(1).map(() => 1)])
    : context.readBroadcast(condition, layout);
  const isFull = context.value(condition).shape.join() === shape.join();
  const names = isFull
    ? operands(context, [condition, ...branches], output, layout).slice(1)
    : branches.map((id) => context.readBroadcast(id, layout));
  context.define(output, context.emit('Where', [picked, ...names]), layout);
};

const addN: Rule = (context, node) => {
  const ids = Object.values(node.inputs);
  const layout = commonLayout(context, ids, context.value(ids[0]!).shape.length);
  const names = ids.map((id) => context.read(id, layout));
  context.define(node.outputs[0]!, context.emit('Sum', names), layout);
};

/** Element-wise rules. */
export const elementwiseRules: RuleTable = {
  ...Object.fromEntries(
    ['Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Sign', 'Floor', 'Ceil', 'Round', 'Relu', 'Elu'].map(
      (kernel) => [kernel, unary(operator(kernel))],
    ),
  ),
  ...Object.fromEntries(
    ['Selu', 'Softplus', 'Sigmoid', 'Tanh', 'Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh'].map(
      (kernel) => [kernel, unary(operator(kernel))],
    ),
  ),
  ...Object.fromEntries(
    ['Asinh', 'Acosh', 'Atanh', 'Erf'].map((kernel) => [kernel, unary(operator(kernel))]),
  ),
  Square: unary((context, [x]) => context.emit('Mul', [x!, x!])),
  Rsqrt: unary((context, [x]) => context.emit('Reciprocal', [context.emit('Sqrt', [x!])])),
  Log1p: unary(log1p),
  Expm1: unary(expm1),
  Step: unary(step),
  Relu6: unary((context, [x]) => context.emit('Clip', [x!, context.scalar(0), context.scalar(6)])),
  LeakyRelu: unary((context, [x], node) =>
    context.emit('LeakyRelu', [x!], { alpha: { f: number(node.attrs, 'alpha') } }),
  ),
  ClipByValue: unary((context, [x], node, dtype) =>
    context.emit('Clip', [
      x!,
      context.scalar(number(node.attrs, 'clipValueMin'), dtype),
      context.scalar(number(node.attrs, 'clipValueMax'), dtype),
    ]),
  ),
  Cast: unary((context, [x], node) => cast(context, x!, node.attrs['dtype'] as ValueType)),
  IsNan: unary(operator('IsNaN')),
  IsInf: unary(operator('IsInf')),
  IsFinite: unary((context, [x]) =>
    context.emit('Not', [context.emit('Or', [context.emit('IsNaN', [x!]), context.emit('IsInf', [x!])])]),
  ),
  LogicalNot: unary(operator('Not')),
  Add: binary(operator('Add')),
  Sub: binary(operator('Sub')),
  Multiply: binary(operator('Mul')),
  RealDiv: binary((context, [a, b], _, dtype) =>
    dtype === 'float32'
      ? context.emit('Div', [a!, b!])
      : context.emit('Div', [cast(context, a!, 'float32'), cast(context, b!, 'float32')]),
  ),
  FloorDiv: binary(floorDiv),
  Mod: binary(mod),
  Pow: binary(operator('Pow')),
  Maximum: binary(operator('Max')),
  Minimum: binary(operator('Min')),
  SquaredDifference: binary((context, names) => {
    const difference = context.emit('Sub', names);
    return context.emit('Mul', [difference, difference]);
  }),
  Greater: binary(operator('Greater')),
  GreaterEqual: binary(operator('GreaterOrEqual')),
  Less: binary(operator('Less')),
  LessEqual: binary(operator('LessOrEqual')),
  Equal: binary(operator('Equal')),
  NotEqual: binary((context, names) => context.emit('Not', [context.emit('Equal', names)])),
  LogicalAnd: binary(operator('And')),
  LogicalOr: binary(operator('Or')),
  Prelu: elementwise(['x', 'alpha'], operator('PRelu')),
  Softmax: softmax('Softmax'),
  LogSoftmax: softmax('LogSoftmax'),
  Select: select,
  AddN: addN,
};
