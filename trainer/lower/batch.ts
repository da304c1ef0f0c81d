// Makes a graph's batch size a symbol. The function is recorded twice, at two batch sizes; a dimension that
// grew with the batch is the batch's, everything else must be the same in both.
import type { Graph } from '../trace/graph.ts';

/** A dimension: fixed, or `times` times the batch. */
export type Dim = number | { readonly times: number };

/** The dimensions of every value, by value id. With no second graph all are fixed. Throws Error where the two disagree. */
export function valueDims(graph: Graph, other: BatchPair | null): readonly (readonly Dim[])[] {
  if (other === null) return graph.values.map((value) => value.shape);
  const { batch, otherBatch, otherGraph } = other;
  const unlike = (what: string): Error =>
    new Error(`the recorded function changes with the batch size: ${what}`);
  if (graph.nodes.length !== otherGraph.nodes.length || graph.values.length !== otherGraph.values.length) {
    throw unlike(`${graph.nodes.length} kernels for ${batch}, ${otherGraph.nodes.length} for ${otherBatch}`);
  }
  graph.nodes.forEach((node, i) => {
    const twin = otherGraph.nodes[i]!;
    if (
      node.kernel !== twin.kernel ||
      Object.values(node.inputs).join() !== Object.values(twin.inputs).join()
    ) {
      throw unlike(`kernel ${i} is ${node.kernel} for ${batch}, ${twin.kernel} for ${otherBatch}`);
    }
  });
  return graph.values.map((value, id) => {
    const twin = otherGraph.values[id]!;
    return value.shape.map((size, axis) => {
      const otherSize = twin.shape[axis];
      if (size === otherSize) return size;
      if (otherSize === undefined || size * otherBatch !== otherSize * batch || size % batch !== 0) {
        throw unlike(`axis ${axis} of value ${id} is ${size} for ${batch}, ${otherSize} for ${otherBatch}`);
      }
      return { times: size / batch };
    });
  });
}

/** The same function recorded at another batch size. */
export interface BatchPair {
  readonly batch: number;
  readonly otherBatch: number;
  readonly otherGraph: Graph;
}
