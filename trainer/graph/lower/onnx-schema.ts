// ONNX's protobuf schema, with the field numbers of onnx.proto (https://github.com/onnx/onnx, IR version 9), and the types of what a
// lowered graph uses of it. protobufjs writes and reads the bytes.
import protobuf from 'protobufjs';

const schema = `
syntax = "proto2";
package onnx;
message AttributeProto {
  optional string name = 1;
  optional float f = 2;
  optional int64 i = 3;
  optional bytes s = 4;
  optional TensorProto t = 5;
  optional GraphProto g = 6;
  repeated float floats = 7;
  repeated int64 ints = 8;
  repeated bytes strings = 9;
  repeated TensorProto tensors = 10;
  repeated GraphProto graphs = 11;
  optional int32 type = 20;
  optional string ref_attr_name = 21;
  optional SparseTensorProto sparse_tensor = 22;
}
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  optional string name = 3;
  optional string op_type = 4;
  repeated AttributeProto attribute = 5;
  optional string doc_string = 6;
  optional string domain = 7;
}
message TensorProto {
  repeated int64 dims = 1;
  optional int32 data_type = 2;
  repeated float float_data = 4 [packed = true];
  repeated int32 int32_data = 5 [packed = true];
  repeated bytes string_data = 6;
  repeated int64 int64_data = 7 [packed = true];
  optional string name = 8;
  optional bytes raw_data = 9;
  repeated double double_data = 10 [packed = true];
  repeated uint64 uint64_data = 11 [packed = true];
}
message SparseTensorProto {
  optional TensorProto values = 1;
  optional TensorProto indices = 2;
  repeated int64 dims = 3;
}
message TensorShapeProto {
  message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; }
  repeated Dimension dim = 1;
}
message TypeProto {
  message Tensor { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
  optional Tensor tensor_type = 1;
}
message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
message GraphProto {
  repeated NodeProto node = 1;
  optional string name = 2;
  repeated TensorProto initializer = 5;
  optional string doc_string = 10;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
  repeated SparseTensorProto sparse_initializer = 15;
}
message FunctionProto { optional string name = 1; repeated NodeProto node = 7; optional string domain = 10; }
message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }
message StringStringEntryProto { optional string key = 1; optional string value = 2; }
message ModelProto {
  optional int64 ir_version = 1;
  optional string producer_name = 2;
  optional string producer_version = 3;
  optional GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8;
  repeated StringStringEntryProto metadata_props = 14;
  repeated FunctionProto functions = 25;
}`;

/** The protobuf message of a model file. */
export const modelType = protobuf.parse(schema, { keepCase: true }).root.lookupType('onnx.ModelProto');

/** ONNX's numbers for element types. */
export const elementType = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;

/** An attribute's value: an integer, a float, a string or a list of integers. */
export type OnnxAttribute =
  | { readonly i: number }
  | { readonly f: number }
  | { readonly s: string }
  | { readonly ints: readonly number[] };

/** An initialiser: bytes in little-endian order. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data_type: number;
  readonly raw_data: Uint8Array;
}

/** One operator call. */
export interface OnnxNode {
  /** ONNX's own operators by name, others with their domain: `com.microsoft.nchwc.Conv`. */
  readonly op_type: string;
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A model's input or output: a string dimension is a symbol. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly elementType: number;
  readonly dims: readonly (number | string)[];
}

/** The content of a model file. */
export interface OnnxModel {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initialisers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The opset that lowered graphs are written in. */
export const opsetVersion = 20;

const utf8 = new TextEncoder();

/** The protobuf object of an attribute. */
export function encodeAttribute(name: string, value: OnnxAttribute): object {
  if ('i' in value) return { name, i: value.i, type: 2 };
  if ('f' in value) return { name, f: value.f, type: 1 };
  if ('s' in value) return { name, s: utf8.encode(value.s), type: 3 };
  return { name, ints: value.ints, type: 7 };
}

function encodeValueInfo({ name, elementType, dims }: OnnxValueInfo): object {
  const dim = dims.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: size }));
  return { name, type: { tensor_type: { elem_type: elementType, shape: { dim } } } };
}

/** An operator's domain, empty for ONNX's own, and its name there. */
function domainAndName(operator: string): readonly [string, string] {
  const dot = operator.lastIndexOf('.');
  return [operator.slice(0, Math.max(0, dot)), operator.slice(dot + 1)];
}

/** The bytes of an `.onnx` file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const domains = new Set(model.nodes.map((node) => domainAndName(node.op_type)[0]));
  domains.delete('');
  return modelType
    .encode({
      ir_version: 9,
      producer_name: 'dcgan',
      opset_import: [
        { domain: '', version: opsetVersion },
        ...[...domains].map((domain) => ({ domain, version: 1 })),
      ],
      metadata_props: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name: model.name,
        node: model.nodes.map(({ attributes, ...node }) => {
          const [domain, op_type] = domainAndName(node.op_type);
          const attribute = Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value));
          return { ...node, op_type, attribute, ...(domain !== '' && { domain }) };
        }),
        initializer: model.initialisers,
        input: model.inputs.map(encodeValueInfo),
        output: model.outputs.map(encodeValueInfo),
      },
    })
    .finish();
}
