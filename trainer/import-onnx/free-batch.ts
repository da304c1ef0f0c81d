// Makes a fixed batch size free: shapes in the file that repeat it take the size of what arrives instead.
import type { Network, NetworkNode } from './network.ts';

import { NewValues } from './new-values.ts';
import { valuesOf } from './tensor-values.ts';

/**
 * The network with `batch` taken out of the shapes that Reshape gives. It computes the same for a batch of that size; whether it does
 * for others must be tried, because a network may depend on its batch in other ways.
 */
export function freeBatch(network: Network, batch: number): Network {
  const values = new NewValues(network);
  const shapes = new Map(network.initialisers.map((tensor) => [tensor.name, tensor]));
  const nodes = network.nodes.map((node): NetworkNode => {
    const shape = node.op_type === 'Reshape' ? shapes.get(node.input[1] ?? '') : undefined;
    if (shape === undefined) return node;
    const [first, ...rest] = Array.from(valuesOf(shape));
    if (first !== batch) return node;
    // −1 is inferred and 0 is copied; a shape has at most one −1.
    const free = [rest.includes(-1) ? 0 : -1, ...rest];
    return { ...node, input: [node.input[0]!, values.ints(shape.name, free)] };
  });
  return { ...network, nodes, initialisers: [...network.initialisers, ...values.constants] };
}

/** The network with constants that nothing uses left out. */
export function withoutUnused(network: Network): Network {
  const used = new Set([
    ...network.nodes.flatMap(({ input }) => input),
    ...network.outputs.map(({ name }) => name),
  ]);
  return { ...network, initialisers: network.initialisers.filter(({ name }) => used.has(name)) };
}
