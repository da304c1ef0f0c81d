// New nodes and constants for a network, with names that it does not use yet.
import { elementType, encodeAttribute, type OnnxAttribute } from '../graph/lower/onnx-schema.ts';
import type { Network, NetworkAttribute, NetworkNode } from './network.ts';
import type { NetworkTensor } from './tensor-values.ts';

/** An initialiser. */
export type NamedTensor = NetworkTensor & { readonly name: string };

/** Makes names and constants; `constants` are those that it has made. */
export class NewValues {
  readonly constants: NamedTensor[] = [];
  readonly #taken: Set<string>;

  constructor({ nodes, initialisers, inputs }: Network) {
    this.#taken = new Set([
      ...nodes.flatMap(({ input, output }) => [...input, ...output]),
      ...[...initialisers, ...inputs].map(({ name }) => name),
    ]);
  }

  /** A name that nothing has: `wanted`, or `wanted-2`, … */
  name(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.#taken.has(name); i++) name = `${wanted}-${i}`;
    this.#taken.add(name);
    return name;
  }

  /** The name of a new constant of whole numbers: a list, or a scalar. */
  ints(wanted: string, values: readonly number[] | number): string {
    return this.#constant(wanted, values, elementType.int64, 'int64_data');
  }

  /** The name of a new float32 constant: a list, or a scalar. */
  floats(wanted: string, values: readonly number[] | number): string {
    return this.#constant(wanted, values, elementType.float32, 'float_data');
  }

  #constant(
    wanted: string,
    values: readonly number[] | number,
    data_type: number,
    list: 'int64_data' | 'float_data',
  ): string {
    const name = this.name(wanted);
    const isScalar = typeof values === 'number';
    const dims = isScalar ? [] : [values.length];
    this.constants.push({ name, dims, data_type, [list]: isScalar ? [values] : values });
    return name;
  }
}

/** A node with one output, called like it. */
export function nodeOf(
  op_type: string,
  input: readonly string[],
  output: string,
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): NetworkNode {
  const attribute = Object.entries(attributes).map(
    ([name, value]) => encodeAttribute(name, value) as NetworkAttribute,
  );
  return { op_type, name: output, input, output: [output], attribute };
}

/** The attribute `name` of a node; undefined if it has none. */
export function attributeOf({ attribute }: NetworkNode, name: string): NetworkAttribute | undefined {
  return attribute.find((candidate) => candidate.name === name);
}

/** The text of an attribute; undefined if the node does not have it. */
export function textOf(node: NetworkNode, name: string): string | undefined {
  const found = attributeOf(node, name)?.s;
  return found && new TextDecoder().decode(found);
}

/** The node without some attributes. */
export function without(node: NetworkNode, ...names: readonly string[]): NetworkNode {
  return { ...node, attribute: node.attribute.filter(({ name }) => !names.includes(name)) };
}

/** The node with further attributes. */
export function withAttributes(
  node: NetworkNode,
  attributes: Readonly<Record<string, OnnxAttribute>>,
): NetworkNode {
  const kept = without(node, ...Object.keys(attributes));
  return { ...kept, attribute: [...kept.attribute, ...nodeOf('', [], '', attributes).attribute] };
}
