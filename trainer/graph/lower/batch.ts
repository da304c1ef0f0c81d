// Makes a graph's batch size a symbol. The function is recorded twice, at two batch sizes; a dimension that
// grew with the batch is the batch's, everything else must be the same in both.
import type { Graph, Node, Value } from '../trace/graph.ts';
import { canonicalAttributes } from '../trace/graph-builder.ts';

/** A dimension: fixed, or `times` times the batch. */
export type Dim = number | { readonly times: number };

/** The same function recorded at another batch size. */
export interface BatchPair {
  readonly batch: number;
  readonly otherBatch: number;
  readonly otherGraph: Graph;
}

/** Attributes that say no more than the output's shape does. */
const shapeAttributes: Readonly<Record<string, string>> = {
  Reshape: 'shape',
  Tile: 'reps',
  Slice: 'size',
  StridedSlice: 'end',
  Conv2DBackpropInput: 'inputShape',
  DepthwiseConv2dNativeBackpropInput: 'inputShape',
};

/** How many of the dimensions are the batch's. */
export function countSymbols(dims: readonly Dim[]): number {
  return dims.filter((dim) => typeof dim !== 'number').length;
}

/**
 * The dimensions of every value, by value id. With no second graph all are fixed. Throws Error where the two
 * disagree: where kernels, their attributes or literals depend on the batch size.
 */
export function valueDims(graph: Graph, other: BatchPair | null): readonly (readonly Dim[])[] {
  if (other === null) return graph.values.map((value) => value.shape);
  const { batch, otherBatch, otherGraph } = other;
  const unlike = (what: string): Error =>
    new Error(`the recorded function changes with the batch size: ${what}`);
  if (graph.nodes.length !== otherGraph.nodes.length || graph.values.length !== otherGraph.values.length) {
    throw unlike(`${graph.nodes.length} kernels for ${batch}, ${otherGraph.nodes.length} for ${otherBatch}`);
  }
  graph.nodes.forEach((node, i) => {
    const [one, two] = [callText(node), callText(otherGraph.nodes[i]!)];
    if (one !== two) throw unlike(`kernel ${i} is ${one} for ${batch}, ${two} for ${otherBatch}`);
  });
  return graph.values.map((value, id) => {
    const twin = otherGraph.values[id]!;
    if (literalText(value) !== literalText(twin)) {
      throw unlike(
        `literal ${id} is ${literalText(value)} for ${batch}, ${literalText(twin)} for ${otherBatch}`,
      );
    }
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

/** All that must not change in a call. */
function callText({ kernel, inputs, attrs }: Node): string {
  const name = shapeAttributes[kernel];
  const kept = name === undefined ? attrs : { ...attrs, [name]: undefined };
  return `${kernel} ${canonicalAttributes(inputs)} ${canonicalAttributes(kept)}`;
}

/** All that must not change in a literal; one number everywhere may be of the batch's size. */
function literalText({ source }: Value): string {
  if (source.kind === 'input') return source.name;
  if (source.kind === 'node') return '';
  return source.constant.kind === 'fill'
    ? `${source.constant.value}`
    : canonicalAttributes({ data: Array.from(source.constant.data) });
}
