// The interface of the lowering rules. A rule reads a node's inputs in the layout it needs, emits ONNX nodes, and
// states the layout of the output. Layout conversions, constants and repeated emissions are shared.
import {
  arrayTypes,
  sizeOf,
  type AttributeRecord,
  type Graph,
  type HostTensor,
  type Node,
  type Value,
  type ValueId,
  type ValueType,
} from '../trace/graph.ts';
import { constantData } from '../trace/replay.ts';
import { countSymbols, type Dim } from './batch.ts';
import {
  blockedImages,
  identityLayout,
  isBlocked,
  isIdentity,
  nchw,
  permutation,
  physicalDims,
  plainLayout,
  sameOrder,
  splitAxes,
  toPhysical,
  type Layout,
} from './layout.ts';
import { elementType, type OnnxAttribute, type OnnxNode, type OnnxTensor } from './onnx-schema.ts';

/** Emits the ONNX nodes of one kernel call. Throws Error for attributes it cannot express. */
export type Rule = (context: LoweringContext, node: Node) => void;

/** Rules by kernel name. */
export type RuleTable = Readonly<Record<string, Rule>>;

interface Form {
  readonly name: string;
  readonly layout: Layout;
}

/** Logical dimensions and type of a value in any layout. */
interface TensorFacts {
  readonly dims: readonly Dim[];
  readonly dtype: ValueType;
}

/** The model under construction. */
export class LoweringContext {
  readonly graph: Graph;
  /** Channels in a block of {@link blockedImages}; null if images are not blocked. */
  readonly block: number | null;
  readonly nodes: OnnxNode[] = [];
  readonly initialisers: OnnxTensor[] = [];
  private readonly dimsOf: readonly (readonly Dim[])[];
  private readonly forms = new Map<ValueId, Form[]>();
  private readonly emitted = new Map<string, readonly string[]>();
  private readonly names = new Set<string>();
  private scope = 'graph';

  constructor(graph: Graph, dims: readonly (readonly Dim[])[], block: number | null = null) {
    this.graph = graph;
    this.block = block;
    this.dimsOf = dims;
  }

  /** Sets the name prefix of the nodes that follow: the node's op. */
  enter(node: Node): void {
    this.scope = node.op === 'an op' ? node.kernel : node.op;
  }

  value(id: ValueId): Value {
    return this.graph.values[id]!;
  }

  /** A node's input by the kernel's input name. Throws Error if it is missing. */
  input(node: Node, name: string): ValueId {
    const id = node.inputs[name];
    if (id === undefined) throw new Error(`${node.kernel}: input '${name}' is missing`);
    return id;
  }

  dims(id: ValueId): readonly Dim[] {
    return this.dimsOf[id]!;
  }

  /** The number of a fill constant, or null. */
  fill(id: ValueId): number | null {
    const { source } = this.value(id);
    return source.kind === 'constant' && source.constant.kind === 'fill' ? source.constant.value : null;
  }

  /** The layout in which a value was emitted, with blocked axes merged. */
  layout(id: ValueId): Layout {
    return plainLayout(this.ownLayout(id));
  }

  /** The layout in which a value was emitted, for rules that accept blocked axes. */
  ownLayout(id: ValueId): Layout {
    return this.forms.get(id)?.[0]?.layout ?? identityLayout(this.value(id).shape.length);
  }

  /** Registers ONNX value `name` as graph value `id` in `layout` (default: tfjs's order). */
  define(id: ValueId, name: string, layout: Layout = identityLayout(this.value(id).shape.length)): void {
    const forms = this.forms.get(id);
    if (forms === undefined) this.forms.set(id, [{ name, layout }]);
    else forms.push({ name, layout });
  }

  /** The ONNX value that holds `id` in `layout` (default: tfjs's order); converts if necessary. */
  read(id: ValueId, layout: Layout = identityLayout(this.value(id).shape.length)): string {
    const { source, dtype } = this.value(id);
    const existing = this.forms.get(id)?.find((form) => form.layout.join() === layout.join());
    if (existing !== undefined) return existing.name;
    if (source.kind === 'constant') {
      this.define(id, this.constantIn(id, layout), layout);
      return this.read(id, layout);
    }
    const form = this.forms.get(id)?.[0];
    if (form === undefined) throw new Error(`value ${id} is read before it is made`);
    const name =
      this.reordered(id, form, layout) ??
      this.convert(form.name, { dims: this.dims(id), dtype }, form.layout, layout);
    this.define(id, name, layout);
    return name;
  }

  /** Converts images to or from blocks with ONNX Runtime's own operators; null if a plain conversion is as good. */
  private reordered(id: ValueId, form: Form, layout: Layout): string | null {
    const isImages = (order: Layout): boolean => order.join() === blockedImages.join();
    if (isImages(layout) === isImages(form.layout) || this.value(id).dtype !== 'float32') return null;
    const dims = this.dims(id);
    // A single channel, which broadcasts, has no blocks to reorder.
    if (dims.at(-1) === 1) return null;
    const { dims: split, layouts } = splitAxes(dims, [form.layout, layout], this.block);
    if (sameOrder(split, layouts[0]!, layouts[1]!)) return null;
    if (isImages(layout)) {
      const blocks = this.emit(`${blockedDomain}.ReorderInput`, [this.read(id, nchw)]);
      return this.reshape(blocks, physicalDims(dims, layout, this.block));
    }
    if (isBlocked(layout)) return null;
    if (layout.join() !== nchw.join()) {
      return this.convert(this.read(id, nchw), { dims, dtype: 'float32' }, nchw, layout);
    }
    const images = this.reshape(form.name, toPhysical(dims, nchw));
    return this.emit(`${blockedDomain}.ReorderOutput`, [images], { channels: { i: dims[3] as number } });
  }

  /**
   * The value as an operand of a broadcasting operation in `layout`, with leading axes of length 1 added.
   */
  readBroadcast(id: ValueId, layout: Layout): string {
    const dims = this.dims(id);
    const missing = plainLayout(layout).length - dims.length;
    if (missing === 0) return this.read(id, layout);
    if (isIdentity(layout)) return this.read(id);
    const padded: Dim[] = [...Array.from({ length: missing }, () => 1), ...dims];
    const own = [...identityLayout(missing), ...this.ownLayout(id).map((axis) => axis + missing)];
    const name = this.read(id, this.ownLayout(id));
    const widened = this.reshape(name, physicalDims(padded, own, this.block));
    return this.convert(widened, { dims: padded, dtype: this.value(id).dtype }, own, layout);
  }

  /** Converts `name`, with these dimensions, from layout `from` to layout `to`. */
  convert(name: string, { dims, dtype }: TensorFacts, from: Layout, to: Layout): string {
    const { dims: split, layouts } = splitAxes(dims, [from, to], this.block);
    const [start, end] = layouts as [Layout, Layout];
    const target = physicalDims(dims, to, this.block);
    if (sameOrder(split, start, end)) return this.reshape(name, target);
    const whole = start.length === from.length ? name : this.reshape(name, toPhysical(split, start));
    const moved = this.transpose(whole, { dims: toPhysical(split, start), dtype }, permutation(start, end));
    return end.length === to.length ? moved : this.reshape(moved, target);
  }

  /**
   * A transpose. ONNX Runtime is fast if one axis moves or the innermost axis stays; otherwise it copies number by number.
   * Such a transpose is split in two, of which the first moves the new innermost axis.
   */
  private transpose(name: string, { dims, dtype }: TensorFacts, perm: readonly number[]): string {
    const last = perm.at(-1)!;
    const isOneMove = perm.some((moved) => {
      const others = perm.filter((axis) => axis !== moved);
      return others.every((axis, i) => i === 0 || axis > others[i - 1]!);
    });
    if (isOneMove || last === perm.length - 1 || countSymbols(dims) > 0) {
      return this.emit('Transpose', [name], { perm: { ints: perm } });
    }
    const sizes = dims as readonly number[];
    const first = [...identityLayout(perm.length).filter((axis) => axis !== last), last];
    const inner = this.transposeRuns(name, { dims: sizes, dtype }, first);
    const second = perm.map((axis) => first.indexOf(axis));
    const outer = this.transposeRuns(inner, { dims: toPhysical(sizes, first), dtype }, second);
    return this.reshape(outer, toPhysical(sizes, perm));
  }

  /** A transpose after merging axes that stay adjacent: a lower rank and a faster permutation. */
  private transposeRuns(name: string, { dims, dtype }: TensorFacts, perm: readonly number[]): string {
    const runs: number[][] = [];
    for (const axis of perm) {
      if (runs.at(-1)?.at(-1) === axis - 1) runs.at(-1)!.push(axis);
      else runs.push([axis]);
    }
    const inOrder = runs.toSorted((a, b) => a[0]! - b[0]!);
    const sizes = inOrder.map((run) => sizeOf(run.map((axis) => dims[axis] as number)));
    const order = runs.map((run) => inOrder.indexOf(run));
    // This permutation makes blocked images; ONNX Runtime's ReorderInput does it faster on two threads.
    if (order.join() === '0,2,1' && sizes[1] === this.block && dtype === 'float32') {
      return this.emit(`${blockedDomain}.ReorderInput`, [this.reshape(name, [...sizes, 1])]);
    }
    return this.emit('Transpose', [this.reshape(name, sizes)], { perm: { ints: order } });
  }

  /** Emits an operator with one output. Identical operators on the same inputs are emitted once. */
  emit(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    return this.emitMany(op, inputs, attributes, 1)[0]!;
  }

  /** Emits an operator with `count` outputs, once like {@link emit}. */
  emitMany(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    count: number,
  ): readonly string[] {
    const key = `${op} ${inputs.join(' ')} ${JSON.stringify(attributes)} ${count}`;
    const existing = this.emitted.get(key);
    if (existing !== undefined) return existing;
    const name = this.unique(`${this.scope}/${op}`);
    const output = Array.from({ length: count }, (_, i) => (i === 0 ? name : this.unique(`${name}:${i}`)));
    this.nodes.push({ op_type: op, name, input: inputs, output, attributes });
    this.emitted.set(key, output);
    return output;
  }

  /** Reshapes to `dims`. Throws Error if more than one of them is symbolic. */
  reshape(name: string, dims: readonly Dim[]): string {
    const symbols = countSymbols(dims);
    if (symbols > 1) throw new Error(`a reshape with ${symbols} batch axes cannot be lowered`);
    const shape = this.int64s(dims.map((dim) => (typeof dim === 'number' ? dim : -1)));
    // Without allowzero ONNX reads a 0 as "the same as before".
    return this.emit('Reshape', [name, shape], dims.includes(0) ? { allowzero: { i: 1 } } : {});
  }

  /** Dimensions as a list of int64; symbolic ones are computed from a graph input at run time. */
  sizes(dims: readonly Dim[]): string {
    if (dims.every((dim) => typeof dim === 'number')) return this.int64s(dims);
    const parts = dims.map((dim) =>
      typeof dim === 'number'
        ? this.int64s([dim])
        : this.emit('Mul', [this.batch(), this.int64s([dim.times])]),
    );
    return parts.length === 1 ? parts[0]! : this.emit('Concat', parts, { axis: { i: 0 } });
  }

  /** The batch size as a list of one int64. */
  private batch(): string {
    for (const id of Object.values(this.graph.inputs)) {
      const form = this.forms.get(id)?.[0];
      if (form === undefined) continue;
      const position = form.layout.findIndex((axis) => typeof this.dims(id)[axis] !== 'number');
      if (position < 0) continue;
      const { times } = this.dims(id)[form.layout[position]!] as { readonly times: number };
      const size = this.emit('Shape', [form.name], { start: { i: position }, end: { i: position + 1 } });
      return times === 1 ? size : this.emit('Div', [size, this.int64s([times])]);
    }
    throw new Error('no input of the graph has the batch size');
  }

  /** A list of int64, for operators that take shapes or axes as inputs. */
  int64s(list: readonly number[]): string {
    const bytes = new Uint8Array(BigInt64Array.from(list, BigInt).buffer);
    return this.literal(`i64 ${list.join()}`, 'int64s', [list.length], elementType.int64, bytes);
  }

  /** A scalar of a graph type. */
  scalar(value: number, dtype: ValueType = 'float32'): string {
    return this.literal(
      `${dtype} ${Object.is(value, -0) ? '-0' : value}`,
      `${value}`,
      [],
      elementType[dtype],
      bytesOf([value], dtype),
    );
  }

  /** A list or matrix of float32. */
  floats(data: ArrayLike<number>, dims: readonly number[]): string {
    const key = `f32 [${dims.join()}] ${Array.from(data).join()}`;
    return this.literal(key, 'floats', dims, elementType.float32, bytesOf(data, 'float32'));
  }

  /** Adds an initialiser under exactly this name. */
  initialiser(tensor: OnnxTensor): void {
    this.names.add(tensor.name);
    this.initialisers.push(tensor);
  }

  /** Reserves a name for an input or output of the model. Throws Error if it is taken. */
  reserve(name: string): void {
    if (this.names.has(name)) throw new Error(`the model has two values named '${name}'`);
    this.names.add(name);
  }

  private constantIn(id: ValueId, layout: Layout): string {
    const value = this.value(id);
    const fill = this.fill(id);
    const dims = physicalDims(this.dims(id), layout, this.block);
    if (fill !== null && (sizeOf(value.shape) > 256 || countSymbols(dims) > 0)) {
      return this.emit('Expand', [this.scalar(fill, value.dtype), this.sizes(dims)]);
    }
    const data = toLayout(constantData(value), value.shape, layout, this.block);
    const shape = dims as number[];
    const key =
      data.length <= 256 ? `${value.dtype} [${shape}] ${Array.from(data).join()}` : `value ${id} ${layout}`;
    return this.literal(key, 'constant', shape, elementType[value.dtype], bytesOf(data, value.dtype));
  }

  private literal(
    key: string,
    stem: string,
    dims: readonly number[],
    type: number,
    bytes: Uint8Array,
  ): string {
    const existing = this.emitted.get(`literal ${key}`);
    if (existing !== undefined) return existing[0]!;
    const name = this.unique(stem);
    this.initialisers.push({ name, dims, data_type: type, raw_data: bytes });
    this.emitted.set(`literal ${key}`, [name]);
    return name;
  }

  private unique(stem: string): string {
    let name = stem;
    for (let n = 2; this.names.has(name); n++) name = `${stem}_${n}`;
    this.names.add(name);
    return name;
  }
}

/** The domain of ONNX Runtime's operators on blocked images. */
const blockedDomain = 'com.microsoft.nchwc';

/** ONNX Runtime's convolution of {@link blockedImages}, which ONNX sees as [n, c, h, w]. */
export const blockedConvolution = `${blockedDomain}.Conv`;

/** Numbers as the little-endian bytes of a type. */
export function bytesOf(values: ArrayLike<number>, dtype: ValueType): Uint8Array {
  return new Uint8Array(arrayTypes[dtype].from(values).buffer);
}

/** Values in `layout`, whose axes may be blocked, from row-major values of `shape`. */
export function toLayout(
  data: HostTensor['data'],
  shape: readonly number[],
  layout: Layout,
  block: number | null,
): HostTensor['data'] {
  const { dims, layouts } = splitAxes(shape, [layout], block);
  return transposed(data, dims as number[], layouts[0]!);
}

/** Row-major values of `shape` from values in `layout`: the inverse of {@link toLayout}. */
export function fromLayout(
  data: HostTensor['data'],
  shape: readonly number[],
  layout: Layout,
  block: number | null,
): HostTensor['data'] {
  const { dims, layouts } = splitAxes(shape, [layout], block);
  return transposed(data, toPhysical(dims as number[], layouts[0]!), inverse(layouts[0]!));
}

/** Values in `layout`, without blocks, from row-major values of `shape`. */
export function transposed(
  data: HostTensor['data'],
  shape: readonly number[],
  layout: Layout,
): HostTensor['data'] {
  if (isIdentity(layout)) return data;
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  const sizes = toPhysical(shape, layout);
  const steps = toPhysical(strides, layout);
  const result = data.slice();
  const position = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++position[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      position[axis] = 0;
    }
  }
  return result;
}

/** The inverse layout, which {@link transposed} uses to restore logical order. */
export function inverse(layout: Layout): Layout {
  return layout.map((_, axis) => layout.indexOf(axis));
}

/** A boolean attribute; false if it is absent. */
export function flag(attrs: AttributeRecord, name: string): boolean {
  return attrs[name] === true;
}
