// The number of weights of a network's file.
import { readModel } from '../graph/lower/read-model.ts';
import { sizeOf } from '../graph/trace/graph.ts';
import { elementType } from '../graph/lower/onnx-schema.ts';

/** Formats of numbers that are weights; whole numbers are shapes and axes. */
const floats: readonly number[] = [
  elementType.float32,
  elementType.float16,
  elementType.float64,
  elementType.bfloat16,
];

/**
 * The number of floating-point values that an ONNX file stores, single constants aside. Batch norm is folded into the layers before it
 * in files of this program. Throws protobufjs's Error for bytes that are no ONNX.
 */
export function countWeights(network: Uint8Array): number {
  const { graph } = readModel(network);
  const stored = graph.initializer.filter(
    ({ data_type, dims }) => floats.includes(data_type) && dims.length > 0,
  );
  return stored.reduce((sum, { dims }) => sum + sizeOf(dims), 0);
}
