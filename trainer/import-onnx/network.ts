// A network from an ONNX file of any origin, as plain objects that can be rewritten. Reading checks everything that the rewriting relies
// on, before anything is run.
import type { ModelFile } from '../../runtime-web/format/model.ts';
import { modelType, opsetVersion } from '../graph/lower/onnx-schema.ts';
import { checkStructure } from '../model-package/check-network.ts';
import { checkTensor, type NetworkTensor } from './tensor-values.ts';

/** An attribute of a node; protobuf's names. */
export interface NetworkAttribute {
  readonly name: string;
  readonly i?: number;
  readonly f?: number;
  readonly s?: Uint8Array;
  readonly t?: NetworkTensor;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
  readonly [field: string]: unknown;
}

/** One operator call. An empty name is an optional input or output that is left out. */
export interface NetworkNode {
  readonly op_type: string;
  readonly name?: string;
  readonly domain?: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly NetworkAttribute[];
}

/** An input or output of the network. */
export interface Port {
  readonly name: string;
  /** ONNX's number of the element type. */
  readonly type: number;
  /** Null for a dimension that is no number in the file; a null list if the file gives no shape. */
  readonly dims: readonly (number | null)[] | null;
}

/** A network whose constants are all initialisers. */
export interface Network {
  readonly nodes: readonly NetworkNode[];
  readonly initialisers: readonly (NetworkTensor & { readonly name: string })[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** The version of ONNX's own operators. */
  readonly opset: number;
  /** Versions of other domains. */
  readonly domains: Readonly<Record<string, number>>;
}

/** A file that has been read. */
export interface NetworkFile {
  /** The file's name without a folder. */
  readonly file: string;
  /** The network, with its weights. */
  readonly bytes: Uint8Array;
  /** The files that it was read from: its own, and those of its weights. */
  readonly files: readonly ModelFile[];
  /** The program that wrote it, `pytorch 2.3.0`; null if it does not say. */
  readonly producer: string | null;
  readonly network: Network;
}

/** Oldest version of ONNX's operators that ONNX Runtime runs. */
export const minOpset = 7;

interface RawModel {
  readonly ir_version?: number;
  readonly producer_name?: string;
  readonly producer_version?: string;
  readonly graph?: {
    readonly node: readonly NetworkNode[];
    readonly initializer: readonly NetworkTensor[];
    readonly sparse_initializer: readonly object[];
    readonly input: readonly RawValue[];
    readonly output: readonly RawValue[];
  };
  readonly opset_import: readonly { readonly domain?: string; readonly version?: number }[];
  readonly functions: readonly { readonly name?: string }[];
}

interface RawValue {
  readonly name?: string;
  readonly type?: {
    readonly tensor_type?: {
      readonly elem_type?: number;
      readonly shape?: { readonly dim: readonly { readonly dim_value?: number }[] };
    };
  };
}

/** Operators that draw random numbers: the same seed would not give the same image. */
const randomOperators = [
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
  'Bernoulli',
  'Multinomial',
];

/**
 * Reads the bytes of an ONNX file; `files` are those that the bytes come from. Throws Error, whose message is a reason without the file's name, for bytes that are damaged, and for
 * networks with loops, branches, functions, random numbers, or weights outside of the file or of another length than their shape says.
 */
export function readNetwork(file: string, bytes: Uint8Array, files: readonly ModelFile[] = []): NetworkFile {
  checkStructure(bytes);
  const model = decode(bytes);
  const { graph } = model;
  if (graph === undefined || graph.node.length === 0 || graph.output.length === 0) {
    throw new Error('it holds no network');
  }
  const opset = model.opset_import.find(({ domain }) => isOnnxDomain(domain))?.version ?? 1;
  if (opset < minOpset) {
    throw new Error(
      `it uses version ${opset} of ONNX's operators, expected ${minOpset} or later; save it again with a later opset, such as ${opsetVersion}`,
    );
  }
  const [firstFunction] = model.functions;
  if (firstFunction !== undefined) {
    throw new Error(
      `it defines functions of its own (${firstFunction.name ?? ''}); inline them with Python's onnx.inliner.inline_local_functions`,
    );
  }
  if (graph.sparse_initializer.length > 0) throw new Error('it has sparse weights, expected dense ones');
  for (const node of graph.node) checkNode(node);
  for (const tensor of graph.initializer) checkTensor(tensor);
  const constants = graph.node.flatMap((node) =>
    node.op_type === 'Constant' && isOnnxDomain(node.domain) ? [constantOf(node)] : [],
  );
  const initialisers = [
    ...graph.initializer.map((tensor) => ({ ...tensor, name: tensor.name ?? '' })),
    ...constants,
  ];
  const known = new Set(initialisers.map(({ name }) => name));
  const producer = `${model.producer_name ?? ''} ${model.producer_version ?? ''}`.trim();
  return {
    file,
    bytes,
    files,
    producer: producer === '' ? null : producer,
    network: {
      nodes: graph.node.filter((node) => !(node.op_type === 'Constant' && isOnnxDomain(node.domain))),
      initialisers,
      // Old files list their weights among the inputs.
      inputs: graph.input.map(portOf).filter(({ name }) => !known.has(name)),
      outputs: graph.output.map(portOf),
      opset,
      domains: Object.fromEntries(
        model.opset_import.flatMap(({ domain, version }) =>
          isOnnxDomain(domain) ? [] : [[domain!, version ?? 1]],
        ),
      ),
    },
  };
}

/** The bytes of an ONNX file of this network. `metadata` are key-value pairs for the file. */
export function encodeNetworkFile(
  { nodes, initialisers, inputs, outputs, opset, domains }: Network,
  name: string,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const valueOf = ({ name: value, type, dims }: Port): object => ({
    name: value,
    type: {
      tensor_type: {
        elem_type: type,
        ...(dims !== null && {
          shape: { dim: dims.map((size) => (size === null ? { dim_param: 'n' } : { dim_value: size })) },
        }),
      },
    },
  });
  return modelType
    .encode(
      modelType.fromObject({
        // ONNX IR version 10 came with opset 21.
        ir_version: opset > opsetVersion ? 10 : 9,
        producer_name: 'dcgan',
        opset_import: [
          { domain: '', version: opset },
          ...Object.entries(domains).map(([domain, version]) => ({ domain, version })),
        ],
        metadata_props: Object.entries(metadata).map(([key, value]) => ({ key, value })),
        graph: {
          name,
          node: nodes,
          initializer: initialisers,
          input: inputs.map(valueOf),
          output: outputs.map(valueOf),
        },
      }),
    )
    .finish();
}

/** True for the domain of ONNX's own operators. */
export function isOnnxDomain(domain: string | undefined): boolean {
  return domain === undefined || domain === '' || domain === 'ai.onnx';
}

/** An operator's name for messages, with its domain unless that is ONNX's own. */
export function operatorOf({ op_type, domain }: NetworkNode): string {
  return isOnnxDomain(domain) ? op_type : `${domain}.${op_type}`;
}

function decode(bytes: Uint8Array): RawModel {
  try {
    // Lists are always there; other fields only if they are in the file.
    return modelType.toObject(modelType.decode(bytes), {
      arrays: true,
      longs: Number,
    }) as unknown as RawModel;
  } catch {
    throw new Error('it is not an ONNX file, or a damaged one');
  }
}

function portOf({ name = '', type }: RawValue): Port {
  const tensor = type?.tensor_type;
  if (tensor === undefined) throw new Error(`'${name}' is no tensor`);
  const dims = tensor.shape?.dim.map(({ dim_value }) =>
    dim_value !== undefined && dim_value > 0 ? dim_value : null,
  );
  return { name, type: tensor.elem_type ?? 0, dims: dims ?? null };
}

function checkNode(node: NetworkNode): void {
  const operator = operatorOf(node);
  if (randomOperators.includes(node.op_type)) {
    throw new Error(
      `it draws random numbers of its own (operator ${operator}), so a seed would not always give the same image; ` +
        'save it with constant noise, or without',
    );
  }
  for (const attribute of node.attribute) {
    if (attribute['g'] !== undefined || (attribute['graphs'] as readonly unknown[]).length > 0) {
      throw new Error(`it branches (operator ${operator}); save it without conditions, such as by tracing`);
    }
    if (attribute['sparse_tensor'] !== undefined)
      throw new Error('it has sparse weights, expected dense ones');
    if (attribute['ref_attr_name'] !== undefined)
      throw new Error(`its operator ${operator} has an open attribute`);
    if (attribute.t !== undefined) checkTensor(attribute.t);
  }
}

/** The initialiser that a Constant node stands for. */
function constantOf({
  output: [name = ''],
  attribute,
}: NetworkNode): NetworkTensor & { readonly name: string } {
  const [given] = attribute;
  switch (given?.name) {
    case 'value':
      if (given.t === undefined) break;
      return { ...given.t, name };
    case 'value_float':
      return { name, dims: [], data_type: 1, float_data: [given.f ?? 0] };
    case 'value_floats':
      return { name, dims: [given.floats!.length], data_type: 1, float_data: given.floats! };
    case 'value_int':
      return { name, dims: [], data_type: 7, int64_data: [given.i ?? 0] };
    case 'value_ints':
      return { name, dims: [given.ints!.length], data_type: 7, int64_data: given.ints! };
  }
  throw new Error(`its constant '${name}' is of a kind that is not read`);
}
