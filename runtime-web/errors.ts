// The errors that pages tell apart, and how they cross from the worker: as a name and a message, made again on this side.
import { ModelFormatError } from './format/model-format-error.ts';
import type { ErrorRecord } from './protocol.ts';

/** A model, or a file of the runtime, that cannot be fetched or is not what was published: the message names the URL. */
export class ModelLoadError extends Error {
  override readonly name: string = 'ModelLoadError';
}

/** The device that was asked for is not there. */
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
  RangeError,
  TypeError,
};

/** What is left of an error when it crosses. */
export function errorRecord(error: unknown): ErrorRecord {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) };
}

/** The error, of its own class again. */
export function rebuiltError(error: unknown): Error {
  const { name, message } = errorRecord(error);
  const known = classes[name];
  return known === undefined ? Object.assign(new Error(message), { name }) : new known(message);
}
