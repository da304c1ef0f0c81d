// Makes a graph's batch size a symbol. The function is recorded at two batch sizes. A dimension that grew with the
// batch becomes symbolic; everything else must be equal in both graphs.
import type { Graph, Node, Value } from '../trace/graph.ts';
import { canonicalAttributes } from '../trace/graph-builder.ts';

/** A dimension: fixed, or `times` times the batch. */
export type Dim = number | { readonly times: number };

/** A graph's batch size, and the same function recorded at another one. */
export interface BatchPair {
  readonly batch: number;
  readonly otherBatch: number;
  readonly otherGraph: Graph;
}

/** Attributes that the output's shape determines. */
const shapeAttributes: Readonly<Record<string, string>> = {
  Reshape: 'shape',
  Tile: 'reps',
  Slice: 'size',
  StridedSlice: 'end',
  Conv2DBackpropInput: 'inputShape',
  DepthwiseConv2dNativeBackpropInput: 'inputShape',
};

/** The number of symbolic dimensions. */
export function countSymbols(dims: readonly Dim[]): number {
  return dims.filter((dim) => typeof dim !== 'number').length;
}

/**
 * The dimensions of every value, by value id. With no second graph all are fixed. Throws Error if
 * kernels, their attributes or literals depend on the batch size, TypeError for another thing than a pair.
 */
export function valueDims(graph: Graph, other: BatchPair | null): readonly (readonly Dim[])[] {
  if (other === null) return graph.values.map((value) => value.shape);
  const { batch, otherBatch, otherGraph } = other;
  const isSize = (size: unknown): boolean => Number.isInteger(size) && (size as number) > 0;
  if (!isSize(batch) || !isSize(otherBatch) || batch === otherBatch || !Array.isArray(otherGraph?.nodes)) {
    throw new TypeError(
      `lower(): batch: got ${JSON.stringify(typeof other === 'object' ? { batch, otherBatch, otherGraph: typeof otherGraph } : other)}, ` +
        'expected { batch, otherBatch, otherGraph }: two different batch sizes, and the same function recorded at the other one',
    );
  }
  const dependence = (what: string): Error =>
    new Error(`the recorded function changes with the batch size: ${what}`);
  if (graph.nodes.length !== otherGraph.nodes.length || graph.values.length !== otherGraph.values.length) {
    throw dependence(
      `${graph.nodes.length} kernels for ${batch}, ${otherGraph.nodes.length} for ${otherBatch}`,
    );
  }
  graph.nodes.forEach((node, i) => {
    const [one, two] = [callText(node), callText(otherGraph.nodes[i]!)];
    if (one !== two) throw dependence(`kernel ${i} is ${one} for ${batch}, ${two} for ${otherBatch}`);
  });
  return graph.values.map((value, id) => {
    const twin = otherGraph.values[id]!;
    if (literalText(value) !== literalText(twin)) {
      throw dependence(
        `literal ${id} is ${literalText(value)} for ${batch}, ${literalText(twin)} for ${otherBatch}`,
      );
    }
    return value.shape.map((size, axis) => {
      const otherSize = twin.shape[axis];
      if (size === otherSize) return size;
      if (otherSize === undefined || size * otherBatch !== otherSize * batch || size % batch !== 0) {
        throw dependence(
          `axis ${axis} of value ${id} is ${size} for ${batch}, ${otherSize} for ${otherBatch}`,
        );
      }
      return { times: size / batch };
    });
  });
}

/** The parts of a call that must not depend on the batch size. */
function callText({ kernel, inputs, attrs }: Node): string {
  const name = shapeAttributes[kernel];
  const kept = name === undefined ? attrs : { ...attrs, [name]: undefined };
  return `${kernel} ${canonicalAttributes(inputs)} ${canonicalAttributes(kept)}`;
}

/** The parts of a literal that must not depend on the batch size; a fill may have a symbolic dimension. */
function literalText({ source }: Value): string {
  if (source.kind === 'input') return source.name;
  if (source.kind === 'node') return '';
  return source.constant.kind === 'fill'
    ? `${source.constant.value}`
    : canonicalAttributes({ data: Array.from(source.constant.data) });
}
