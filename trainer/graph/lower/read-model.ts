// Reads a model file that this project has written: its weights by name, and a smaller file that ends at a value inside it.
import { elementType, modelType, type OnnxTensor } from './onnx-schema.ts';
import { sizeOf } from '../trace/graph.ts';

/** One operator call of a file. */
export interface ReadNode {
  readonly name: string;
  readonly op_type: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly {
    readonly name: string;
    readonly i: number;
    readonly f: number;
    readonly ints: readonly number[];
  }[];
}

/** A decoded file. */
export interface ReadModel {
  readonly graph: {
    readonly node: readonly ReadNode[];
    readonly initializer: readonly (Omit<OnnxTensor, 'dims'> & { readonly dims: readonly number[] })[];
  };
}

/** Decodes a file. Throws protobufjs's Error for invalid bytes. */
export function readModel(bytes: Uint8Array): ReadModel {
  const options = { arrays: true, longs: Number, defaults: true } as const;
  return modelType.toObject(modelType.decode(bytes), options) as unknown as ReadModel;
}

/** A float32 weight by name; null if the file has no such weight. */
export function weightOf(
  { graph }: ReadModel,
  name: string,
): { readonly shape: readonly number[]; readonly data: Float32Array } | null {
  const found = graph.initializer.find((tensor) => tensor.name === name);
  if (found === undefined || found.data_type !== elementType.float32) return null;
  // A copy, because protobufjs returns a view at any alignment.
  const bytes = new Uint8Array(found.raw_data);
  const size = sizeOf(found.dims);
  if (bytes.length !== 4 * size) return null;
  return { shape: found.dims, data: new Float32Array(bytes.buffer, 0, size) };
}

/** The bytes of a smaller file whose output is `value` of this one, float32 of any shape. */
export function cutAt(bytes: Uint8Array, value: string): Uint8Array {
  const decoded = modelType.decode(bytes) as unknown as {
    graph: { node: ReadNode[]; initializer: { name: string }[]; output: object[] };
  };
  const { graph } = decoded;
  const needed = new Set([value]);
  // Nodes are in the order in which they are computed.
  const kept = [...graph.node].reverse().filter(({ input, output }) => {
    const isNeeded = output.some((name) => needed.has(name));
    if (isNeeded) for (const name of input) needed.add(name);
    return isNeeded;
  });
  graph.node = kept.reverse();
  graph.initializer = graph.initializer.filter(({ name }) => needed.has(name));
  graph.output = [{ name: value, type: { tensor_type: { elem_type: elementType.float32 } } }];
  return modelType.encode(modelType.fromObject(decoded as unknown as Record<string, unknown>)).finish();
}
