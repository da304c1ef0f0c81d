// What this project calls of tfjs-node-gpu's native binding: TensorFlow's eager ops on tensors that are numbers.
import type * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, ValueType } from '../../graph/trace/graph.ts';

/** A tensor on TensorFlow's side. */
export type NativeId = number;

/** An attribute of a TensorFlow op, in the binding's own form. */
export interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** A tensor that an op has made. */
export interface NativeTensor {
  readonly id: NativeId;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** The binding; constants beyond these are tfjs-node-gpu's own affair. */
export interface NativeBinding {
  createTensor(shape: readonly number[], dtype: number, values: HostTensor['data']): NativeId;
  deleteTensor(id: NativeId): void;
  tensorDataSync(id: NativeId): HostTensor['data'];
  executeOp(
    op: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly NativeId[],
    outputCount: number,
  ): NativeTensor[];
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_Version: string;
}

/** TensorFlow's number for a type. */
export function nativeType(binding: NativeBinding, dtype: ValueType): number {
  return { float32: binding.TF_FLOAT, int32: binding.TF_INT32, bool: binding.TF_BOOL }[dtype];
}

/** A host tensor's values on TensorFlow's device; a copy. */
export function upload(binding: NativeBinding, { shape, dtype, data }: HostTensor): NativeId {
  // The binding would share the memory.
  return binding.createTensor(shape, nativeType(binding, dtype), data.slice());
}

/** The part of tfjs-node-gpu's backend that is used here. */
export interface TensorflowBackend {
  binding: NativeBinding;
  createOutputTensor(tensor: NativeTensor): tf.Tensor;
}
