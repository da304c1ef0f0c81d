// Lowers a recorded graph to an ONNX model. The caller chooses which inputs become weights, the layouts of inputs
// and outputs, and whether the batch axis is symbolic.
import type { Graph, HostTensor, ValueId } from '../trace/graph.ts';
import { inWords } from '../trace/running-op.ts';
import { valueDims, type BatchPair, type Dim } from './batch.ts';
import { bytesOf, LoweringContext, transposed, type RuleTable } from './context.ts';
import { halfBytes, isWorthHalving } from './half.ts';
import { identityLayout, oihw, physicalDims, toPhysical, type Layout } from './layout.ts';
import { elementType, encodeModel, type OnnxNode, type OnnxValueInfo } from './onnx-schema.ts';
import { elementwiseRules } from './rules/elementwise.ts';
import { imageRules } from './rules/images.ts';
import { productRules } from './rules/products.ts';
import { reductionRules } from './rules/reductions.ts';
import { shapeRules } from './rules/shapes.ts';

/** Every kernel that can be lowered, with its rule. */
export const loweringRules: RuleTable = {
  ...elementwiseRules,
  ...reductionRules,
  ...shapeRules,
  ...productRules,
  ...imageRules,
};

/** Options of {@link lower}. */
export interface LowerOptions {
  /** The graph's name in the file. */
  readonly name?: string;
  /** Inputs that become initialisers, by input name. */
  readonly weights?: Readonly<Record<string, HostTensor>>;
  /** Store all but small weights in half precision and cast them to float32 before use. Default false. */
  readonly halfWeights?: boolean;
  /** Names the weights that stay in float32 despite `halfWeights`. Default: none. */
  readonly keepWhole?: (name: string) => boolean;
  /** Layouts of inputs and outputs, by name. Default: tfjs's order. */
  readonly layouts?: Readonly<Record<string, Layout>>;
  /** The same function recorded at another batch size: the batch becomes the symbol `n`. */
  readonly batch?: BatchPair;
  /**
   * Channels in a block of {@link blockedImages}. Convolutions then use ONNX Runtime's blocked operator, and the file runs only
   * on its CPU provider on this machine. Default null: standard ONNX.
   */
  readonly block?: number | null;
  /** Key-value pairs for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of an ONNX model of `graph`. Throws Error for a kernel without a rule, RangeError for weights and layouts of values that the
 * graph does not have and for a weight of another shape, TypeError for a `batch` that is no {@link BatchPair}.
 */
export function lower(graph: Graph, options: LowerOptions = {}): Uint8Array {
  const { layouts = {}, weights = {}, block = null, halfWeights = false } = options;
  refuseUnknown('weight', weights, Object.keys(graph.inputs));
  refuseUnknown('layout', layouts, [...Object.keys(graph.inputs), ...Object.keys(graph.outputs)]);
  const isHalved = (name: string): boolean => halfWeights && options.keepWhole?.(name) !== true;
  const dims = valueDims(graph, options.batch ?? null);
  const context = new LoweringContext(graph, dims, block);
  const layoutFor = (name: string, id: ValueId): Layout =>
    layouts[name] ?? identityLayout(graph.values[id]!.shape.length);
  const info = (name: string, id: ValueId): OnnxValueInfo => ({
    name,
    elementType: elementType[graph.values[id]!.dtype],
    dims: physicalDims(dims[id]!, layoutFor(name, id), block).map(symbol),
  });

  const inputs: OnnxValueInfo[] = [];
  for (const [name, id] of Object.entries(graph.inputs)) {
    const weight = weights[name];
    if (weight === undefined) {
      context.reserve(name);
      context.define(id, name, layoutFor(name, id));
      inputs.push(info(name, id));
    } else addWeight(context, name, id, weight, isHalved(name));
  }
  for (const name of Object.keys(graph.outputs)) context.reserve(name);

  for (const node of graph.nodes) {
    const rule = loweringRules[node.kernel];
    if (rule === undefined)
      throw new Error(`kernel '${node.kernel}' (asked for by ${inWords(node.op)}) cannot be lowered`);
    context.enter(node);
    rule(context, node);
  }

  const results = Object.entries(graph.outputs).map(
    ([name, id]) => [name, context.read(id, layoutFor(name, id))] as const,
  );
  const made = new Set(context.nodes.flatMap((node) => node.output));
  const renamed = new Map<string, string>();
  const copies: OnnxNode[] = [];
  for (const [name, value] of results) {
    if (made.has(value) && !renamed.has(value)) renamed.set(value, name);
    else
      copies.push({
        op_type: 'Identity',
        name: `${name}/copy`,
        input: [value],
        output: [name],
        attributes: {},
      });
  }
  const rename = (name: string): string => renamed.get(name) ?? name;
  const named = [...context.nodes, ...copies].map((node) => ({
    ...node,
    input: node.input.map(rename),
    output: node.output.map(rename),
  }));
  const { nodes, used } = needed(named, Object.keys(graph.outputs));
  return encodeModel({
    name: options.name ?? 'graph',
    nodes,
    initialisers: context.initialisers.filter((tensor) => used.has(tensor.name)),
    inputs,
    outputs: Object.entries(graph.outputs).map(([name, id]) => info(name, id)),
    metadata: options.metadata ?? {},
  });
}

/** Throws RangeError for a name that is not among `known`. */
function refuseUnknown(what: string, given: object, known: readonly string[]): void {
  const name = Object.keys(given).find((key) => !known.includes(key));
  if (name === undefined) return;
  throw new RangeError(
    `lower(): ${what} '${name}': the graph has no such ${what === 'weight' ? 'input' : 'input or output'}, expected some of ${known.join(', ')}`,
  );
}

/** The nodes that lead to an output, and the names of all values that they use. */
function needed(
  nodes: readonly OnnxNode[],
  outputs: readonly string[],
): { readonly nodes: readonly OnnxNode[]; readonly used: ReadonlySet<string> } {
  const used = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    if (!node.output.some((name) => used.has(name))) return false;
    for (const name of node.input) used.add(name);
    return true;
  });
  return { nodes: kept.reverse(), used };
}

function symbol(dim: Dim): number | string {
  if (typeof dim === 'number') return dim;
  return dim.times === 1 ? 'n' : `${dim.times}n`;
}

/** Adds a weight as an initialiser. Filters are stored as OIHW, the order that their operators take. */
function addWeight(
  context: LoweringContext,
  name: string,
  id: ValueId,
  weight: HostTensor,
  isHalf: boolean,
): void {
  const { shape, dtype } = context.value(id);
  if (weight.shape.join() !== shape.join()) {
    throw new RangeError(`weight '${name}' is [${weight.shape}], expected [${shape}]`);
  }
  const layout = shape.length === 4 ? oihw : identityLayout(shape.length);
  const data = transposed(weight.data, shape, layout);
  const dims = toPhysical(shape, layout);
  if (isHalf && dtype === 'float32' && isWorthHalving(data)) {
    context.initialiser({
      name,
      dims,
      data_type: elementType.float16,
      raw_data: halfBytes(data as Float32Array),
    });
    context.define(id, context.emit('Cast', [name], { to: { i: elementType.float32 } }), layout);
  } else {
    context.initialiser({ name, dims, data_type: elementType[dtype], raw_data: bytesOf(data, dtype) });
    context.define(id, name, layout);
  }
}
