// Compares a file's inputs and outputs with model.json, so that no image of another shape is drawn, and none is made first.
import type { InferenceSession } from 'onnxruntime-web';
import { ModelLoadError } from '../errors.ts';
import type { Model } from '../format/model.ts';
import type { LoadedRole } from '../protocol.ts';
import type { Feeds, Outputs } from './feeds.ts';

/** Shapes by name, without the batch axis. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** The outputs that a file must have. */
export function outputShapes(model: Model, role: LoadedRole): Shapes {
  const { imageSize, channels, latent, steering, styles } = model;
  if (role === 'discriminator') return { logits: [] };
  if (role === 'mapping') return { w: [styles?.dim ?? 0] };
  const images = [imageSize, imageSize, channels];
  if (role !== 'restoring' && role !== 'steering') return { images };
  const next = { nextZ: [latent.dim], nextFirst: [latent.dim], nextSecond: [latent.dim] };
  return { images, ...next, ...(role === 'steering' ? { verdicts: [steering?.length ?? 0] } : { loss: [] }) };
}

/** Throws ModelLoadError for a session whose declared latent or outputs differ; `file` names it in the message. */
export function checkSession(session: InferenceSession, model: Model, shapes: Shapes, file: string): void {
  const declared = (values: readonly InferenceSession.ValueMetadata[], name: string): string => {
    const value = values.find((candidate) => candidate.name === name);
    return value?.isTensor === true ? `${value.type} [n,${value.shape.slice(1).join()}]` : 'nothing';
  };
  const { inputMetadata, outputMetadata } = session;
  const z = declared(inputMetadata, 'z');
  if (z !== 'nothing') compare(file, 'z', z, wanted([model.latent.dim]));
  for (const [name, rest] of Object.entries(shapes)) {
    compare(file, name, declared(outputMetadata, name), wanted(rest));
  }
}

/** Throws ModelLoadError for outputs that differ from what the file declares, as it can compute a shape while it runs. */
export function checkOutputs(
  outputs: Readonly<Record<string, Pick<Outputs[string], 'dims'>>>,
  given: Feeds,
  shapes: Shapes,
  file: string,
): void {
  const [count] = Object.values(given)[0]![1];
  for (const [name, { dims }] of Object.entries(outputs)) {
    const rest = shapes[name];
    if (rest !== undefined) compare(file, name, `[${dims.join()}]`, `[${[count, ...rest].join()}]`);
  }
}

const wanted = (rest: readonly number[]): string => `float32 [n,${rest.join()}]`;

function compare(file: string, name: string, got: string, expected: string): void {
  if (got === expected) return;
  throw new ModelLoadError(
    `${file}: '${name}' is ${got}, expected ${expected} by its model.json; export the model again`,
  );
}
