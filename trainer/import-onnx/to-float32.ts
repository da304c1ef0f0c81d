// Turns a network in another floating-point type into one in float32, which every device computes in.
import { halfValue } from '../graph/lower/half.ts';
import { elementType } from '../graph/lower/onnx-schema.ts';
import { isOnnxDomain, type Network, type NetworkNode } from './network.ts';
import { valuesOf, type NetworkTensor } from './tensor-values.ts';

const { float32, float16, float64, bfloat16 } = elementType;
const others: readonly number[] = [float16, float64, bfloat16];

/** True if values of the network are floating-point numbers of another type than float32. */
export function hasOtherFloats({ initialisers, inputs, outputs }: Network): boolean {
  return (
    initialisers.some(({ data_type }) => others.includes(data_type)) ||
    [...inputs, ...outputs].some(({ type }) => others.includes(type))
  );
}

/** The network with all floating-point numbers in float32, and those of constants as bytes. */
export function toFloat32(network: Network): Network {
  const typeOf = (type: number): number => (others.includes(type) ? float32 : type);
  const portOf = <T extends { readonly type: number }>(port: T): T => ({ ...port, type: typeOf(port.type) });
  return {
    ...network,
    nodes: network.nodes.map(nodeInFloat32),
    initialisers: network.initialisers.map((tensor) => ({ ...tensorInFloat32(tensor), name: tensor.name })),
    inputs: network.inputs.map(portOf),
    outputs: network.outputs.map(portOf),
  };
}

/** Attributes that hold the number of an element type. */
const typeAttributes = ['to', 'dtype', 'stash_type'];

function nodeInFloat32(node: NetworkNode): NetworkNode {
  if (!isOnnxDomain(node.domain)) return node;
  const attribute = node.attribute.map((given) => {
    if (given.t !== undefined) return { ...given, t: tensorInFloat32(given.t) };
    const isType = typeAttributes.includes(given.name) && others.includes(given.i ?? 0);
    return isType ? { ...given, i: float32 } : given;
  });
  return { ...node, attribute };
}

function tensorInFloat32(tensor: NetworkTensor): NetworkTensor {
  const { name = '', dims, data_type, raw_data } = tensor;
  const isFloat32 = data_type === float32 && raw_data === undefined;
  if (!isFloat32 && !others.includes(data_type)) return tensor;
  const values = Float32Array.from(
    valuesOf(tensor),
    data_type === float16 ? halfValue : data_type === bfloat16 ? bfloatValue : Number,
  );
  return { name, dims, data_type: float32, raw_data: new Uint8Array(values.buffer) };
}

const word = new Uint32Array(1);
const number = new Float32Array(word.buffer);

/** The number that 16 bits stand for as the upper half of a float32. */
function bfloatValue(bits: number): number {
  word[0] = bits << 16;
  return number[0]!;
}
