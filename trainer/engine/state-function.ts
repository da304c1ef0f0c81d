// Records a function over the state as a graph. State entries keep their names as graph inputs; the function's inputs, outputs and
// next state entries have prefixes.
import { graphNames } from '../../runtime-web/format/training/graph-names.ts';
import { record } from '../graph/trace/record.ts';
import type { Graph, TensorSpec } from '../graph/trace/graph.ts';
import type { NamedTensors, StateFunction } from './engine.ts';

/** A recorded {@link StateFunction}: the graph, and the names of the entries, inputs and outputs that it uses. */
export interface RecordedFunction {
  readonly graph: Graph;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Names in the graph: a state entry's next value, an output and an input of the function. */
export const { next: nextName, output: outputName, input: inputName } = graphNames;

/**
 * Records `fn` for a state and inputs of these shapes. State entries and inputs that `fn` does not read are left out of the graph.
 * Throws RangeError if `fn` returns an unknown state entry or one of another shape or type.
 */
export function recordStateFunction(
  fn: StateFunction,
  state: Readonly<Record<string, TensorSpec>>,
  inputs: Readonly<Record<string, TensorSpec>>,
): RecordedFunction {
  const specs: Record<string, TensorSpec> = { ...state };
  for (const [name, spec] of Object.entries(inputs)) specs[inputName(name)] = spec;
  let writes: string[] = [];
  let outputs: string[] = [];

  const graph = record((tensors) => {
    const pick = (names: readonly string[], key: (name: string) => string): NamedTensors =>
      Object.fromEntries(names.map((name) => [name, tensors[key(name)]!]));
    const given = fn(
      pick(Object.keys(state), (name) => name),
      pick(Object.keys(inputs), inputName),
    );
    const next = given.state ?? {};
    for (const [name, tensor] of Object.entries(next)) {
      const expected = state[name];
      if (expected === undefined) throw new RangeError(`state entry '${name}' does not exist`);
      if (expected.shape.join() !== tensor.shape.join() || expected.dtype !== tensor.dtype) {
        throw new RangeError(
          `state entry '${name}': got ${tensor.dtype} [${tensor.shape}], expected ${expected.dtype} [${expected.shape}]`,
        );
      }
    }
    writes = Object.keys(next);
    outputs = Object.keys(given.outputs ?? {});
    const result: Record<string, (typeof next)[string]> = {};
    for (const [name, tensor] of Object.entries(next)) result[nextName(name)] = tensor;
    for (const [name, tensor] of Object.entries(given.outputs ?? {})) result[outputName(name)] = tensor;
    return result;
  }, specs);

  const used = new Set(graph.nodes.flatMap((node) => Object.values(node.inputs)));
  for (const id of Object.values(graph.outputs)) used.add(id);
  const kept = Object.fromEntries(Object.entries(graph.inputs).filter(([, id]) => used.has(id)));
  return {
    graph: { ...graph, inputs: kept },
    reads: Object.keys(state).filter((name) => name in kept),
    writes,
    inputs: Object.keys(inputs).filter((name) => inputName(name) in kept),
    outputs,
  };
}
