// Kernels that fold axes away. tfjs's own `keepDims` attribute keeps them with length 1.
import type { TensorSpec, ValueType } from '../graph.ts';
import { axesOf, need, type InferOutputs, type KernelTable } from './kernel.ts';

function reduced(x: TensorSpec, axes: readonly number[], keepDims: boolean, dtype: ValueType): TensorSpec {
  const shape = keepDims
    ? x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  return { shape, dtype };
}

/** Outputs of a reduction whose type is the input's, unless `typeOf` says otherwise. */
function reduction(typeOf: (x: ValueType) => ValueType): InferOutputs {
  return (inputs, attrs) => {
    const x = need(inputs, 'x');
    return [reduced(x, axesOf(attrs, 'axis', x.shape.length), attrs['keepDims'] === true, typeOf(x.dtype))];
  };
}

const same = (dtype: ValueType): ValueType => dtype;

/** Reductions and cumulative sums. */
export const reductions: KernelTable = {
  Sum: reduction((dtype) => (dtype === 'bool' ? 'int32' : dtype)),
  Prod: reduction((dtype) => (dtype === 'bool' ? 'int32' : dtype)),
  Mean: reduction(() => 'float32'),
  Max: reduction(same),
  Min: reduction(same),
  All: reduction(() => 'bool'),
  Any: reduction(() => 'bool'),
  ArgMax: reduction(() => 'int32'),
  ArgMin: reduction(() => 'int32'),
  Cumsum: (inputs) => {
    const { shape, dtype } = need(inputs, 'x');
    return [{ shape, dtype: dtype === 'bool' ? 'int32' : dtype }];
  },
};
