// The recorded graph: the computation of a pure function of tensors, as a topologically sorted list of tfjs kernels. It is
// data only: the recorder makes it, the replay runs it, the lowering turns it into ONNX. `checkGraph` (check-graph.ts) checks its
// invariants.

/** Element type of a value. Booleans are bytes 0 and 1, as in tfjs. */
export type ValueType = 'float32' | 'int32' | 'bool';

/** A shape and a type: the description of a value before it is computed. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: ValueType;
}

/** A tensor's values outside any device, row-major. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: ValueType;
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** The array class of each type. */
export const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** A float32 tensor with `value` in every place. */
export function filled(shape: readonly number[], value: number): HostTensor {
  return { shape, dtype: 'float32', data: new Float32Array(sizeOf(shape)).fill(value) };
}

/** Index into {@link Graph.values}. */
export type ValueId = number;

/** One value of the graph: an input, a constant, or an output of a node. */
export interface Value extends TensorSpec {
  readonly id: ValueId;
  readonly source:
    | { readonly kind: 'input'; readonly name: string }
    | { readonly kind: 'constant'; readonly constant: Constant }
    | { readonly kind: 'node'; readonly node: number; readonly output: number };
}

/** A literal: one number in every place (`fill`), or all its numbers. */
export type Constant =
  | { readonly kind: 'fill'; readonly value: number }
  | { readonly kind: 'data'; readonly data: Float32Array | Int32Array | Uint8Array };

/** An attribute of a kernel, as tfjs passes it. */
export type Attribute = string | number | boolean | null | undefined | readonly Attribute[] | AttributeRecord;
/** Attributes by name. */
export interface AttributeRecord {
  readonly [name: string]: Attribute;
}

/** One kernel call. */
export interface Node {
  /** The tfjs kernel's name: `Conv2D`, `Add`, … */
  readonly kernel: string;
  /** Values by the kernel's own input names (`x`, `filter`, …; `0`, `1`, … if the kernel takes a list). */
  readonly inputs: Readonly<Record<string, ValueId>>;
  readonly attrs: AttributeRecord;
  readonly outputs: readonly ValueId[];
  /** The tfjs op that called the kernel, for messages and for names in the lowered graph. */
  readonly op: string;
}

/** A recorded function. */
export interface Graph {
  readonly values: readonly Value[];
  readonly nodes: readonly Node[];
  readonly inputs: Readonly<Record<string, ValueId>>;
  readonly outputs: Readonly<Record<string, ValueId>>;
}
