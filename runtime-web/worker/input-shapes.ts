// The shapes of a session's inputs.
import type { InferenceSession } from 'onnxruntime-web';

/** The shapes by input name; dynamic axes, such as the batch, are names instead of numbers. */
export function inputShapes(
  inputs: InferenceSession['inputMetadata'],
): Readonly<Record<string, readonly (number | string)[]>> {
  return Object.fromEntries(inputs.map((input) => [input.name, input.isTensor ? input.shape : []]));
}
