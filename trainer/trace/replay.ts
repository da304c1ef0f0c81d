// Runs a recorded graph kernel by kernel on any tfjs backend, freeing each value after its last use.
// On tfjs's own CPU backend this is the reference that everything else is tested against.
import * as tf from '@tensorflow/tfjs-core';
import type { Graph, HostTensor, Node, TensorSpec, Value, ValueId } from './graph.ts';
import { filledArray } from './kernels/kernel.ts';

/** A kernel call, with the values that nothing needs any more once it has run. */
export interface PlannedCall {
  readonly node: Node;
  readonly lastUses: readonly ValueId[];
}

/** The graph's calls in order, each with the values to free behind it; inputs, constants and outputs are never freed. */
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
 * Runs `graph` on the current tfjs backend and returns its outputs' values. Throws RangeError for a missing
 * input or one of another shape or type, and Error where a kernel makes another shape or type than was recorded.
 */
export async function replay(
  graph: Graph,
  inputs: Readonly<Record<string, HostTensor>>,
): Promise<Record<string, HostTensor>> {
  const engine = tf.engine();
  const held = new Map<ValueId, tf.Tensor>();
  const mine: tf.Tensor[] = [];
  engine.startScope('replay');
  try {
    const hold = (id: ValueId, tensor: tf.Tensor): void => {
      held.set(id, tf.keep(tensor));
      mine.push(tensor);
    };
    for (const value of graph.values) {
      const { shape, dtype, source } = value;
      if (source.kind === 'constant')
        hold(value.id, engine.makeTensor(constantData(value), [...shape], dtype));
      if (source.kind !== 'input') continue;
      const given = inputs[source.name];
      if (given === undefined) throw new RangeError(`replay: input '${source.name}' is missing`);
      if (given.shape.join() !== shape.join() || given.dtype !== dtype) {
        throw new RangeError(
          `replay: input '${source.name}': got ${inWords(given)}, expected ${inWords(value)}`,
        );
      }
      hold(value.id, engine.makeTensor(given.data, [...shape], dtype));
    }
    for (const { node, lastUses } of planCalls(graph)) {
      const named = Object.fromEntries(
        Object.entries(node.inputs).map(([name, id]) => [name, held.get(id)!]),
      );
      const isList = '0' in named;
      const result = engine.runKernel(
        node.kernel,
        (isList ? Object.values(named) : named) as unknown as tf.NamedTensorMap,
        node.attrs as unknown as tf.NamedAttrMap,
      ) as unknown as tf.Tensor | tf.Tensor[];
      (Array.isArray(result) ? result : [result]).forEach((tensor, i) => {
        hold(node.outputs[i]!, tensor);
        checkMade(node, tensor, graph.values[node.outputs[i]!]!);
      });
      for (const id of lastUses) held.get(id)!.dispose();
    }
    const outputs: Record<string, HostTensor> = {};
    for (const [name, id] of Object.entries(graph.outputs)) {
      const { shape, dtype } = graph.values[id]!;
      outputs[name] = { shape, dtype, data: (await held.get(id)!.data()) as HostTensor['data'] };
    }
    return outputs;
  } finally {
    for (const tensor of mine) if (!tensor.isDisposed) tensor.dispose();
    engine.endScope();
  }
}

function checkMade(node: Node, made: tf.Tensor, recorded: Value): void {
  const { shape, dtype } = made;
  if (shape.join() === recorded.shape.join() && dtype === recorded.dtype) return;
  const got = `${dtype} [${shape}]`;
  throw new Error(`replay: kernel '${node.kernel}' made ${got}, recorded was ${inWords(recorded)}`);
}

function inWords({ shape, dtype }: TensorSpec): string {
  return `${dtype} [${shape}]`;
}
