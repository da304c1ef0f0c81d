// What every engine checks before it touches its state or runs, so that all of them say it alike.
import type { HostTensor, TensorSpec } from '../graph/trace/graph.ts';
import type { NamedHostTensors } from './engine.ts';

/** The tensor given for an input. Throws RangeError where it is missing or not what was compiled for. */
export function checkInput(name: string, tensor: HostTensor | undefined, spec: TensorSpec): HostTensor {
  if (tensor === undefined) throw new RangeError(`input '${name}' is missing`);
  if (tensor.shape.join() !== spec.shape.join() || tensor.dtype !== spec.dtype) {
    throw new RangeError(
      `input '${name}': got ${tensor.dtype} [${tensor.shape}], expected ${spec.dtype} [${spec.shape}]`,
    );
  }
  return tensor;
}

/** Throws RangeError for an entry whose shape is not the held one's. */
export function checkShapes(entries: NamedHostTensors, held: (name: string) => TensorSpec | undefined): void {
  for (const [name, { shape }] of Object.entries(entries)) {
    const expected = held(name);
    if (expected !== undefined && expected.shape.join() !== shape.join()) {
      throw new RangeError(`state entry '${name}': got [${shape}], expected [${expected.shape}]`);
    }
  }
}
