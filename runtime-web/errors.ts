// The error classes that pages can tell apart. comlink carries an error from the worker as name and message; the page rebuilds it.
import { ModelFormatError } from './format/model-format-error.ts';

/** A file of a model or of the runtime cannot be fetched, or differs from the published one. The message names the URL. */
export class ModelLoadError extends Error {
  override readonly name: string = 'ModelLoadError';
}

/** The requested device is missing. */
export class DeviceUnavailableError extends Error {
  override readonly name: string = 'DeviceUnavailableError';
}

/** The worker could not be started, or has ended. */
export class WorkerError extends Error {
  override readonly name: string = 'WorkerError';
}

const classes: Readonly<Record<string, new (message: string) => Error>> = {
  ModelFormatError,
  ModelLoadError,
  DeviceUnavailableError,
  WorkerError,
  // Thrown where a policy refuses WebAssembly; Safari throws the second.
  CompileError: DeviceUnavailableError,
  EvalError: DeviceUnavailableError,
  RangeError,
  TypeError,
};

/** An error from the worker, as an instance of its own class again. */
export function rebuiltError({ name, message }: Pick<Error, 'name' | 'message'>): Error {
  const known = classes[name];
  return known === undefined ? Object.assign(new Error(message), { name }) : new known(message);
}
