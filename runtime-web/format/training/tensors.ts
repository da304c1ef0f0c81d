// Tensors of training as both sides have them: float32, in row-major order.

/** Shapes by name. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** A float32 tensor in memory. */
export interface FloatTensor {
  readonly dtype: 'float32';
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Tensors by name. */
export type FloatTensors = Readonly<Record<string, FloatTensor>>;

/** Number of values of a shape; 1 for a scalar. */
export function lengthOfShape(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
