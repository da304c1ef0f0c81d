// Checks an ONNX file that may come from anybody before ONNX Runtime opens it: no data outside of the file, which ONNX Runtime would
// read from wherever the file says, and no loops, which nothing could interrupt.
import protobuf from 'protobufjs';

/**
 * The fields of onnx.proto through which tensors and operators are reached. All are repeated, because a reader of the real schema merges
 * fields that appear twice.
 */
const schema = `
syntax = "proto2";
message Entry { repeated string key = 1; }
message Tensor { repeated Entry external_data = 13; }
message Sparse { repeated Tensor values = 1; repeated Tensor indices = 2; }
message Attribute {
  repeated Tensor t = 5; repeated Graph g = 6; repeated Tensor tensors = 10; repeated Graph graphs = 11;
  repeated Sparse sparse_tensor = 22; repeated Sparse sparse_tensors = 23;
}
message Node { repeated string op_type = 4; repeated Attribute attribute = 5; }
message Graph { repeated Node node = 1; repeated Tensor initializer = 5; repeated Sparse sparse_initializer = 15; }
message Function { repeated Node node = 7; repeated Attribute attribute_proto = 11; }
message Training { repeated Graph initialization = 1; repeated Graph algorithm = 2; }
message Model { repeated Graph graph = 7; repeated Training training_info = 20; repeated Function functions = 25; }`;

const networkType = protobuf.parse(schema, { keepCase: true }).root.lookupType('Model');
/** Operators that repeat a part of the network until the file's own condition ends them. */
const loops = ['Loop', 'Scan'];

/** Throws Error, with the reason, for bytes that are no ONNX, and for a network with weights outside of the file or with a loop. */
export function checkNetwork(bytes: Uint8Array): void {
  // ONNX Runtime's own format, which it would open too.
  const isRuntimeFormat = Buffer.from(bytes.subarray(4, 8)).toString('latin1') === 'ORTM';
  let network: unknown;
  try {
    network = isRuntimeFormat ? null : networkType.toObject(networkType.decode(bytes));
  } catch {
    network = null;
  }
  if (network === null) throw new Error('it is not an ONNX file, or a damaged one');
  visit(network);
}

function visit(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value) as [string, unknown][]) {
    if (key === 'external_data') {
      throw new Error(
        'its weights are in another file (ONNX external data), expected them inside; save the network as one file',
      );
    }
    if (key === 'op_type') {
      const loop = loops.find((name) => (part as readonly string[]).includes(name));
      if (loop === undefined) continue;
      throw new Error(`it has a loop (operator ${loop}), which might never end; export it without loops`);
    }
    visit(part);
  }
}
