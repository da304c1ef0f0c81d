// Element-wise kernels. The output has the layout of the largest input, so that activations stay NCHW and filters OIHW.
import { sizeOf, type Node, type ValueId, type ValueType } from '../../trace/graph.ts';
import { number, valueType } from '../../trace/kernels/kernel.ts';
import type { LoweringContext, Rule, RuleTable } from '../context.ts';
import { blockedImages, identityLayout, type Layout } from '../layout.ts';
import { elementType } from '../onnx-schema.ts';

/**
 * The layout for an operation over these inputs: that of the largest input of the output's rank. With `mayBeBlocked`
 * it may have blocked axes.
 */
export function commonLayout(
  context: LoweringContext,
  ids: readonly ValueId[],
  rank: number,
  mayBeBlocked = false,
): Layout {
  let best: Layout = identityLayout(rank);
  let bestSize = 0;
  for (const id of ids) {
    const { shape, source } = context.value(id);
    const size = sizeOf(shape);
    if (shape.length !== rank || source.kind === 'constant' || size <= bestSize) continue;
    best = mayBeBlocked ? context.ownLayout(id) : context.layout(id);
    bestSize = size;
  }
  return best;
}

/** Inputs as broadcasting operands. A fill constant becomes a scalar if another input has the output's shape. */
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
    if (fill !== null && full.length > 0) return context.scalar(fill, context.value(id).dtype);
    const name = context.readBroadcast(id, layout);
    return layout.join() === blockedImages.join() ? alongRows(context, id, name, output) : name;
  });
}

/**
 * Repeats an operand with one number a channel along a row of blocked images. ONNX Runtime broadcasts run by run, and the runs
 * of one block would be short.
 */
function alongRows(context: LoweringContext, id: ValueId, name: string, output: ValueId): string {
  const shape = context.value(id).shape;
  const [, , width, channels] = context.value(output).shape as readonly [number, number, number, number];
  if (sizeOf(shape) !== channels || shape.at(-1) !== channels || width === 1) return name;
  return context.emit('Expand', [
    name,
    context.int64s([1, channels / context.block!, 1, width, context.block!]),
  ]);
}

type Compute = (
  context: LoweringContext,
  operands: readonly string[],
  node: Node,
  dtype: ValueType,
) => string;

/** A rule that computes the output from the named inputs. */
function elementwise(names: readonly string[], compute: Compute): Rule {
  return (context, node) => {
    const ids = names.map((name) => context.input(node, name));
    const output = node.outputs[0]!;
    const layout = commonLayout(context, ids, context.value(output).shape.length, true);
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

/** Casts integer operands of a kernel whose output is float32. */
const asFloat =
  (compute: Compute): Compute =>
  (context, names, node, dtype) =>
    compute(
      context,
      dtype === 'float32' ? names : names.map((name) => cast(context, name, 'float32')),
      node,
      dtype,
    );

/** ONNX's Greater and Less do not take booleans. */
const comparison =
  (op: string): Compute =>
  (context, names, _, dtype) =>
    context.emit(op, dtype === 'bool' ? names.map((name) => cast(context, name, 'int32')) : names);

/**
 * 1 for positive x, else alpha. For alpha in [0, 1] it is x times the largest float, clipped: 2 fast passes instead of the 3 slow
 * ones of a comparison and Where. Positive denormals below 3e-39 come out between alpha and 1.
 */
const step: Compute = (context, [x], node, dtype) => {
  const alpha = typeof node.attrs['alpha'] === 'number' ? node.attrs['alpha'] : 0;
  if (dtype === 'float32' && alpha >= 0 && alpha <= 1) {
    const steep = context.emit('Mul', [x!, context.scalar(3.4e38)]);
    return context.emit('Clip', [steep, context.scalar(alpha), context.scalar(1)]);
  }
  const positive = context.emit('Greater', [x!, context.scalar(0, dtype)]);
  if (alpha === 0) return cast(context, positive, dtype);
  return context.emit('Where', [positive, context.scalar(1, dtype), context.scalar(alpha, dtype)]);
};

const clip =
  (bounds: (node: Node) => readonly [number, number]): Compute =>
  (context, [x], node, dtype) => {
    // An infinite bound becomes the min or max int32.
    const limits = bounds(node).map((bound) =>
      dtype === 'int32' ? Math.max(-2147483648, Math.min(2147483647, bound)) : bound,
    );
    return context.emit('Clip', [x!, ...limits.map((bound) => context.scalar(bound, dtype))]);
  };

/** The quadrant's angle: atan(a / |b|), mirrored to the left half where b is negative. */
const atan2: Compute = (context, [a, b]) => {
  const zero = context.scalar(0);
  const isNegative = (name: string): string => context.emit('Less', [name, zero]);
  const ratio = context.emit('Div', [a!, context.emit('Abs', [b!])]);
  // For two infinities, whose ratio is NaN, IEEE 754 has the angle of a diagonal.
  const diagonal = context.emit('Where', [isNegative(a!), context.scalar(-1), context.scalar(1)]);
  const areInfinite = context.emit('And', [context.emit('IsInf', [a!]), context.emit('IsInf', [b!])]);
  const angle = context.emit('Atan', [context.emit('Where', [areInfinite, diagonal, ratio])]);
  // For a = 0, where 0 / 0 is NaN, the angle is zero, or NaN if b is NaN.
  const flat = context.emit('Where', [context.emit('Equal', [b!, b!]), zero, b!]);
  const right = context.emit('Where', [context.emit('Equal', [a!, zero]), flat, angle]);
  const half = context.emit('Where', [isNegative(a!), context.scalar(-Math.PI), context.scalar(Math.PI)]);
  return context.emit('Where', [isNegative(b!), context.emit('Sub', [half, right]), right]);
};

/** log(1 + x) without loss near zero: log(u) x / (u - 1) with u = fl(1 + x) (Goldberg 1991, theorem 4). */
const log1p: Compute = (context, [x]) => {
  const one = context.scalar(1);
  const u = context.emit('Add', [x!, one]);
  const isLost = context.emit('Equal', [u, one]);
  const divisor = context.emit('Where', [isLost, one, context.emit('Sub', [u, one])]);
  const exact = context.emit('Div', [context.emit('Mul', [context.emit('Log', [u]), x!]), divisor]);
  const isInfinite = context.emit('IsInf', [u]);
  return context.emit('Where', [isLost, x!, context.emit('Where', [isInfinite, u, exact])]);
};

/** exp(x) - 1 without loss near zero: tanh(x / 2) (exp(x) + 1) for |x| < 1, else the plain form. */
const expm1: Compute = (context, [x]) => {
  const exp = context.emit('Exp', [x!]);
  const one = context.scalar(1);
  const plain = context.emit('Sub', [exp, one]);
  const half = context.emit('Tanh', [context.emit('Mul', [x!, context.scalar(0.5)])]);
  const near = context.emit('Mul', [half, context.emit('Add', [exp, one])]);
  const isNear = context.emit('Less', [context.emit('Abs', [x!]), one]);
  return context.emit('Where', [isNear, near, plain]);
};

/** Division rounded down; integers go through float32, which holds them exactly up to 2^24. */
const floorDiv: Compute = (context, names) => {
  const quotient = context.emit(
    'Div',
    names.map((name) => cast(context, name, 'float32')),
  );
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

const softmax: Rule = (context, node) => {
  const logits = context.input(node, 'logits');
  const layout = context.layout(logits);
  const axis = layout.indexOf(layout.length - 1);
  const name = context.emit('Softmax', [context.read(logits, layout)], { axis: { i: axis } });
  context.define(node.outputs[0]!, name, layout);
};

const select: Rule = (context, node) => {
  const output = node.outputs[0]!;
  const { shape, dtype } = context.value(output);
  const ids = ['condition', 't', 'e'].map((name) => context.input(node, name));
  const layout = commonLayout(context, ids, shape.length, true);
  const [condition, ...branches] = operands(context, ids, output, layout);
  // ONNX Runtime's Where does not take booleans.
  const choose = (names: readonly string[]): string => context.emit('Where', [condition!, ...names]);
  const name =
    dtype === 'bool'
      ? cast(context, choose(branches.map((branch) => cast(context, branch, 'int32'))), 'bool')
      : choose(branches);
  context.define(output, name, layout);
};

const addN: Rule = (context, node) => {
  const output = node.outputs[0]!;
  const ids = Object.values(node.inputs);
  const { shape, dtype } = context.value(output);
  const layout = commonLayout(context, ids, shape.length, true);
  const names = ids.map((id) => context.read(id, layout));
  // ONNX's Sum is for floats.
  const name =
    dtype === 'float32'
      ? context.emit('Sum', names)
      : names.reduce((sum, operand) => context.emit('Add', [sum, operand]));
  context.define(output, name, layout);
};

/** ONNX operators by the kernel that they compute. */
const operators: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'Abs',
      'Neg',
      'Exp',
      'Log',
      'Sqrt',
      'Reciprocal',
      'Sign',
      'Floor',
      'Ceil',
      'Round',
      'Relu',
      'Elu',
      'Selu',
    ].map((kernel) => [kernel, kernel]),
  ),
  ...Object.fromEntries(
    ['Softplus', 'Sigmoid', 'Tanh', 'Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh'].map(
      (kernel) => [kernel, kernel],
    ),
  ),
  Acosh: 'Acosh',
  Atanh: 'Atanh',
  Erf: 'Erf',
  LogicalNot: 'Not',
};

const pairOperators: Readonly<Record<string, string>> = {
  Add: 'Add',
  Sub: 'Sub',
  Multiply: 'Mul',
  RealDiv: 'Div',
  Pow: 'Pow',
  Maximum: 'Max',
  Minimum: 'Min',
  Equal: 'Equal',
  LogicalAnd: 'And',
  LogicalOr: 'Or',
};

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** Element-wise rules. */
export const elementwiseRules: RuleTable = {
  ...mapValues(operators, (op) => unary(operator(op))),
  ...mapValues(pairOperators, (op) => binary(operator(op))),
  Exp: unary(asFloat(operator('Exp'))),
  Square: unary((context, [x]) => context.emit('Mul', [x!, x!])),
  Rsqrt: unary((context, [x]) => context.emit('Reciprocal', [context.emit('Sqrt', [x!])])),
  Log1p: unary(log1p),
  Expm1: unary(expm1),
  Step: unary(step),
  Relu6: unary(clip(() => [0, 6])),
  LeakyRelu: unary(
    asFloat((context, [x], node) =>
      context.emit('LeakyRelu', [x!], { alpha: { f: number(node.attrs, 'alpha') } }),
    ),
  ),
  ClipByValue: unary(clip(({ attrs }) => [number(attrs, 'clipValueMin'), number(attrs, 'clipValueMax')])),
  Cast: unary((context, [x], node) => cast(context, x!, valueType(node.attrs['dtype']))),
  IsNan: unary(asFloat(operator('IsNaN'))),
  IsInf: unary(asFloat(operator('IsInf'))),
  IsFinite: unary(
    asFloat((context, [x]) =>
      context.emit('Not', [context.emit('Or', [context.emit('IsNaN', [x!]), context.emit('IsInf', [x!])])]),
    ),
  ),
  FloorDiv: binary(floorDiv),
  Mod: binary(mod),
  Atan2: binary(atan2),
  SquaredDifference: binary((context, names) => {
    const difference = context.emit('Sub', names);
    return context.emit('Mul', [difference, difference]);
  }),
  Greater: binary(comparison('Greater')),
  GreaterEqual: binary(comparison('GreaterOrEqual')),
  Less: binary(comparison('Less')),
  LessEqual: binary(comparison('LessOrEqual')),
  NotEqual: binary((context, names) => context.emit('Not', [context.emit('Equal', names)])),
  Prelu: elementwise(['x', 'alpha'], (context, names) =>
    context.emit(
      'PRelu',
      names.map((name) => cast(context, name, 'float32')),
    ),
  ),
  Softmax: softmax,
  Select: select,
  AddN: addN,
};
