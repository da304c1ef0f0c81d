// Checks of inputs and state entries, shared by all engines.
import type { HostTensor, TensorSpec } from '../graph/trace/graph.ts';
import type { NamedHostTensors } from './engine.ts';

/** Returns the tensor of an input. Throws RangeError if it is missing or differs in shape or type from the compiled spec. */
export function checkInput(name: string, tensor: HostTensor | undefined, spec: TensorSpec): HostTensor {
  if (tensor === undefined) throw new RangeError(`input '${name}' is missing`);
  if (tensor.shape.join() !== spec.shape.join() || tensor.dtype !== spec.dtype) {
    throw new RangeError(
      `input '${name}': got ${tensor.dtype} [${tensor.shape}], expected ${spec.dtype} [${spec.shape}]`,
    );
  }
  return tensor;
}

/** Throws RangeError for an entry whose shape differs from the existing entry's, which `specOf` returns. */
export function checkShapes(
  entries: NamedHostTensors,
  specOf: (name: string) => TensorSpec | undefined,
): void {
  for (const [name, { shape }] of Object.entries(entries)) {
    const expected = specOf(name);
    if (expected !== undefined && expected.shape.join() !== shape.join()) {
      throw new RangeError(`state entry '${name}': got [${shape}], expected [${expected.shape}]`);
    }
  }
}
