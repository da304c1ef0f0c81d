// The error of an export that must not happen; its figures stand in the message.
import { UserError } from '../errors.ts';

/** A model package that was not written, because its files do not draw what the trained generator draws. */
export class ExportError extends UserError {
  override readonly name: string = 'ExportError';
}
