// Types of tfjs-node-gpu's native binding, as far as it is used here: TensorFlow's eager ops, with tensors identified by numbers.
import type * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, ValueType } from '../../graph/trace/graph.ts';

/** The number of a tensor in TensorFlow. */
export type NativeId = number;

/** An attribute of a TensorFlow op, in the binding's format. */
export interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** An output of an op. */
export interface NativeTensor {
  readonly id: NativeId;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** The binding's functions and constants that are used here. */
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

/** TensorFlow's number of a data type. */
export function nativeType(binding: NativeBinding, dtype: ValueType): number {
  return { float32: binding.TF_FLOAT, int32: binding.TF_INT32, bool: binding.TF_BOOL }[dtype];
}

/** Copies a host tensor to TensorFlow's device; the caller deletes the new tensor. */
export function upload(binding: NativeBinding, { shape, dtype, data }: HostTensor): NativeId {
  // slice(), because the binding would share the memory.
  return binding.createTensor(shape, nativeType(binding, dtype), data.slice());
}

/** The members of tfjs-node-gpu's backend that are used here. */
export interface TensorflowBackend {
  binding: NativeBinding;
  createOutputTensor(tensor: NativeTensor): tf.Tensor;
}
