// What the inputs of a file look like.
import type { InferenceSession } from 'onnxruntime-web';

/** The inputs' shapes by name; a batch has a name in the place of a number. */
export function inputShapes(
  inputs: InferenceSession['inputMetadata'],
): Readonly<Record<string, readonly (number | string)[]>> {
  return Object.fromEntries(inputs.map((input) => [input.name, input.isTensor ? input.shape : []]));
}
