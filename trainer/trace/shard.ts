// Splits a graph's batch into equal parts that can be computed side by side. ONNX Runtime's convolutions go through
// a batch image by image and leave cores idle in between; parts that depend on each other only where the whole
// batch is needed (batch norm's moments, a filter's gradient) keep every core busy with work of its own.
// A value is either whole, or split along its first axis; a kernel without a rule gets its inputs whole.
import type { AttributeRecord, Graph, Node, TensorSpec, ValueId } from './graph.ts';
import { GraphBuilder } from './graph-builder.ts';
import { constantData } from './replay.ts';
import { elementwise } from './kernels/elementwise.ts';
import { numbers } from './kernels/kernel.ts';

/** A value of the old graph in the new one; what is missing is made when something asks for it. */
interface Split {
  whole: ValueId | null;
  parts: readonly ValueId[] | null;
  /** Whether it is better computed in parts: it is the batch's, or came from what is. */
  readonly isBatch: boolean;
  /** Makes the parts where that is cheaper than cutting up the whole. */
  readonly makeParts?: () => readonly ValueId[];
  /** Makes the whole where that is cheaper than joining the parts. */
  readonly makeWhole?: () => ValueId;
}

/** Kernels of images or rows that work on each entry of the first axis alone, with the input that has that axis. */
const entrywise: Readonly<Record<string, readonly string[]>> = {
  Conv2D: ['x'],
  FusedConv2D: ['x'],
  Conv2DBackpropInput: ['dy'],
  DepthwiseConv2dNative: ['x'],
  DepthwiseConv2dNativeBackpropInput: ['dy'],
  MaxPool: ['x'],
  AvgPool: ['x'],
  MaxPoolGrad: ['dy', 'input', 'output'],
  AvgPoolGrad: ['dy', 'input'],
  ResizeNearestNeighbor: ['images'],
  ResizeBilinear: ['images'],
  DepthToSpace: ['x'],
};

/** Kernels that sum over the batch: the parts' results are added. */
const summing: Readonly<Record<string, readonly string[]>> = {
  Conv2DBackpropFilter: ['x', 'dy'],
  DepthwiseConv2dNativeBackpropFilter: ['x', 'dy'],
};

/** The attributes that hold shapes with the batch in front. */
const shapeAttributes = ['inputShape', 'shape', 'size', 'reps'] as const;

/**
 * The same function with everything that comes from the inputs named in `batched` computed in `count` parts of
 * their first axis. Throws RangeError when that axis cannot be divided.
 */
export function shard(graph: Graph, batched: readonly string[], count: number): Graph {
  if (count === 1) return graph;
  const builder = new GraphBuilder();
  const splits: Split[] = [];
  const add = (
    kernel: string,
    inputs: Record<string, ValueId>,
    attrs: AttributeRecord,
    op: string,
  ): ValueId => builder.addNode(kernel, inputs, attrs, op)[0]!;
  const list = (ids: readonly ValueId[]): Record<string, ValueId> =>
    Object.fromEntries(ids.map((id, i) => [String(i), id]));
  const partSpec = (spec: TensorSpec): TensorSpec => ({
    dtype: spec.dtype,
    shape: [spec.shape[0]! / count, ...spec.shape.slice(1)],
  });
  const canSplit = (spec: TensorSpec): boolean => spec.shape.length > 0 && spec.shape[0]! % count === 0;

  const whole = (id: ValueId): ValueId => {
    const split = splits[id]!;
    split.whole ??= split.makeWhole?.() ?? add('Concat', list(split.parts!), { axis: 0 }, 'shard');
    return split.whole;
  };
  const parts = (id: ValueId): readonly ValueId[] => {
    const split = splits[id]!;
    if (split.parts !== null) return split.parts;
    const { shape } = partSpec(graph.values[id]!);
    split.parts =
      split.makeParts?.() ??
      Array.from({ length: count }, (_, part) => {
        const begin = shape.map((size, axis) => (axis === 0 ? part * size : 0));
        return add('Slice', { x: whole(id) }, { begin, size: shape }, 'shard');
      });
    return split.parts;
  };
  const isBatch = (id: ValueId): boolean => splits[id]!.isBatch;

  for (const value of graph.values) {
    const { id, source } = value;
    if (source.kind === 'input') {
      if (graph.inputs[source.name] !== id) continue;
      const isBatched = batched.includes(source.name);
      if (isBatched && !canSplit(value)) {
        throw new RangeError(`input '${source.name}' [${value.shape}] cannot be split into ${count} parts`);
      }
      splits[id] = { whole: builder.addInput(source.name, value), parts: null, isBatch: isBatched };
    } else if (source.kind === 'constant') {
      const { constant } = source;
      splits[id] =
        constant.kind === 'fill'
          ? {
              whole: null,
              parts: null,
              isBatch: false,
              makeWhole: () => builder.addFill(value, constant.value),
              makeParts: () => Array<ValueId>(count).fill(builder.addFill(partSpec(value), constant.value)),
            }
          : {
              whole: builder.addConstant({ ...value, data: constantData(value) }),
              parts: null,
              isBatch: false,
            };
    }
  }

  for (const node of graph.nodes) {
    const split = splitNode(node);
    if (split !== null) {
      splits[node.outputs[0]!] = split;
      continue;
    }
    const inputs = Object.fromEntries(Object.entries(node.inputs).map(([name, id]) => [name, whole(id)]));
    const outputs = builder.addNode(node.kernel, inputs, node.attrs, node.op);
    node.outputs.forEach((id, i) => (splits[id] = { whole: outputs[i]!, parts: null, isBatch: false }));
  }
  return builder.build(
    Object.fromEntries(Object.entries(graph.outputs).map(([name, id]) => [name, whole(id)])),
  );

  /** The node in parts, or null where it has to have its inputs whole. */
  function splitNode(node: Node): Split | null {
    const output = graph.values[node.outputs[0]!]!;
    if (node.outputs.length !== 1) return null;
    if (isSpread(node, output)) {
      // Repeated over the first axis: every part is the same, and is made only where parts are wanted.
      return {
        whole: null,
        parts: null,
        isBatch: false,
        makeWhole: () => add(node.kernel, { x: whole(node.inputs['x']!) }, node.attrs, node.op),
        makeParts: () => {
          const attrs = shrink(node.attrs, node.kernel);
          return Array<ValueId>(count).fill(
            add(node.kernel, { x: whole(node.inputs['x']!) }, attrs, node.op),
          );
        },
      };
    }
    if (!Object.values(node.inputs).some(isBatch)) return null;
    if (node.kernel === 'Concat' && node.attrs['axis'] === 0 && canSplit(output)) {
      // Batches one behind the other are a longer batch.
      const inputs = list(Object.values(node.inputs).map(whole));
      return { whole: add(node.kernel, inputs, node.attrs, node.op), parts: null, isBatch: true };
    }
    const names = partedInputs(node, output);
    if (names !== null && canSplit(output)) return inParts(computeParts(node, names));
    const summed = summedInputs(node);
    if (summed !== null)
      return { whole: combine(node, computeParts(node, summed)), parts: null, isBatch: false };
    return null;
  }

  function inParts(ids: readonly ValueId[]): Split {
    return { whole: null, parts: ids, isBatch: true };
  }

  /** One call of the node's kernel for each part; the inputs in `names` in parts, all others whole. */
  function computeParts(node: Node, names: readonly string[]): readonly ValueId[] {
    const attrs = shrink(node.attrs, node.kernel);
    return Array.from({ length: count }, (_, part) => {
      const inputs = Object.fromEntries(
        Object.entries(node.inputs).map(([name, id]) => [
          name,
          names.includes(name) ? parts(id)[part]! : whole(id),
        ]),
      );
      return add(node.kernel, inputs, attrs, node.op);
    });
  }

  /** The results of the parts as one: added, or the mean, or the extreme. */
  function combine(node: Node, ids: readonly ValueId[]): ValueId {
    const kernel = { Max: 'Maximum', Min: 'Minimum' }[node.kernel] ?? 'Add';
    const sum = ids.reduce((a, b) => add(kernel, { a, b }, {}, node.op));
    if (node.kernel !== 'Mean') return sum;
    const share = builder.addFill({ shape: [], dtype: 'float32' }, 1 / count);
    return add('Multiply', { a: sum, b: share }, {}, node.op);
  }

  /** Whether the node repeats its input along the first axis of its output. */
  function isSpread(node: Node, output: TensorSpec): boolean {
    if (node.kernel !== 'BroadcastTo' && node.kernel !== 'Tile') return false;
    const id = node.inputs['x']!;
    const { shape } = graph.values[id]!;
    if (isBatch(id) || !canSplit(output)) return false;
    return shape.length < output.shape.length || shape[0] === 1;
  }

  /** The inputs to take in parts so that the output comes in parts; null where that cannot be. */
  function partedInputs(node: Node, output: TensorSpec): readonly string[] | null {
    const { kernel, attrs, inputs } = node;
    const spec = (name: string): TensorSpec => graph.values[inputs[name]!]!;
    const rank = output.shape.length;
    const all = Object.keys(inputs);
    if (kernel in elementwise) {
      if ((kernel === 'Softmax' || kernel === 'LogSoftmax') && rank < 2) return null;
      const full = all.filter(
        (name) => spec(name).shape.length === rank && spec(name).shape[0] === output.shape[0],
      );
      const isAligned = all.every((name) => !isBatch(inputs[name]!) || full.includes(name));
      return isAligned ? full : null;
    }
    const own = entrywise[kernel];
    if (own !== undefined) return own;
    switch (kernel) {
      case 'BatchMatMul':
        return attrs['transposeA'] !== true && spec('a').shape.length === 2 && !isBatch(inputs['b']!)
          ? ['a']
          : null;
      case 'Sum':
      case 'Mean':
      case 'Max':
      case 'Min':
      case 'Prod':
        return reducesBatch(node) ? null : ['x'];
      case 'Reshape':
        // Rows are contiguous: the first half of the input is the first half of the output.
        return ['x'];
      case 'ExpandDims':
        return attrs['dim'] === 0 || attrs['dim'] === -rank ? null : ['input'];
      case 'Transpose':
        return numbers(attrs, 'perm')[0] === 0 ? ['x'] : null;
      case 'Concat':
        return attrs['axis'] === 0 ? null : all;
      case 'Slice': {
        const size = numbers(attrs, 'size')[0]!;
        const isAll = numbers(attrs, 'begin')[0] === 0 && (size === -1 || size === spec('x').shape[0]);
        return isAll ? ['x'] : null;
      }
      case 'PadV2':
      case 'MirrorPad': {
        const [before, after] = (attrs['paddings'] as readonly (readonly number[])[])[0]!;
        return before === 0 && after === 0 ? ['x'] : null;
      }
      case 'Tile':
        return numbers(attrs, 'reps')[0] === 1 ? ['x'] : null;
      case 'BroadcastTo':
        return spec('x').shape.length === rank ? ['x'] : null;
      default:
        return null;
    }
  }

  function reducesBatch({ attrs, inputs }: Node): boolean {
    const rank = graph.values[inputs['x']!]!.shape.length;
    const axes = attrs['axis'] ?? attrs['reductionIndices'];
    if (axes == null) return true;
    return (typeof axes === 'number' ? [axes] : (axes as readonly number[])).some(
      (axis) => (axis + rank) % rank === 0,
    );
  }

  /** The inputs to take in parts where the parts' results are to be combined; null where that is no sum. */
  function summedInputs(node: Node): readonly string[] | null {
    const { kernel, attrs, inputs } = node;
    const canCut = (names: readonly string[]): boolean =>
      names.every((name) => canSplit(graph.values[inputs[name]!]!));
    const own = summing[kernel];
    if (own !== undefined) return canCut(own) ? own : null;
    if (kernel === 'BatchMatMul') {
      const isSum = attrs['transposeA'] === true && attrs['transposeB'] !== true;
      const isFlat = graph.values[inputs['a']!]!.shape.length === 2;
      return isSum && isFlat && canCut(['a', 'b']) ? ['a', 'b'] : null;
    }
    const isReduction = ['Sum', 'Mean', 'Max', 'Min'].includes(kernel);
    return isReduction && reducesBatch(node) && canCut(['x']) ? ['x'] : null;
  }

  /** Attributes for one part: the batch, where a shape leads with it, is smaller. */
  function shrink(attrs: AttributeRecord, kernel: string): AttributeRecord {
    const result: Record<string, AttributeRecord[string]> = { ...attrs };
    for (const name of shapeAttributes) {
      const shape = attrs[name];
      if (!Array.isArray(shape) || kernel.startsWith('Resize')) continue;
      const [first, ...rest] = shape as number[];
      // Tile's first repetition is 1 where its input is the batch's, and the batch where it spreads over it.
      if (first === undefined || first === -1 || (name === 'reps' && first === 1)) continue;
      result[name] = [first / count, ...rest];
    }
    return result;
  }
}
