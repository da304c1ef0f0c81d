// Finds kernel calls that need not run: the result is one of the inputs (adding 0, reshaping to the same shape) or a fill
// constant (arithmetic on fill constants). Autodiff makes many of these.
import type { AttributeRecord, TensorSpec, ValueId, ValueType } from './graph.ts';

/** An input of a call; `fill` is the number of a fill constant, else null. */
export interface KnownInput extends TensorSpec {
  readonly id: ValueId;
  readonly fill: number | null;
}

/** The replacement of a call: an existing value, or a fill constant. */
export type Simplified = { readonly same: ValueId } | { readonly fill: number };

const unaryFolds: Readonly<Record<string, (x: number) => number>> = {
  Neg: (x) => -x,
  Abs: Math.abs,
  Square: (x) => x * x,
  Sqrt: Math.sqrt,
  Rsqrt: (x) => 1 / Math.sqrt(x),
  Reciprocal: (x) => 1 / x,
};

const binaryFolds: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
  Maximum: Math.max,
  Minimum: Math.min,
};

/** Kernels that only move the elements of `x`: the result for a fill constant is a fill constant. */
const movers = new Set(['Reshape', 'ExpandDims', 'Transpose', 'Slice', 'StridedSlice', 'Tile', 'Reverse']);

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i]);

/** A number rounded to a tensor type. */
export function stored(value: number, dtype: ValueType): number {
  if (dtype === 'float32') return Math.fround(value);
  return dtype === 'bool' ? Number(value !== 0) : value | 0;
}

/** The replacement of a call; null if the call must run. */
export function simplify(
  kernel: string,
  inputs: Readonly<Record<string, KnownInput>>,
  attrs: AttributeRecord,
  output: TensorSpec,
): Simplified | null {
  if (kernel === 'OnesLike') return { fill: 1 };
  if (kernel === 'ZerosLike') return { fill: 0 };

  const x = inputs['x'] ?? inputs['input'];
  if (x !== undefined && Object.keys(inputs).length === 1) {
    if (isNoOp(kernel, x, attrs, output)) return { same: x.id };
    if (x.fill === null) return null;
    if (kernel === 'Cast' || movers.has(kernel)) return { fill: x.fill };
    const fold = unaryFolds[kernel];
    return fold ? { fill: fold(x.fill) } : null;
  }

  const { a, b } = inputs;
  if (a === undefined || b === undefined) return null;
  if (a.fill !== null && b.fill !== null) {
    const fold = binaryFolds[kernel];
    return fold ? { fill: fold(a.fill, b.fill) } : null;
  }
  const isA = sameShape(a.shape, output.shape) && a.dtype === output.dtype;
  const isB = sameShape(b.shape, output.shape) && b.dtype === output.dtype;
  if (kernel === 'Multiply' && b.fill === 1 && isA) return { same: a.id };
  if (kernel === 'Multiply' && a.fill === 1 && isB) return { same: b.id };
  if (kernel === 'RealDiv' && b.fill === 1 && isA) return { same: a.id };
  if (kernel === 'Add' && b.fill === 0 && isA) return { same: a.id };
  if (kernel === 'Add' && a.fill === 0 && isB) return { same: b.id };
  if (kernel === 'Sub' && b.fill === 0 && isA) return { same: a.id };
  return null;
}

/** True if the call returns its only input unchanged. */
function isNoOp(kernel: string, x: TensorSpec, attrs: AttributeRecord, output: TensorSpec): boolean {
  if (x.dtype !== output.dtype || !sameShape(x.shape, output.shape)) return false;
  switch (kernel) {
    case 'Reshape':
    case 'Cast':
    case 'Slice':
    case 'Tile':
      return true;
    case 'Transpose':
      return (attrs['perm'] as readonly number[]).every((axis, i) => axis === i);
    case 'Round':
      return x.dtype === 'int32';
    case 'Sum':
    case 'Mean':
    case 'Max':
    case 'Min':
      // With the same shape, only axes of length 1 can have been reduced.
      return true;
    default:
      return false;
  }
}
