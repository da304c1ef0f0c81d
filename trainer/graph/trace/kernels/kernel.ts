// Shape inference: the shapes and types of a kernel's outputs. One table (table.ts) holds all kernels, grouped by
// family; the lowering has a rule for each of the same names.
import { util } from '@tensorflow/tfjs-core';
import {
  arrayTypes,
  sizeOf,
  type Attribute,
  type AttributeRecord,
  type HostTensor,
  type TensorSpec,
  type ValueType,
} from '../graph.ts';

/** The inputs of one kernel call, by the kernel's own names. */
export type InputSpecs = Readonly<Record<string, TensorSpec>>;

/** Infers a kernel's outputs. Throws RangeError for shapes that tfjs does not take. */
export type InferOutputs = (inputs: InputSpecs, attrs: AttributeRecord) => TensorSpec[];

/** Kernels of one family, by name. */
export type KernelTable = Readonly<Record<string, InferOutputs>>;

/** A required input. Throws RangeError if it is missing. */
export function need(inputs: InputSpecs, name: string): TensorSpec {
  const spec = inputs[name];
  if (spec === undefined) {
    throw new RangeError(`kernel input '${name}' is missing; there are: ${Object.keys(inputs).join(', ')}`);
  }
  return spec;
}

/** The same rule under several kernel names. */
export function forEach(names: readonly string[], infer: InferOutputs): KernelTable {
  return Object.fromEntries(names.map((name) => [name, infer]));
}

/** Makes `infer` throw RangeError for inputs of other types than `types`, and for inputs of different types. */
export function accepting(types: readonly ValueType[], infer: InferOutputs): InferOutputs {
  return (inputs, attrs) => {
    const given = Object.values(inputs).map(({ dtype }) => dtype);
    const other = given.find((dtype) => !types.includes(dtype));
    if (other !== undefined) throw new RangeError(`got ${other}, expected ${types.join(' or ')}`);
    if (new Set(given).size > 1) throw new RangeError(`got ${given.join(' and ')}, expected one type`);
    return infer(inputs, attrs);
  };
}

/** All types in a graph. */
export const anyType: readonly ValueType[] = ['float32', 'int32', 'bool'];
/** The types with arithmetic. */
export const numeric: readonly ValueType[] = ['float32', 'int32'];

/** Checks a type. Throws RangeError for complex64 and string. */
export function valueType(dtype: unknown): ValueType {
  const found = anyType.find((type) => type === dtype);
  if (found === undefined)
    throw new RangeError(`got a tensor of type ${String(dtype)}, expected ${anyType.join(', ')}`);
  return found;
}

/** A list of inputs `0`, `1`, … in their order. */
export function inputList(inputs: InputSpecs): TensorSpec[] {
  return Object.keys(inputs)
    .map(Number)
    .sort((a, b) => a - b)
    .map((index) => need(inputs, String(index)));
}

/** An array with `value` in every place. */
export function filledArray({ shape, dtype }: TensorSpec, value: number): HostTensor['data'] {
  return new arrayTypes[dtype](sizeOf(shape)).fill(value);
}

/** An attribute that is a list of numbers (a single number counts as a list of one). */
export function numbers(attrs: AttributeRecord, name: string): number[] {
  const value = attrs[name];
  if (typeof value === 'number') return [value];
  if (Array.isArray(value)) return value.map(Number);
  throw new RangeError(
    `kernel attribute '${name}': got ${JSON.stringify(value)}, expected a list of numbers`,
  );
}

/** An attribute that is a number. */
export function number(attrs: AttributeRecord, name: string): number {
  const value = attrs[name];
  if (typeof value !== 'number') {
    throw new RangeError(`kernel attribute '${name}': got ${JSON.stringify(value)}, expected a number`);
  }
  return value;
}

/** tfjs's axes (a number, a list, or null for all) as a sorted list counted from 0. */
export function axesOf(axes: Attribute, shape: readonly number[]): number[] {
  if (axes == null) return shape.map((_, axis) => axis);
  return util.parseAxisParam(axes as number | number[], [...shape]).sort((a, b) => a - b);
}
