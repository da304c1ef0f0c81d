// Constants of an ONNX file: checking their size, and reading their values in any of the forms that the format has.
import { sizeOf } from '../graph/trace/graph.ts';

/** A constant; its values are in `raw_data` or in the list of its type. */
export interface NetworkTensor {
  readonly name?: string;
  readonly dims: readonly number[];
  readonly data_type: number;
  readonly raw_data?: Uint8Array;
  readonly float_data?: readonly number[];
  readonly int32_data?: readonly number[];
  readonly int64_data?: readonly number[];
  readonly double_data?: readonly number[];
  readonly uint64_data?: readonly number[];
}

/** Bytes of an element in `raw_data`, by ONNX's number of its type. */
const elementBytes: Readonly<Record<number, number>> = {
  ...{ 1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2 },
};

/** Throws Error unless the tensor has as many values as its shape says. */
export function checkTensor(tensor: NetworkTensor): void {
  const { name = '', dims, data_type, raw_data } = tensor;
  const bytes = elementBytes[data_type];
  if (bytes === undefined)
    throw new Error(`its constant '${name}' has elements of type ${data_type}, which is not read`);
  if (dims.some((size) => !Number.isSafeInteger(size) || size < 0) || !Number.isSafeInteger(sizeOf(dims))) {
    throw new Error(`its constant '${name}' has the impossible shape [${dims.join()}]`);
  }
  const got = raw_data === undefined ? listOf(tensor).length : raw_data.length / bytes;
  if (got === sizeOf(dims)) return;
  throw new Error(
    `its constant '${name}' has ${got} values, expected ${sizeOf(dims)} by its shape [${dims.join()}]`,
  );
}

/** The typed list that holds the values of a tensor without `raw_data`. */
function listOf({ data_type, ...tensor }: NetworkTensor): readonly number[] {
  const lists: Readonly<Record<number, readonly number[] | undefined>> = {
    ...{ 1: tensor.float_data, 7: tensor.int64_data, 11: tensor.double_data },
    ...{ 12: tensor.uint64_data, 13: tensor.uint64_data },
  };
  return (data_type in lists ? lists[data_type] : tensor.int32_data) ?? [];
}

const arrays: Readonly<Record<number, new (buffer: ArrayBuffer) => ArrayLike<number>>> = {
  ...{ 1: Float32Array, 2: Uint8Array, 3: Int8Array, 4: Uint16Array, 5: Int16Array, 6: Int32Array },
  ...{ 9: Uint8Array, 10: Uint16Array, 11: Float64Array, 12: Uint32Array, 16: Uint16Array },
};

/** The values of a tensor as numbers; half-precision numbers as their 16 bits. */
export function valuesOf(tensor: NetworkTensor): ArrayLike<number> {
  const { data_type, raw_data } = tensor;
  if (raw_data === undefined) return listOf(tensor);
  // A copy, because protobufjs returns a view at any alignment.
  const { buffer } = new Uint8Array(raw_data);
  if (data_type === 7) return Array.from(new BigInt64Array(buffer), Number);
  if (data_type === 13) return Array.from(new BigUint64Array(buffer), Number);
  const Values = arrays[data_type];
  if (Values === undefined) throw new RangeError(`element type ${data_type}`);
  return new Values(buffer);
}
