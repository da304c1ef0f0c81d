// One kind of file that `dcgan import` reads. Each kind has a file of its own in this folder.
import type { CommandContext } from '../../command-line/context.ts';
import type { CommandOption } from '../../command-line/options.ts';

/** The flags that every kind of file shares. */
export interface ImportFlags {
  /** The folder to write. */
  readonly out: string;
  readonly name: string | null;
  readonly json: boolean;
  /** Further flags, of the format's own options. */
  readonly [name: string]: unknown;
}

/** A kind of file. */
export interface ImportFormat {
  /** Its name in messages. */
  readonly title: string;
  /** Endings of its files, in lower case, with the dot. */
  readonly endings: readonly string[];
  /** Options that only this format has. */
  readonly options: readonly CommandOption[];
  /** Arguments of the command, as examples for `--help`. */
  readonly examples?: readonly string[];
  /** Imports the files, given as absolute paths. Throws UserError for files that cannot be imported. */
  readonly run: (files: readonly string[], flags: ImportFlags, context: CommandContext) => Promise<void>;
}
