// Builds a graph call by call. Identical nodes are shared, so a forward pass that two gradients need is computed
// once. Calls that only return an input or a constant (simplify.ts) are not added, and `build` drops nodes that no output needs.
import {
  type AttributeRecord,
  type Constant,
  type Graph,
  type HostTensor,
  type Node,
  type TensorSpec,
  type Value,
  type ValueId,
  type ValueType,
} from './graph.ts';
import { kernelTable } from './kernels/table.ts';
import { inWords } from './running-op.ts';
import { simplify, stored, type KnownInput } from './simplify.ts';

/** A graph under construction. Value ids are stable until {@link GraphBuilder.build} renumbers them. */
export class GraphBuilder {
  private readonly values: Value[] = [];
  private readonly nodes: Node[] = [];
  private readonly inputs = new Map<string, ValueId>();
  private readonly known = new Map<string, readonly ValueId[]>();
  /** Literals too large for a text as their key, by type and shape. */
  private readonly large = new Map<string, readonly ValueId[]>();

  /** A value's shape, type and source. */
  value(id: ValueId): Value {
    return this.values[id]!;
  }

  /** Adds a named input. Throws RangeError if the name is taken. */
  addInput(name: string, spec: TensorSpec): ValueId {
    if (this.inputs.has(name)) throw new RangeError(`graph input '${name}' is given twice`);
    const id = this.addValue({ ...copySpec(spec), source: { kind: 'input', name } });
    this.inputs.set(name, id);
    return id;
  }

  /** Adds a literal. Equal literals are shared; a literal with one number in every place becomes a fill. */
  addConstant(tensor: HostTensor): ValueId {
    const first = tensor.data[0];
    const isFill = first !== undefined && tensor.data.every((item) => Object.is(item, first));
    if (isFill) return this.addFill(tensor, first);
    return this.constant(tensor, { kind: 'data', data: tensor.data.slice() });
  }

  /** Adds a literal that is `value` everywhere. */
  addFill(spec: TensorSpec, value: number): ValueId {
    return this.constant(spec, { kind: 'fill', value: stored(value, spec.dtype) });
  }

  /**
   * Adds a call of `kernel` and returns its outputs' values.
   * Throws RangeError for a kernel that is not in the table, or shapes that the kernel does not take.
   */
  addNode(
    kernel: string,
    inputs: Readonly<Record<string, ValueId>>,
    attrs: AttributeRecord,
    op: string,
  ): readonly ValueId[] {
    const infer = kernelTable[kernel];
    const asked = `(asked for by ${inWords(op)})`;
    if (infer === undefined) throw new RangeError(`kernel '${kernel}' ${asked} cannot be recorded`);
    const known = Object.fromEntries(Object.entries(inputs).map(([name, id]) => [name, this.knownInput(id)]));
    let specs: TensorSpec[];
    try {
      specs = infer(known, attrs);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new RangeError(`kernel '${kernel}' ${asked}: ${error.message}`, { cause: error });
    }
    if (specs.length === 1) {
      const simplified = simplify(kernel, known, attrs, specs[0]!);
      if (simplified !== null) {
        return ['same' in simplified ? simplified.same : this.addFill(specs[0]!, simplified.fill)];
      }
    }
    const key = `${kernel} ${canonicalAttributes(inputs)} ${canonicalAttributes(attrs)}`;
    const existing = this.known.get(key);
    if (existing !== undefined) return existing;

    const node = this.nodes.length;
    const outputs = specs.map((spec, output) =>
      this.addValue({ ...copySpec(spec), source: { kind: 'node', node, output } }),
    );
    this.nodes.push({ kernel, inputs, attrs, outputs, op });
    this.known.set(key, outputs);
    return outputs;
  }

  /** The graph of these outputs: drops nodes that lead to none, renumbers values and keeps every input. */
  build(outputs: Readonly<Record<string, ValueId>>): Graph {
    const needed = new Set<ValueId>(Object.values(outputs));
    const kept: number[] = [];
    for (let index = this.nodes.length - 1; index >= 0; index--) {
      const node = this.nodes[index]!;
      if (!node.outputs.some((id) => needed.has(id))) continue;
      kept.push(index);
      for (const id of Object.values(node.inputs)) needed.add(id);
      for (const id of node.outputs) needed.add(id);
    }
    kept.reverse();

    const values: Value[] = [];
    const renamed = new Map<ValueId, ValueId>();
    const nodeIndex = new Map(kept.map((oldIndex, index) => [oldIndex, index]));
    for (const value of this.values) {
      if (!needed.has(value.id) && value.source.kind !== 'input') continue;
      const { source } = value;
      const id = values.length;
      renamed.set(value.id, id);
      values.push({
        ...value,
        id,
        source: source.kind === 'node' ? { ...source, node: nodeIndex.get(source.node)! } : source,
      });
    }
    const rename = (ids: Readonly<Record<string, ValueId>>): Record<string, ValueId> =>
      Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, renamed.get(id)!]));
    return {
      values,
      nodes: kept.map((index) => {
        const node = this.nodes[index]!;
        return {
          ...node,
          inputs: rename(node.inputs),
          outputs: node.outputs.map((id) => renamed.get(id)!),
        };
      }),
      inputs: rename(Object.fromEntries(this.inputs)),
      outputs: rename(outputs),
    };
  }

  private constant(spec: TensorSpec, constant: Constant): ValueId {
    const place = `constant ${spec.dtype} [${spec.shape.join()}]`;
    const content = constant.kind === 'fill' ? `fill ${numeral(constant.value)}` : textOf(constant.data);
    const add = (): ValueId => this.addValue({ ...copySpec(spec), source: { kind: 'constant', constant } });
    if (content === null) {
      const alike = this.large.get(place) ?? [];
      const existing = alike.find((id) => this.isEqual(id, constant));
      if (existing !== undefined) return existing;
      const id = add();
      this.large.set(place, [...alike, id]);
      return id;
    }
    const key = `${place} ${content}`;
    const existing = this.known.get(key)?.[0];
    if (existing !== undefined) return existing;
    const id = add();
    this.known.set(key, [id]);
    return id;
  }

  /** True if a constant of the graph has the same data. */
  private isEqual(id: ValueId, constant: Constant): boolean {
    const { source } = this.value(id);
    if (source.kind !== 'constant' || source.constant.kind !== 'data' || constant.kind !== 'data')
      return false;
    const { data } = source.constant;
    return constant.data.every((item: number, i: number) => Object.is(item, data[i]));
  }

  private addValue(value: Omit<Value, 'id'>): ValueId {
    const id = this.values.length;
    this.values.push({ ...value, id });
    return id;
  }

  private knownInput(id: ValueId): KnownInput {
    const { shape, dtype, source } = this.value(id);
    const fill = source.kind === 'constant' && source.constant.kind === 'fill' ? source.constant.value : null;
    return { id, shape, dtype, fill };
  }
}

function copySpec(spec: TensorSpec): { shape: readonly number[]; dtype: ValueType } {
  return { shape: [...spec.shape], dtype: spec.dtype };
}

/** Attributes as text that does not depend on the order in which they were set; undefined ones are absent. */
export function canonicalAttributes(attrs: AttributeRecord): string {
  const entries = Object.entries(attrs)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  // JSON would write infinities and NaN as null, and -0 as 0.
  return JSON.stringify(entries, (_, value: unknown) =>
    typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? `number ${numeral(value)}`
      : value,
  );
}

/** The data of a small literal as text; null for a large one. */
function textOf(data: HostTensor['data']): string | null {
  return data.length <= 64 ? Array.from(data, numeral).join() : null;
}

/** A number as text that distinguishes -0 from 0. */
function numeral(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
