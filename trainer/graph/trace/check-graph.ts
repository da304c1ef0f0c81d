// The invariants of a recorded graph as a check. Tests run it on the graphs that they record; it computes no tensor.
import { arrayTypes, sizeOf, type Graph, type TensorSpec, type Value, type ValueId } from './graph.ts';
import { canonicalAttributes } from './graph-builder.ts';
import { kernelTable } from './kernels/table.ts';

/**
 * Throws Error, naming the node or value, unless
 * - ids are indices: `values[i].id` is i, and a value and its source (input, constant, node's output) name each other;
 * - every id that a node or an output uses exists, and a used input is one of `graph.inputs`;
 * - a node's inputs come before it, so that the nodes can run in their order;
 * - no two nodes have the same kernel, inputs and attributes;
 * - every node leads to an output, and every constant is used;
 * - outputs of a node have the shapes and types that its kernel makes of its inputs;
 * - a constant has as many numbers as its shape, in its type's array.
 */
export function checkGraph(graph: Graph): void {
  graph.values.forEach((value, id) => checkValue(graph, value, id));
  const used = usedValues(graph);
  checkNodes(graph, used);
  for (const [name, id] of Object.entries(graph.inputs)) {
    const source = graph.values[id]?.source;
    if (source?.kind !== 'input' || source.name !== name) fail(`input '${name}': value ${id} is another`);
  }
  for (const id of used) {
    const { source } = graph.values[id] ?? fail(`value ${id} is used and does not exist`);
    // Inputs that nothing uses may be missing in the table.
    if (source.kind === 'input' && graph.inputs[source.name] !== id)
      fail(`input '${source.name}' is used, not listed`);
  }
  const idle = graph.values.find(({ id, source }) => source.kind === 'constant' && !used.has(id));
  if (idle !== undefined) fail(`constant ${idle.id} is not used`);
}

function fail(message: string): never {
  throw new Error(`graph: ${message}`);
}

/** The values that are outputs, or inputs of nodes. */
function usedValues({ nodes, outputs }: Graph): ReadonlySet<ValueId> {
  const used = new Set<ValueId>(Object.values(outputs));
  for (const { inputs } of nodes) for (const id of Object.values(inputs)) used.add(id);
  return used;
}

function checkValue({ nodes }: Graph, { id, shape, dtype, source }: Value, index: number): void {
  if (id !== index) fail(`value ${index} has the id ${id}`);
  if (source.kind === 'node' && nodes[source.node]?.outputs[source.output] !== id) {
    fail(`value ${id} is no output ${source.output} of node ${source.node}`);
  }
  if (source.kind !== 'constant' || source.constant.kind === 'fill') return;
  const { data } = source.constant;
  const array = arrayTypes[dtype];
  if (!(data instanceof array) || data.length !== sizeOf(shape)) {
    fail(`constant ${id}: got ${data.constructor.name} of ${data.length}, expected ${dtype} [${shape}]`);
  }
}

function checkNodes({ values, nodes }: Graph, used: ReadonlySet<ValueId>): void {
  const known = new Map<string, number>();
  nodes.forEach(({ kernel, inputs, attrs, outputs, op }, index) => {
    const what = `node ${index} (${kernel}, asked for by ${op})`;
    const specs: Record<string, TensorSpec> = {};
    for (const [name, id] of Object.entries(inputs)) {
      const value = values[id] ?? fail(`${what}: its input '${name}', value ${id}, does not exist`);
      if (value.source.kind === 'node' && value.source.node >= index) {
        fail(`${what}: its input '${name}' comes from node ${value.source.node}, which runs later`);
      }
      specs[name] = value;
    }
    const key = `${kernel} ${canonicalAttributes(inputs)} ${canonicalAttributes(attrs)}`;
    const twin = known.get(key);
    if (twin !== undefined) fail(`${what} is identical to node ${twin}`);
    known.set(key, index);
    // Nodes that use this one are checked likewise, so a chain of uses ends at an output.
    if (!outputs.some((id) => used.has(id))) fail(`${what} leads to no output`);
    const infer = kernelTable[kernel] ?? fail(`${what}: unknown kernel`);
    const words = ({ dtype, shape }: TensorSpec): string => `${dtype} [${shape}]`;
    const expected = infer(specs, attrs).map(words).join(', ');
    const got = outputs
      .map((id) => words(values[id] ?? fail(`${what}: its output ${id} does not exist`)))
      .join(', ');
    if (got !== expected) fail(`${what}: its outputs are ${got}, expected ${expected}`);
    outputs.forEach((id, output) => {
      const { source } = values[id]!;
      if (source.kind !== 'node' || source.node !== index || source.output !== output) {
        fail(`${what}: value ${id} has another source`);
      }
    });
  });
}
