// The source of a model in words, for messages.
import type { Model } from '../../runtime-web/format/model.ts';

/** `step 500`, or `imported from netG.onnx` for a model that was not trained here. */
export function provenanceOf({ training, origin }: Pick<Model, 'training' | 'origin'>): string {
  if (training !== null) return `step ${training.steps}`;
  return `imported from ${origin?.files.map(({ file }) => file).join(' and ') ?? 'elsewhere'}`;
}
