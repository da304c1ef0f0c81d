// Runs a recorded graph kernel by kernel on any tfjs backend, freeing each value after its last use.
// On tfjs's own CPU backend this is the reference that everything else is tested against.
import * as tf from '@tensorflow/tfjs-core';
import type { Graph, HostTensor, Node, TensorSpec, Value, ValueId } from './graph.ts';
import { filledArray } from './kernels/kernel.ts';
import { inWords as opInWords } from './running-op.ts';

/** A kernel call, and the values that no later call needs. */
export interface PlannedCall {
  readonly node: Node;
  readonly lastUses: readonly ValueId[];
}

/** The graph's calls in order, each with the values to free after it; inputs, constants and outputs are never freed. */
export function planCalls(graph: Graph): readonly PlannedCall[] {
  const kept = new Set<ValueId>(Object.values(graph.outputs));
  const seen = new Set<ValueId>();
  const calls: PlannedCall[] = [];
  for (const node of graph.nodes.toReversed()) {
    const lastUses: ValueId[] = [];
    for (const id of [...Object.values(node.inputs), ...node.outputs]) {
      if (seen.has(id)) continue;
      seen.add(id);
      if (!kept.has(id) && graph.values[id]!.source.kind === 'node') lastUses.push(id);
    }
    calls.push({ node, lastUses });
  }
  return calls.reverse();
}

/** The values of a constant. */
export function constantData(value: Value): HostTensor['data'] {
  if (value.source.kind !== 'constant') throw new RangeError(`value ${value.id} is not a constant`);
  const { constant } = value.source;
  if (constant.kind === 'data') return constant.data;
  return filledArray(value, constant.value);
}

/**
 * Runs `graph` on the current tfjs backend and returns its outputs' values. Inputs are tfjs tensors, which stay the caller's, or
 * values with shape and type. Throws RangeError for a missing
 * input or one of another shape or type, and Error if a kernel returns another shape or type than was recorded.
 */
export async function replay(
  graph: Graph,
  inputs: Readonly<Record<string, HostTensor | tf.Tensor>>,
): Promise<Record<string, HostTensor>> {
  const engine = tf.engine();
  engine.startScope('replay');
  try {
    const tensors: Record<string, tf.Tensor> = {};
    for (const [name, id] of Object.entries(graph.inputs)) {
      const { shape, dtype } = graph.values[id]!;
      const given: HostTensor | tf.Tensor | undefined = inputs[name];
      if (given === undefined) throw new RangeError(`replay: input '${name}' is missing`);
      if (given.shape.join() !== shape.join() || given.dtype !== dtype) {
        const expected = inWords({ shape, dtype });
        throw new RangeError(
          `replay: input '${name}': got ${inWords(given as TensorSpec)}, expected ${expected}`,
        );
      }
      tensors[name] = given instanceof tf.Tensor ? given : engine.makeTensor(given.data, [...shape], dtype);
    }
    const results = runKernels(graph, tensors);
    const outputs: Record<string, HostTensor> = {};
    for (const [name, id] of Object.entries(graph.outputs)) {
      const { shape, dtype } = graph.values[id]!;
      outputs[name] = { shape, dtype, data: (await results[name]!.data()) as HostTensor['data'] };
    }
    for (const tensor of Object.values(results)) tensor.dispose();
    return outputs;
  } finally {
    engine.endScope();
  }
}

/** Computes a kernel in place of the backend's own; returns null to leave this call to the backend. */
export type Substitute = (inputs: Readonly<Record<string, tf.Tensor>>, node: Node) => tf.Tensor | null;

/**
 * Runs the graph's kernels on the current backend, with one tensor for each input, and returns the outputs, which the caller
 * disposes of. `substitutes`, by kernel name, take precedence over the backend's kernels.
 * Throws Error if a kernel returns another shape or type than was recorded.
 */
export function runKernels(
  graph: Graph,
  inputs: Readonly<Record<string, tf.Tensor>>,
  substitutes: Readonly<Record<string, Substitute>> = {},
): Record<string, tf.Tensor> {
  const engine = tf.engine();
  const tensors = new Map<ValueId, tf.Tensor>();
  const owned = new Set<tf.Tensor>();
  engine.startScope('kernels');
  try {
    const keep = (id: ValueId, tensor: tf.Tensor): void => {
      tensors.set(id, tf.keep(tensor));
      owned.add(tensor);
    };
    for (const value of graph.values) {
      const { id, shape, dtype, source } = value;
      if (source.kind === 'constant') keep(id, engine.makeTensor(constantData(value), [...shape], dtype));
      // A clone, because an output may be an input, and the caller disposes of outputs.
      if (source.kind === 'input' && source.name in inputs) keep(id, tf.clone(inputs[source.name]!));
    }
    for (const { node, lastUses } of planCalls(graph)) {
      const named = Object.fromEntries(
        Object.entries(node.inputs).map(([name, id]) => [name, tensors.get(id)!]),
      );
      const result = substitutes[node.kernel]?.(named, node) ?? runKernel(node, named);
      (Array.isArray(result) ? result : [result]).forEach((tensor, i) => {
        keep(node.outputs[i]!, tensor);
        checkResult(node, tensor, graph.values[node.outputs[i]!]!);
      });
      for (const id of lastUses) tensors.get(id)!.dispose();
    }
    return Object.fromEntries(
      Object.entries(graph.outputs).map(([name, id]) => [name, tf.keep(tf.clone(tensors.get(id)!))]),
    );
  } finally {
    for (const tensor of owned) if (!tensor.isDisposed) tensor.dispose();
    engine.endScope();
  }
}

/** Runs the backend's own kernel. Throws Error with the kernel's name if the backend does. */
function runKernel(node: Node, inputs: Readonly<Record<string, tf.Tensor>>): tf.Tensor | tf.Tensor[] {
  const given = '0' in inputs ? Object.values(inputs) : inputs;
  try {
    return tf
      .engine()
      .runKernel(
        node.kernel,
        given as unknown as tf.NamedTensorMap,
        node.attrs as unknown as tf.NamedAttrMap,
      ) as unknown as tf.Tensor | tf.Tensor[];
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim() : String(error);
    throw new Error(`kernel '${node.kernel}' (asked for by ${opInWords(node.op)}): ${reason}`, {
      cause: error,
    });
  }
}

function checkResult(node: Node, made: tf.Tensor, recorded: Value): void {
  const { shape, dtype } = made;
  if (shape.join() === recorded.shape.join() && dtype === recorded.dtype) return;
  const got = `${dtype} [${shape}]`;
  throw new Error(`replay: kernel '${node.kernel}' made ${got}, recorded was ${inWords(recorded)}`);
}

function inWords({ shape, dtype }: TensorSpec): string {
  return `${dtype} [${shape}]`;
}
