// An entry of a training state, which a damaged or foreign checkpoint may lack.
import type { NamedHostTensors } from '../engine/engine.ts';
import type { HostTensor } from '../graph/trace/graph.ts';

/** The entry called `name`. Throws RangeError with the name if the state lacks it. */
export function stateEntry(state: NamedHostTensors, name: string): HostTensor {
  const tensor = state[name];
  if (tensor === undefined) throw new RangeError(`the state has no entry '${name}'`);
  return tensor;
}
