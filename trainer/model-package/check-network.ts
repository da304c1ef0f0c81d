// Checks an ONNX file that may come from anybody before ONNX Runtime opens it: no data outside of the file, which ONNX Runtime would
// read from wherever the file says, no loops, which nothing could interrupt, and no value of a size that fills the memory.
import protobuf from 'protobufjs';
import { openSession } from '../engine/onnx-session.ts';
import { sizeOf } from '../graph/trace/graph.ts';

/**
 * The fields of onnx.proto through which tensors and operators are reached. All are repeated, because a reader of the real schema merges
 * fields that appear twice.
 */
const schema = `
syntax = "proto2";
message Entry { repeated string key = 1; }
message Tensor { repeated Entry external_data = 13; }
message Sparse { repeated Tensor values = 1; repeated Tensor indices = 2; repeated int64 dims = 3; }
message Attribute {
  repeated Tensor t = 5; repeated Graph g = 6; repeated Tensor tensors = 10; repeated Graph graphs = 11;
  repeated Sparse sparse_tensor = 22; repeated Sparse sparse_tensors = 23;
}
message Node {
  repeated string input = 1; repeated string output = 2; repeated string op_type = 4; repeated Attribute attribute = 5;
}
message Value { repeated string name = 1; }
message Graph {
  repeated Node node = 1; repeated Tensor initializer = 5; repeated Value output = 12; repeated Sparse sparse_initializer = 15;
}
message Function { repeated Node node = 7; repeated Attribute attribute_proto = 11; }
message Training { repeated Graph initialization = 1; repeated Graph algorithm = 2; }
message Model { repeated Graph graph = 7; repeated Training training_info = 20; repeated Function functions = 25; }`;

/** A decoded file: of its graph, what {@link checkSizes} reads. */
interface Network {
  readonly graph: readonly {
    readonly node: readonly { readonly input: readonly string[]; readonly output: readonly string[] }[];
    readonly output: readonly { readonly name: readonly string[] }[];
  }[];
}

const networkType = protobuf.parse(schema, { keepCase: true }).root.lookupType('Model');
/** Operators that repeat a part of the network until the file's own condition ends them. */
const loops = ['Loop', 'Scan', 'SequenceMap'];
/** The most numbers that a network may hold at once for one image: 1 GiB of float32. */
const maxNumbers = 2 ** 28;

/**
 * Throws Error, with the reason, for bytes that are no ONNX, and for a network with weights outside of the file or with a loop. Runs
 * nothing.
 */
export function checkStructure(bytes: Uint8Array): void {
  structureOf(bytes);
}

/**
 * Throws Error like {@link checkStructure}, and for values too large for the memory. A size that depends on what the network computes is
 * known only when it runs, and is not checked.
 */
export async function checkNetwork(bytes: Uint8Array): Promise<void> {
  await checkSizes(bytes, structureOf(bytes));
}

function structureOf(bytes: Uint8Array): Network {
  // ONNX Runtime's own format, which it would open too.
  const isRuntimeFormat = Buffer.from(bytes.subarray(4, 8)).toString('latin1') === 'ORTM';
  let network: Network | null;
  try {
    const options = { arrays: true, longs: Number } as const;
    network = isRuntimeFormat
      ? null
      : (networkType.toObject(networkType.decode(bytes), options) as unknown as Network);
  } catch {
    network = null;
  }
  if (network === null) throw new Error('it is not an ONNX file, or a damaged one');
  visit(network);
  return network;
}

/**
 * Asks ONNX Runtime for the shape of every value, which it derives without computing anything, and adds up those that are needed at
 * the same time. Sizes that it does not know, such as the number of images, count as 1.
 */
async function checkSizes(bytes: Uint8Array, { graph: graphs }: Network): Promise<void> {
  const nodes = graphs.flatMap(({ node }) => node);
  const outputs = graphs.flatMap(({ output }) => output.flatMap(({ name }) => name));
  const values = new Set(nodes.flatMap(({ output }) => output.filter((name) => name !== '')));
  // A protobuf message that is continued by another has the entries of both: every value becomes an output of the network.
  const hidden = [...values].filter((name) => !outputs.includes(name));
  const more = networkType.encode({ graph: [{ output: hidden.map((name) => ({ name: [name] })) }] }).finish();
  const session = await openSession(Buffer.concat([bytes, more]), {
    provider: 'cpu',
    threads: 1,
    // Otherwise values that are constant would be computed while the file is opened.
    isOptimised: false,
  });
  const sizes = new Map<string, readonly [number, readonly (string | number)[]]>();
  for (const value of session.outputMetadata) {
    if (!value.isTensor) continue;
    const size = sizeOf(value.shape.map((side) => (typeof side === 'number' && side >= 0 ? side : 1)));
    sizes.set(value.name, [size, value.shape]);
  }
  await session.release();

  const lastUse = new Map(
    nodes.flatMap(({ input, output }, i) => [...output, ...input].map((name) => [name, i])),
  );
  for (const name of outputs) lastUse.set(name, Infinity);
  let held = 0;
  for (const [i, { input, output }] of nodes.entries()) {
    for (const name of output) {
      const [size, shape] = sizes.get(name) ?? [0, []];
      held += size;
      if (held <= maxNumbers) continue;
      const side = shape.map((length) => (length === '' ? '?' : length)).join(', ');
      throw new Error(
        `its value '${name}' is [${side}]; with what is held beside it that is ${held} numbers for one image, ` +
          `expected at most ${maxNumbers}; give a smaller network`,
      );
    }
    for (const name of new Set([...input, ...output])) {
      if (values.has(name) && lastUse.get(name) === i) held -= sizes.get(name)?.[0] ?? 0;
    }
  }
}

function visit(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value) as [string, unknown][]) {
    if (key === 'external_data' && (part as readonly unknown[]).length > 0) {
      throw new Error(
        'its weights are in another file (ONNX external data), expected them inside; save the network as one file',
      );
    }
    if (key === 'dims' && sizeOf(part as readonly number[]) > maxNumbers) {
      throw new Error(
        `its sparse weights are [${(part as readonly number[]).join(', ')}], expected at most ${maxNumbers}`,
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
