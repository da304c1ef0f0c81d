// ONNX files as other programs write them, made with the protobuf writer alone: a DCGAN's generator in several layouts, types and
// opsets, and pieces for files of other kinds.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { Random } from '../../runtime-web/format/random.ts';
import { halfBits } from '../../trainer/graph/lower/half.ts';
import { modelType } from '../../trainer/graph/lower/onnx-schema.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

/** An attribute's value: a whole number, a float, a text, lists, or a tensor. */
export type Value =
  | { readonly i: number }
  | { readonly f: number }
  | { readonly s: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly t: object };

/** A node: operator, inputs, outputs, attributes, and the operator's domain. */
export type NodeOf = readonly [
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Readonly<Record<string, Value>>,
  domain?: string,
];

/** An input or output: element type and dimensions, of which texts are symbols. */
export type ValueOf = readonly [type: number, dims: readonly (number | string)[]];

/** The content of a file. */
export interface FileOf {
  readonly opset: number;
  readonly inputs: Readonly<Record<string, ValueOf>>;
  readonly outputs: Readonly<Record<string, ValueOf>>;
  readonly nodes: readonly NodeOf[];
  /** Initialisers: protobuf objects without their names. */
  readonly weights: Readonly<Record<string, object>>;
  readonly domains?: Readonly<Record<string, number>>;
  /** More fields of the graph and of the model. */
  readonly graph?: object;
  readonly model?: object;
}

export const float32 = 1;
export const uint8 = 2;
export const int64 = 7;
export const float16 = 10;
export const float64 = 11;

const attributeTypes = { f: 1, i: 2, s: 3, t: 4, floats: 6, ints: 7 } as const;

/** The bytes of a file. */
export function fileOf({
  opset,
  inputs,
  outputs,
  nodes,
  weights,
  domains = {},
  graph,
  model,
}: FileOf): Uint8Array {
  const values = (record: FileOf['inputs']): object[] =>
    Object.entries(record).map(([name, [elem_type, dims]]) => ({
      name,
      type: {
        tensor_type: {
          elem_type,
          shape: {
            dim: dims.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: size })),
          },
        },
      },
    }));
  const bytes = modelType.encode(
    modelType.fromObject({
      ir_version: opset < 10 ? 4 : 7,
      producer_name: 'pytorch',
      producer_version: '2.3.0',
      opset_import: [
        { domain: '', version: opset },
        ...Object.entries(domains).map(([domain, version]) => ({ domain, version })),
      ],
      graph: {
        name: 'main_graph',
        node: nodes.map(([op_type, input, output, attributes = {}, domain = '']) => ({
          ...{ op_type, input, output, domain, name: `${op_type}_${output[0]}` },
          attribute: Object.entries(attributes).map(([name, value]) => {
            const [kind] = Object.keys(value) as [keyof typeof attributeTypes];
            const content = 's' in value ? { s: new TextEncoder().encode(value.s) } : value;
            return { name, type: attributeTypes[kind], ...content };
          }),
        })),
        initializer: Object.entries(weights).map(([name, tensor]) => ({ name, ...tensor })),
        input: values(inputs),
        output: values(outputs),
        ...graph,
      },
      ...model,
    }),
  );
  return bytes.finish();
}

/** Writes a file and returns its path. */
export function saved(bytes: Uint8Array, name = 'netG.onnx'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

/** A tensor of the given type. */
export function tensor(dims: readonly number[], values: readonly number[], type = float32): object {
  const lists: Readonly<Record<number, string>> = {
    [float32]: 'float_data',
    [int64]: 'int64_data',
    [float64]: 'double_data',
  };
  const stored = type === float16 ? values.map(halfBits) : values;
  return { dims, data_type: type, [lists[type] ?? 'int32_data']: stored };
}

/** Random weights of the given type. */
export function drawn(random: Random, dims: readonly number[], scale: number, type = float32): object {
  const count = dims.reduce((product, size) => product * size, 1);
  return tensor(
    dims,
    Array.from({ length: count }, () => Math.fround(random.normal() * scale)),
    type,
  );
}

/** Settings of {@link dcganFile}. */
export interface DcganSettings {
  readonly opset?: number;
  readonly type?: number;
  readonly batch?: number | string;
  /** Nodes from the image `x` in [-1, 1] to `image`. */
  readonly last?: readonly NodeOf[];
  readonly weights?: Readonly<Record<string, object>>;
  readonly output?: ValueOf;
  readonly inputs?: FileOf['inputs'];
  readonly domains?: FileOf['domains'];
  readonly channels?: 1 | 3;
}

/** Size of the latent and side of the images of {@link dcganFile}. */
export const latentDim = 20;
export const side = 8;

/** The generator of pytorch/examples `dcgan` in small, as its exporter writes it: z [n, 20, 1, 1] → image [n, 3, 8, 8]. */
export function dcganFile(settings: DcganSettings = {}): Uint8Array {
  const {
    opset = 17,
    type = float32,
    batch = 'batch',
    last,
    weights,
    output,
    inputs,
    domains,
    channels = 3,
  } = settings;
  const random = new Random(7);
  const draw = (dims: readonly number[], scale: number): object => drawn(random, dims, scale, type);
  return fileOf({
    opset,
    inputs: inputs ?? { 'input.1': [type, [batch, latentDim, 1, 1]] },
    outputs: { image: output ?? [type, [batch, channels, side, side]] },
    ...(domains !== undefined && { domains }),
    nodes: [
      ['ConvTranspose', ['input.1', 'main.0.weight'], ['h1'], { kernel_shape: { ints: [4, 4] } }],
      [
        'BatchNormalization',
        ['h1', 'main.1.weight', 'main.1.bias', 'main.1.running_mean', 'main.1.running_var'],
        ['h2'],
        { epsilon: { f: 1e-5 }, momentum: { f: 0.9 } },
      ],
      ['Relu', ['h2'], ['h3']],
      [
        'ConvTranspose',
        ['h3', 'main.3.weight'],
        ['h4'],
        { kernel_shape: { ints: [4, 4] }, strides: { ints: [2, 2] }, pads: { ints: [1, 1, 1, 1] } },
      ],
      ['Tanh', ['h4'], ['x']],
      ...(last ?? [['Identity', ['x'], ['image']]]),
    ] satisfies readonly NodeOf[],
    weights: {
      'main.0.weight': draw([latentDim, 12, 4, 4], 0.3),
      'main.1.weight': tensor(
        [12],
        Array.from({ length: 12 }, (_, i) => 0.5 + i / 8),
        type,
      ),
      'main.1.bias': draw([12], 0.2),
      'main.1.running_mean': draw([12], 0.2),
      'main.1.running_var': tensor(
        [12],
        Array.from({ length: 12 }, (_, i) => 1 + i / 4),
        type,
      ),
      'main.3.weight': draw([12, channels, 4, 4], 0.3),
      ...weights,
    },
  });
}

/** A generator in Keras' layout, as tf2onnx writes it: z [n, 20] → NHWC in [0, 1], with transposes around its convolution. */
export function kerasFile(): Uint8Array {
  const random = new Random(11);
  return fileOf({
    opset: 15,
    inputs: { input_1: [float32, ['unk__1', latentDim]] },
    outputs: { conv2d_transpose: [float32, ['unk__2', side, side, 1]] },
    nodes: [
      ['MatMul', ['input_1', 'dense/kernel'], ['dense']],
      ['Add', ['dense', 'dense/bias'], ['biased']],
      ['LeakyRelu', ['biased'], ['active'], { alpha: { f: 0.3 } }],
      ['Reshape', ['active', 'reshape'], ['volume']],
      ['Transpose', ['volume'], ['nchw'], { perm: { ints: [0, 3, 1, 2] } }],
      [
        'ConvTranspose',
        ['nchw', 'kernel'],
        ['up'],
        { kernel_shape: { ints: [4, 4] }, strides: { ints: [2, 2] }, pads: { ints: [1, 1, 1, 1] } },
      ],
      ['Transpose', ['up'], ['nhwc'], { perm: { ints: [0, 2, 3, 1] } }],
      ['Sigmoid', ['nhwc'], ['conv2d_transpose']],
    ],
    weights: {
      'dense/kernel': drawn(random, [latentDim, 128], 0.3),
      'dense/bias': drawn(random, [128], 0.2),
      reshape: tensor([4], [-1, 4, 4, 8], int64),
      kernel: drawn(random, [8, 1, 4, 4], 0.4),
    },
  });
}

/** A conditional generator: z [n, 20] and classes, one-hot [n, 4] or by number [n], → [n, 1, 4, 4]. */
export function classesFile(kind: 'oneHot' | 'index'): Uint8Array {
  const random = new Random(13);
  return fileOf({
    opset: 13,
    inputs: {
      noise: [float32, ['n', latentDim]],
      labels: kind === 'oneHot' ? [float32, ['n', 4]] : [int64, ['n']],
    },
    outputs: { images: [float32, ['n', 1, 4, 4]] },
    nodes: [
      kind === 'oneHot'
        ? ['MatMul', ['labels', 'embedding'], ['embedded']]
        : ['Gather', ['embedding', 'labels'], ['embedded']],
      ['Concat', ['noise', 'embedded'], ['both'], { axis: { i: 1 } }],
      ['Gemm', ['both', 'w', 'b'], ['flat'], { transB: { i: 1 } }],
      ['Reshape', ['flat', 'shape'], ['volume']],
      ['Tanh', ['volume'], ['images']],
    ],
    weights: {
      embedding: drawn(random, [4, 6], 1),
      w: drawn(random, [16, latentDim + 6], 0.3),
      b: drawn(random, [16], 0.2),
      shape: tensor([4], [-1, 1, 4, 4], int64),
    },
  });
}

/** Size of a style, and number of layers, of {@link styleFiles}. */
export const styleDim = 10;
export const styleLayers = 4;

/** A mapping network, z [n, 20] → [n, 4, 10] with equal rows, and a synthesis network, ws [n, 4, 10] → [n, 3, 8, 8]. */
export function styleFiles(): readonly [Uint8Array, Uint8Array] {
  const random = new Random(17);
  const mapping = fileOf({
    opset: 12,
    inputs: { z: [float32, ['n', latentDim]] },
    outputs: { ws: [float32, ['n', styleLayers, styleDim]] },
    nodes: [
      ['Gemm', ['z', 'fc.weight', 'fc.bias'], ['h'], { transB: { i: 1 } }],
      ['LeakyRelu', ['h'], ['w'], { alpha: { f: 0.2 } }],
      ['Unsqueeze', ['w'], ['row'], { axes: { ints: [1] } }],
      ['Tile', ['row', 'repeats'], ['ws']],
    ],
    weights: {
      'fc.weight': drawn(random, [styleDim, latentDim], 0.3),
      'fc.bias': drawn(random, [styleDim], 0.5),
      repeats: tensor([3], [1, styleLayers, 1], int64),
    },
  });
  const synthesis = fileOf({
    opset: 17,
    inputs: { ws: [float32, ['n', styleLayers, styleDim]], psi: [float32, []] },
    outputs: { img: [float32, ['n', 3, side, side]] },
    nodes: [
      ['Mul', ['ws', 'psi'], ['scaled']],
      ['Flatten', ['scaled'], ['flat'], { axis: { i: 1 } }],
      ['Gemm', ['flat', 'weight', 'bias'], ['pixels'], { transB: { i: 1 } }],
      ['Reshape', ['pixels', 'shape'], ['img']],
    ],
    weights: {
      weight: drawn(random, [3 * side * side, styleLayers * styleDim], 0.08),
      bias: drawn(random, [3 * side * side], 0.1),
      shape: tensor([4], [-1, 3, side, side], int64),
    },
  });
  return [mapping, synthesis];
}

/** ONNX's message of a model, with the fields for weights in other files, which our own schema does not have. */
const completeType = (() => {
  const root = protobuf.Root.fromJSON(modelType.root.toJSON());
  root
    .lookupType('TensorProto')
    .add(new protobuf.Field('external_data', 13, 'StringStringEntryProto', 'repeated'))
    .add(new protobuf.Field('data_location', 14, 'int32', 'optional'));
  return root.lookupType('ModelProto');
})();

/** A file in which the weights called `name` are somewhere else; `place` has ONNX's keys `location`, `offset` and `length`. */
export function withExternalData(
  bytes: Uint8Array,
  name: string,
  place: Readonly<Record<string, string>>,
): Uint8Array {
  const model = completeType.toObject(completeType.decode(bytes)) as {
    graph: { initializer: { name: string }[] };
  };
  const tensor = model.graph.initializer.find((candidate) => candidate.name === name)!;
  Object.assign(tensor, {
    ...{ raw_data: undefined, float_data: undefined, data_location: 1 },
    external_data: Object.entries(place).map(([key, value]) => ({ key, value })),
  });
  return completeType.encode(completeType.fromObject(model)).finish();
}

/** The little-endian float32 bytes of the weights called `name`. */
export function rawWeights(bytes: Uint8Array, name: string): Uint8Array {
  interface Weights {
    readonly name: string;
    readonly raw_data?: Uint8Array;
    readonly float_data?: readonly number[];
  }
  const { graph } = modelType.toObject(modelType.decode(bytes)) as { graph: { initializer: Weights[] } };
  const { raw_data, float_data = [] } = graph.initializer.find((tensor) => tensor.name === name)!;
  return raw_data ?? new Uint8Array(Float32Array.from(float_data).buffer);
}
