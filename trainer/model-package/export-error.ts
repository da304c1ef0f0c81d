// The error of an export with a file that failed its comparison; the message has the figures.
import { UserError } from '../errors.ts';

/** A model package was not written, because a file's outputs differ from the checkpoint's. */
export class ExportError extends UserError {
  override readonly name: string = 'ExportError';
}
