// What the recorder must know of a kernel: the shapes and types of its outputs. The kernels stand in one
// table (table.ts), grouped by family; the lowering has a rule for each of the same names.
import type { AttributeRecord, TensorSpec } from '../graph.ts';

/** The inputs of one kernel call, by the kernel's own names. */
export type InputSpecs = Readonly<Record<string, TensorSpec>>;

/** Infers a kernel's outputs. Throws RangeError where tfjs would refuse the shapes. */
export type InferOutputs = (inputs: InputSpecs, attrs: AttributeRecord) => TensorSpec[];

/** Kernels of one family, by name. */
export type KernelTable = Readonly<Record<string, InferOutputs>>;

/** The named input, which the kernel cannot do without. */
export function need(inputs: InputSpecs, name: string): TensorSpec {
  const spec = inputs[name];
  if (spec === undefined) {
    throw new RangeError(`kernel input '${name}' is missing; there are: ${Object.keys(inputs).join(', ')}`);
  }
  return spec;
}

/** A list of inputs `0`, `1`, … in their order. */
export function inputList(inputs: InputSpecs): TensorSpec[] {
  return Object.keys(inputs)
    .map(Number)
    .sort((a, b) => a - b)
    .map((index) => need(inputs, String(index)));
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
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

/** Axes as tfjs means them: a number, a list or null for all; negative ones count from the end. Sorted. */
export function axesOf(attrs: AttributeRecord, name: string, rank: number): number[] {
  const value = attrs[name];
  const axes = value == null ? Array.from({ length: rank }, (_, i) => i) : numbers(attrs, name);
  return axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
}
