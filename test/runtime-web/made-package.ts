// Packages whose generator's file is made by a test: a linear generator that ends in a loop, or declares or computes another shape.
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { temporaryFolder } from '../shared/temporary-folder.ts';

/** Fields of onnx.proto that the network uses; a node's attribute can be a graph here. */
const schema = `
syntax = "proto2";
message Attribute { optional string name = 1; optional int64 i = 3; optional Graph g = 6; optional int32 type = 20; }
message Node { repeated string input = 1; repeated string output = 2; optional string op_type = 4; repeated Attribute attribute = 5; }
message Tensor { repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8; optional bytes raw_data = 9; }
message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; }
message Shape { repeated Dimension dim = 1; }
message TensorType { optional int32 elem_type = 1; optional Shape shape = 2; }
message Type { optional TensorType tensor_type = 1; }
message Value { optional string name = 1; optional Type type = 2; }
message Graph { repeated Node node = 1; optional string name = 2; repeated Tensor initializer = 5; repeated Value input = 11; repeated Value output = 12; }
message Opset { optional string domain = 1; optional int64 version = 2; }
message Model { optional int64 ir_version = 1; optional Graph graph = 7; repeated Opset opset_import = 8; }`;
const modelType = protobuf.parse(schema, { keepCase: true }).root.lookupType('Model');

const [float, int64, bool] = [1, 7, 9];
const value = (name: string, elementType: number, shape: readonly (number | string)[]): object => ({
  name,
  type: {
    tensor_type: {
      elem_type: elementType,
      shape: {
        dim: shape.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: size })),
      },
    },
  },
});
const tensor = (name: string, type: number, dims: readonly number[], data: ArrayBufferView): object => ({
  name,
  data_type: type,
  dims,
  raw_data: new Uint8Array(data.buffer),
});
const node = (op: string, input: string, output: string, attribute: readonly object[] = []): object => ({
  op_type: op,
  input: input.split(' '),
  output: output.split(' '),
  attribute,
});

/** Properties of the network. */
export interface MadeNetwork {
  /** Rounds of the loop, each of which changes nothing. */
  readonly rounds?: bigint;
  /** Side of the images that it declares; default 16. A symbol stands for any. */
  readonly declared?: number | string;
  /** Side of the images that it computes; default 16. */
  readonly computed?: number;
}

/** z [n, 8] → images [n, side, side, 3]. */
function network({ rounds = 1n, declared = 16, computed = 16 }: MadeNetwork): Uint8Array {
  const shape = ['n', declared, declared, 3];
  const weights = Float32Array.from({ length: 8 * computed ** 2 * 3 }, (_, i) => Math.sin(i) / 4);
  const body = {
    name: 'body',
    input: [value('round', int64, []), value('before', bool, []), value('x', float, shape)],
    output: [value('after', bool, []), value('y', float, shape)],
    node: [node('Identity', 'before', 'after'), node('Identity', 'x', 'y')],
  };
  const graph = {
    name: 'made',
    input: [value('z', float, ['n', 8])],
    output: [value('images', float, shape)],
    initializer: [
      tensor('weights', float, [8, weights.length / 8], weights),
      tensor('shape', int64, [4], BigInt64Array.of(-1n, BigInt(computed), BigInt(computed), 3n)),
      tensor('rounds', int64, [], BigInt64Array.of(rounds)),
      tensor('go', bool, [], Uint8Array.of(1)),
    ],
    node: [
      node('MatMul', 'z weights', 'flat'),
      node('Reshape', 'flat shape', 'start'),
      node('Loop', 'rounds go start', 'images', [{ name: 'body', g: body, type: 5 }]),
    ],
  };
  const model = { ir_version: 9, graph, opset_import: [{ domain: '', version: 20 }] };
  return modelType.encode(modelType.fromObject(model)).finish();
}

/** A network without inputs whose loop does not end; `output` is its only output, a number. */
export function endlessNetwork(output: string): Uint8Array {
  const body = {
    name: 'body',
    input: [value('round', int64, []), value('before', bool, []), value('x', float, [])],
    output: [value('after', bool, []), value('y', float, [])],
    node: [node('Identity', 'before', 'after'), node('Identity', 'x', 'y')],
  };
  const graph = {
    name: 'endless',
    output: [value(output, float, [])],
    initializer: [
      tensor('rounds', int64, [], BigInt64Array.of(2n ** 62n)),
      tensor('go', bool, [], Uint8Array.of(1)),
      tensor('start', float, [], Float32Array.of(0)),
    ],
    node: [node('Loop', 'rounds go start', output, [{ name: 'body', g: body, type: 5 }])],
  };
  const model = { ir_version: 9, graph, opset_import: [{ domain: '', version: 20 }] };
  return modelType.encode(modelType.fromObject(model)).finish();
}

/** A copy of the package in `folder`, whose images are 16x16x3 of 8 latents, with the network as its generator. Returns its folder. */
export function madePackage(folder: string, given: MadeNetwork): string {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  const path = join(copy, 'model.json');
  const json = JSON.parse(readFileSync(path, 'utf8')) as { files: Record<string, object> };
  const bytes = network(given);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  for (const role of ['generator', 'generatorFp16']) {
    json.files[role] = { file: `${role}.onnx`, bytes: bytes.length, sha256 };
    writeFileSync(join(copy, `${role}.onnx`), bytes);
  }
  writeFileSync(path, JSON.stringify(json));
  return copy;
}
