// Compares a file's inputs and outputs with model.json, so that no image of another shape is drawn, and none is made first.
import type { InferenceSession } from 'onnxruntime-web';
import { ModelLoadError } from '../errors.ts';
import type { Model } from '../format/model.ts';
import type { Feeds, Outputs } from './feeds.ts';

/** Shapes by name, without the batch axis. */
type Shapes = Readonly<Record<string, readonly number[]>>;

/** The main input and the outputs that a file must have; files other than the generator's are in file-shapes.ts. */
export interface FileShapes {
  readonly inputs: Shapes;
  readonly outputs: Shapes;
}

/** The shapes of a generator's file. */
export function generatorShapes({ width, height, channels, latent }: Model): FileShapes {
  return { inputs: { z: [latent.dim] }, outputs: { images: [height, width, channels] } };
}

/** Throws ModelLoadError for a session that declares other shapes; `file` names it in the message. */
export function checkSession(
  { inputMetadata, outputMetadata }: InferenceSession,
  { inputs, outputs }: FileShapes,
  file: string,
): void {
  const check = (values: readonly InferenceSession.ValueMetadata[], shapes: Shapes): void => {
    for (const [name, rest] of Object.entries(shapes)) {
      const value = values.find((candidate) => candidate.name === name);
      const typed = (type: string, sizes: readonly (number | string)[]) =>
        `${type} [${['n', ...sizes].join()}]`;
      const got = value?.isTensor === true ? typed(value.type, value.shape.slice(1)) : 'missing';
      compare(file, name, got, typed('float32', rest));
    }
  };
  check(inputMetadata, inputs);
  check(outputMetadata, outputs);
}

/** Throws ModelLoadError for outputs that differ from what the file declares, as it can compute a shape while it runs. */
export function checkOutputs(
  tensors: Readonly<Record<string, Pick<Outputs[string], 'dims'>>>,
  given: Feeds,
  { outputs: shapes }: FileShapes,
  file: string,
): void {
  const [count] = Object.values(given)[0]![1];
  for (const [name, { dims }] of Object.entries(tensors)) {
    const rest = shapes[name];
    if (rest !== undefined) compare(file, name, `[${dims.join()}]`, `[${[count, ...rest].join()}]`);
  }
}

function compare(file: string, name: string, got: string, expected: string): void {
  if (got === expected) return;
  throw new ModelLoadError(
    `${file}: '${name}' is ${got}, expected ${expected} by its model.json; export the model again`,
  );
}
