// Compiles a recorded graph to a flat list of TensorFlow ops. tfjs-node-gpu's kernels choose the ops, so they run once while a tracer
// replaces the native binding and records its calls. Later runs call the ops directly, without tensors, tape or tidy of tfjs.
// Values that depend on no input are computed once and kept.
import type { TensorflowBackend } from './binding.ts';
import * as tf from '@tensorflow/tfjs-core';
import { arrayTypes, sizeOf, type Graph, type HostTensor } from '../../graph/trace/graph.ts';
import { runKernels } from '../../graph/trace/replay.ts';
import type { NativeAttribute, NativeBinding, NativeId, NativeTensor } from './binding.ts';
import { nativeType } from './binding.ts';
import { substitutes } from './substitutes.ts';

/** Index of a value in the program. */
type Slot = number;

/** One call of an op. */
interface Call {
  readonly op: string;
  readonly attributes: readonly NativeAttribute[];
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  /** Values whose last use is this call. */
  readonly frees: readonly Slot[];
}

/** The ops of a graph, ready to run. */
export class Program {
  private readonly binding: NativeBinding;
  private readonly calls: readonly Call[];
  private readonly inputs: ReadonlyMap<string, Slot>;
  private readonly outputs: ReadonlyMap<string, Slot>;
  /** Tensor of each slot. Constants are permanent; all others are valid during a run only. */
  private readonly ids: NativeId[];
  private readonly constants: readonly NativeId[];

  constructor(binding: NativeBinding, traced: Traced) {
    this.binding = binding;
    this.calls = traced.calls;
    this.inputs = traced.inputs;
    this.outputs = traced.outputs;
    this.ids = new Array<NativeId>(traced.slotCount).fill(-1);
    this.constants = [...traced.constants.values()];
    for (const [slot, id] of traced.constants) this.ids[slot] = id;
  }

  /**
   * Runs the ops. The caller keeps owning the inputs and becomes the owner of the outputs. `onCall` is called with the seconds of
   * each op. If an op fails, all tensors of this run are freed and the error is rethrown.
   */
  run(
    inputs: Readonly<Record<string, NativeId>>,
    onCall?: (op: string, seconds: number) => void,
  ): Record<string, NativeId> {
    const { binding, ids } = this;
    for (const [name, slot] of this.inputs) ids[slot] = inputs[name]!;
    const made = new Set<Slot>();
    try {
      for (const { op, attributes, inputs: from, outputs: to, frees } of this.calls) {
        const started = onCall === undefined ? 0 : performance.now();
        const tensors = binding.executeOp(
          op,
          attributes,
          from.map((slot) => ids[slot]!),
          to.length,
        );
        to.forEach((slot, i) => {
          ids[slot] = tensors[i]!.id;
          made.add(slot);
        });
        for (const slot of frees) {
          binding.deleteTensor(ids[slot]!);
          made.delete(slot);
        }
        onCall?.(op, (performance.now() - started) / 1000);
      }
    } catch (error) {
      for (const slot of made) binding.deleteTensor(ids[slot]!);
      throw error;
    }
    return Object.fromEntries([...this.outputs].map(([name, slot]) => [name, ids[slot]!]));
  }

  /** Frees the constants. */
  dispose(): void {
    for (const id of this.constants) this.binding.deleteTensor(id);
  }
}

/** The ops of one traced run. */
interface Traced {
  readonly calls: readonly Call[];
  readonly inputs: ReadonlyMap<string, Slot>;
  readonly outputs: ReadonlyMap<string, Slot>;
  readonly constants: ReadonlyMap<Slot, NativeId>;
  readonly slotCount: number;
}

/**
 * Compiles a graph by running it once on zeros. tfjs's current backend must be `tensorflow`. Throws Error if a kernel reads the values
 * of a tensor, or if a shape differs from the recorded one.
 */
export function compileProgram(graph: Graph, backend: TensorflowBackend): Program {
  const { binding } = backend;
  const tracer = new Tracer(binding);
  backend.binding = tracer.binding;
  try {
    const inputs: Record<string, tf.Tensor> = {};
    for (const [name, id] of Object.entries(graph.inputs)) {
      const { shape, dtype } = graph.values[id]!;
      const type = nativeType(binding, dtype);
      const size = sizeOf(shape);
      const make = arrayTypes[dtype];
      const native = binding.createTensor(shape, type, new make(size));
      tracer.addInput(name, native);
      inputs[name] = backend.createOutputTensor({ id: native, shape, dtype: type });
    }
    const results = runKernels(graph, inputs, substitutes);
    const outputs = new Map<string, Slot>();
    const used = new Set<Slot>();
    for (const [name, tensor] of Object.entries(results)) {
      const id = graph.outputs[name]!;
      const type = nativeType(binding, graph.values[id]!.dtype);
      let slot = tracer.slotOf(tensor);
      // An output that is an input, a constant or another output is copied, so that the caller can own it.
      if (!tracer.isMade(slot) || used.has(slot)) slot = tracer.addCopy(slot, type);
      used.add(slot);
      outputs.set(name, slot);
    }
    for (const tensor of [...Object.values(inputs), ...Object.values(results)]) tensor.dispose();
    return new Program(binding, tracer.finish(outputs));
  } catch (error) {
    tracer.abandon();
    throw error;
  } finally {
    backend.binding = binding;
  }
}

/** Replaces the binding while the kernels run, and records their calls. */
class Tracer {
  readonly binding: NativeBinding;
  private readonly real: NativeBinding;
  private readonly calls: Call[] = [];
  private readonly inputs = new Map<string, Slot>();
  private readonly constants = new Map<Slot, NativeId>();
  private readonly slots = new Map<NativeId, Slot>();
  private readonly made = new Set<Slot>();
  private readonly literals = new Map<string, NativeId>();
  /** Tensors of this run that must be freed at its end. */
  private readonly living = new Set<NativeId>();
  private slotCount = 0;

  constructor(real: NativeBinding) {
    this.real = real;
    const traced: Partial<NativeBinding> = {
      createTensor: (shape, dtype, values) => this.constant(shape, dtype, values),
      executeOp: (op, attributes, inputs, count) => this.execute(op, attributes, inputs, count),
      deleteTensor: (id) => {
        if (this.living.delete(id)) this.real.deleteTensor(id);
      },
      tensorDataSync: () => {
        throw new Error('a kernel read the values of a tensor; it cannot be part of a program');
      },
    };
    // All other members come from the real binding. Its properties are read-only, so these are redefined.
    const properties = Object.entries(traced).map(([name, value]) => [name, { value }] as const);
    this.binding = Object.create(real, Object.fromEntries(properties)) as NativeBinding;
  }

  addInput(name: string, id: NativeId): void {
    this.inputs.set(name, this.newSlot(id));
    this.living.add(id);
  }

  /** The slot of a tensor that a kernel returned. */
  slotOf(tensor: tf.Tensor): Slot {
    const { backend } = tf.engine();
    const [id] = (
      backend as unknown as { getInputTensorIds(tensors: readonly tf.Tensor[]): NativeId[] }
    ).getInputTensorIds([tensor]);
    return this.slots.get(id!)!;
  }

  /** True if an op computes the slot in every run; false for inputs and constants. */
  isMade(slot: Slot): boolean {
    return this.made.has(slot);
  }

  addCopy(slot: Slot, dtype: number): Slot {
    const copy = this.slotCount++;
    const attributes = [{ name: 'T', type: this.real.TF_ATTR_TYPE, value: dtype }];
    this.calls.push({ op: 'Identity', attributes, inputs: [slot], outputs: [copy], frees: [] });
    return copy;
  }

  /** Drops calls that no output depends on, determines each value's last use, and frees the tensors of this run. */
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

  /** Frees all tensors after an error. */
  abandon(): void {
    for (const id of [...this.living, ...this.constants.values()]) this.real.deleteTensor(id);
  }

  private newSlot(id: NativeId): Slot {
    const slot = this.slotCount++;
    this.slots.set(id, slot);
    return slot;
  }

  private constant(shape: readonly number[], dtype: number, values: HostTensor['data']): NativeId {
    const key =
      values.length <= 64 ? `${dtype} [${shape.join()}] ${Array.from(values, textOf).join()}` : null;
    const existing = key === null ? undefined : this.literals.get(key);
    if (existing !== undefined) return existing;
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

/** True for a cast to the same type, which tfjs-node-gpu inserts before every mean. */
function isToSameType(attributes: readonly NativeAttribute[]): boolean {
  const type = (name: string): unknown => attributes.find((attribute) => attribute.name === name)?.value;
  return type('SrcT') === type('DstT');
}

/** A number as text; -0 differs from 0. */
function textOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
