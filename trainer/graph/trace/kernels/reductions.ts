// Kernels that reduce axes. tfjs's `keepDims` attribute keeps them with length 1.
import type { AttributeRecord, TensorSpec, ValueType } from '../graph.ts';
import { accepting, axesOf, anyType, need, numeric, type InferOutputs, type KernelTable } from './kernel.ts';

/** The reduced axes, counted from 0 and sorted. Max has its own name for the attribute. */
export function reducedAxes(attrs: AttributeRecord, shape: readonly number[]): number[] {
  return axesOf(attrs['reductionIndices'] ?? attrs['axis'], shape);
}

/** A reduction whose output has type `typeOf(x)`. */
function reduction(typeOf: (x: ValueType) => ValueType): InferOutputs {
  return (inputs, attrs) => {
    const x = need(inputs, 'x');
    const axes = reducedAxes(attrs, x.shape);
    const shape =
      attrs['keepDims'] === true
        ? x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
        : x.shape.filter((_, axis) => !axes.includes(axis));
    return [{ shape, dtype: typeOf(x.dtype) }];
  };
}

const same = (dtype: ValueType): ValueType => dtype;
const number = (dtype: ValueType): ValueType => (dtype === 'bool' ? 'int32' : dtype);

/** Reductions and cumulative sums. */
export const reductions: KernelTable = {
  Sum: reduction(number),
  Prod: reduction(number),
  Mean: reduction(() => 'float32'),
  Max: accepting(numeric, reduction(same)),
  Min: accepting(numeric, reduction(same)),
  All: accepting(['bool'], reduction(same)),
  Any: accepting(['bool'], reduction(same)),
  ArgMax: accepting(
    anyType,
    reduction(() => 'int32'),
  ),
  ArgMin: accepting(
    anyType,
    reduction(() => 'int32'),
  ),
  Cumsum: (inputs): TensorSpec[] => {
    const { shape, dtype } = need(inputs, 'x');
    return [{ shape, dtype: number(dtype) }];
  },
};
