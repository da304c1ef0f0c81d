// The error classes that pages can tell apart. An error crosses from the worker as name and message, and is rebuilt on the page.
import { ModelFormatError } from './format/model-format-error.ts';
import type { ErrorRecord } from './protocol.ts';

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
  RangeError,
  TypeError,
};

/** An error as plain data. */
export function errorRecord(error: unknown): ErrorRecord {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) };
}

/** The error, as an instance of its own class again. */
export function rebuiltError(error: unknown): Error {
  const { name, message } = errorRecord(error);
  const known = classes[name];
  return known === undefined ? Object.assign(new Error(message), { name }) : new known(message);
}
