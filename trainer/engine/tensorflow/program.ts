// A recorded graph as a flat list of TensorFlow ops. tfjs-node-gpu's kernels decide which ops a kernel is, so they run
// once, with the binding watched; from then on the ops are called directly, without tensors, tape or tidy of tfjs.
// What depends on no input is computed once and kept.
import type { TensorflowBackend } from './binding.ts';
import * as tf from '@tensorflow/tfjs-core';
import { arrayTypes, sizeOf, type Graph, type HostTensor } from '../../graph/trace/graph.ts';
import { runKernels } from '../../graph/trace/replay.ts';
import type { NativeAttribute, NativeBinding, NativeId, NativeTensor } from './binding.ts';
import { nativeType } from './binding.ts';
import { substitutes } from './substitutes.ts';

/** Index of a value of the program. */
type Slot = number;

/** One op. */
interface Call {
  readonly op: string;
  readonly attributes: readonly NativeAttribute[];
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  /** Values that nothing needs any more once this has run. */
  frees: readonly Slot[];
}

/** A graph's ops, ready to run. */
export class Program {
  private readonly binding: NativeBinding;
  private readonly calls: readonly Call[];
  private readonly inputs: ReadonlyMap<string, Slot>;
  private readonly outputs: ReadonlyMap<string, Slot>;
  /** By slot; constants stay, everything else comes and goes with a run. */
  private readonly held: NativeId[];
  private readonly constants: readonly NativeId[];

  constructor(binding: NativeBinding, traced: Traced) {
    this.binding = binding;
    this.calls = traced.calls;
    this.inputs = traced.inputs;
    this.outputs = traced.outputs;
    this.held = new Array<NativeId>(traced.slotCount).fill(-1);
    this.constants = [...traced.constants.values()];
    for (const [slot, id] of traced.constants) this.held[slot] = id;
  }

  /**
   * Runs the ops on inputs, which stay the caller's, and gives the outputs, which become the caller's. `onCall`, where
   * given, hears the seconds of each op. Where an op fails, everything that was made is freed and its error thrown.
   */
  run(
    inputs: Readonly<Record<string, NativeId>>,
    onCall?: (op: string, seconds: number) => void,
  ): Record<string, NativeId> {
    const { binding, held } = this;
    for (const [name, slot] of this.inputs) held[slot] = inputs[name]!;
    const made = new Set<Slot>();
    try {
      for (const { op, attributes, inputs: from, outputs: to, frees } of this.calls) {
        const started = onCall === undefined ? 0 : performance.now();
        const tensors = binding.executeOp(
          op,
          attributes,
          from.map((slot) => held[slot]!),
          to.length,
        );
        to.forEach((slot, i) => {
          held[slot] = tensors[i]!.id;
          made.add(slot);
        });
        for (const slot of frees) {
          binding.deleteTensor(held[slot]!);
          made.delete(slot);
        }
        onCall?.(op, (performance.now() - started) / 1000);
      }
    } catch (error) {
      for (const slot of made) binding.deleteTensor(held[slot]!);
      throw error;
    }
    return Object.fromEntries([...this.outputs].map(([name, slot]) => [name, held[slot]!]));
  }

  /** Frees the constants. */
  dispose(): void {
    for (const id of this.constants) this.binding.deleteTensor(id);
  }
}

/** What watching one run has found. */
interface Traced {
  readonly calls: readonly Call[];
  readonly inputs: ReadonlyMap<string, Slot>;
  readonly outputs: ReadonlyMap<string, Slot>;
  readonly constants: ReadonlyMap<Slot, NativeId>;
  readonly slotCount: number;
}

/**
 * Makes a program of a graph by running it once on zeros. The tensorflow backend must be tfjs's current one.
 * Throws Error where a kernel asks for values on the way, or makes another shape than was recorded.
 */
export function compileProgram(graph: Graph, backend: TensorflowBackend): Program {
  const { binding } = backend;
  const watch = new Watch(binding);
  backend.binding = watch.binding;
  try {
    const inputs: Record<string, tf.Tensor> = {};
    for (const [name, id] of Object.entries(graph.inputs)) {
      const { shape, dtype } = graph.values[id]!;
      const type = nativeType(binding, dtype);
      const size = sizeOf(shape);
      const make = arrayTypes[dtype];
      const native = binding.createTensor(shape, type, new make(size));
      watch.addInput(name, native);
      inputs[name] = backend.createOutputTensor({ id: native, shape, dtype: type });
    }
    const results = runKernels(graph, inputs, substitutes);
    const outputs = new Map<string, Slot>();
    const taken = new Set<Slot>();
    for (const [name, tensor] of Object.entries(results)) {
      const id = graph.outputs[name]!;
      const type = nativeType(binding, graph.values[id]!.dtype);
      let slot = watch.slotOf(tensor);
      // An output that is an input, a constant or another output gets a handle of its own.
      if (!watch.isMade(slot) || taken.has(slot)) slot = watch.addCopy(slot, type);
      taken.add(slot);
      outputs.set(name, slot);
    }
    for (const tensor of [...Object.values(inputs), ...Object.values(results)]) tensor.dispose();
    return new Program(binding, watch.finish(outputs));
  } catch (error) {
    watch.abandon();
    throw error;
  } finally {
    backend.binding = binding;
  }
}

/** Stands in for the binding while the kernels run, and notes what they call. */
class Watch {
  readonly binding: NativeBinding;
  private readonly real: NativeBinding;
  private readonly calls: Call[] = [];
  private readonly inputs = new Map<string, Slot>();
  private readonly constants = new Map<Slot, NativeId>();
  private readonly slots = new Map<NativeId, Slot>();
  private readonly made = new Set<Slot>();
  private readonly literals = new Map<string, NativeId>();
  /** Tensors of this run that are to be freed in the end. */
  private readonly living = new Set<NativeId>();
  private slotCount = 0;

  constructor(real: NativeBinding) {
    this.real = real;
    const watched: Partial<NativeBinding> = {
      createTensor: (shape, dtype, values) => this.literal(shape, dtype, values),
      executeOp: (op, attributes, inputs, count) => this.execute(op, attributes, inputs, count),
      deleteTensor: (id) => {
        if (this.living.delete(id)) this.real.deleteTensor(id);
      },
      tensorDataSync: () => {
        throw new Error('a kernel asked for values; it cannot be part of a program');
      },
    };
    // Everything else is the binding's own, constants included; its properties are read-only, so they are redefined.
    const properties = Object.entries(watched).map(([name, value]) => [name, { value }] as const);
    this.binding = Object.create(real, Object.fromEntries(properties)) as NativeBinding;
  }

  addInput(name: string, id: NativeId): void {
    this.inputs.set(name, this.newSlot(id));
    this.living.add(id);
  }

  /** The slot of a tensor that the kernels gave back. */
  slotOf(tensor: tf.Tensor): Slot {
    const { backend } = tf.engine();
    const [id] = (
      backend as unknown as { getInputTensorIds(tensors: readonly tf.Tensor[]): NativeId[] }
    ).getInputTensorIds([tensor]);
    return this.slots.get(id!)!;
  }

  /** Whether an op of each run makes it. */
  isMade(slot: Slot): boolean {
    return this.made.has(slot);
  }

  addCopy(slot: Slot, dtype: number): Slot {
    const copy = this.slotCount++;
    const attributes = [{ name: 'T', type: this.real.TF_ATTR_TYPE, value: dtype }];
    this.calls.push({ op: 'Identity', attributes, inputs: [slot], outputs: [copy], frees: [] });
    return copy;
  }

  /** Drops what leads to no output, says when each value is used last, and frees what this run has left. */
  finish(outputs: ReadonlyMap<string, Slot>): Traced {
    const kept = new Set(outputs.values());
    const seen = new Set(kept);
    const calls: Call[] = [];
    for (const call of this.calls.toReversed()) {
      if (!call.outputs.some((slot) => seen.has(slot))) continue;
      const frees: Slot[] = [];
      for (const slot of [...call.inputs, ...call.outputs]) {
        if (seen.has(slot)) continue;
        seen.add(slot);
        if (this.made.has(slot)) frees.push(slot);
      }
      calls.push({ ...call, frees });
    }
    for (const id of this.living) this.real.deleteTensor(id);
    this.living.clear();
    const constants = new Map<Slot, NativeId>();
    for (const [slot, id] of this.constants) {
      if (seen.has(slot)) constants.set(slot, id);
      else this.real.deleteTensor(id);
    }
    const { inputs, slotCount } = this;
    return { calls: calls.reverse(), inputs, outputs, constants, slotCount };
  }

  /** Frees everything, after an error. */
  abandon(): void {
    for (const id of [...this.living, ...this.constants.values()]) this.real.deleteTensor(id);
  }

  private newSlot(id: NativeId): Slot {
    const slot = this.slotCount++;
    this.slots.set(id, slot);
    return slot;
  }

  private literal(shape: readonly number[], dtype: number, values: HostTensor['data']): NativeId {
    const key =
      values.length <= 64 ? `${dtype} [${shape.join()}] ${Array.from(values, numeral).join()}` : null;
    const held = key === null ? undefined : this.literals.get(key);
    if (held !== undefined) return held;
    const id = this.real.createTensor(shape, dtype, values);
    this.constants.set(this.newSlot(id), id);
    if (key !== null) this.literals.set(key, id);
    return id;
  }

  private execute(
    op: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly NativeId[],
    count: number,
  ): NativeTensor[] {
    const tensors = this.real.executeOp(op, attributes, inputs, count);
    const from = inputs.map((id) => this.slots.get(id)!);
    if (op === 'Cast' && isToSameType(attributes)) {
      const { id } = tensors[0]!;
      this.slots.set(id, from[0]!);
      this.living.add(id);
      return tensors;
    }
    const to = tensors.map(({ id }) => this.newSlot(id));
    if (from.every((slot) => this.constants.has(slot))) {
      tensors.forEach(({ id }, i) => this.constants.set(to[i]!, id));
      return tensors;
    }
    for (const slot of to) this.made.add(slot);
    for (const { id } of tensors) this.living.add(id);
    this.calls.push({ op, attributes, inputs: from, outputs: to, frees: [] });
    return tensors;
  }
}

/** A cast that changes nothing, which tfjs-node-gpu puts before every mean. */
function isToSameType(attributes: readonly NativeAttribute[]): boolean {
  const type = (name: string): unknown => attributes.find((attribute) => attribute.name === name)?.value;
  return type('SrcT') === type('DstT');
}

/** A number's text, with the sign of zero. */
function numeral(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
