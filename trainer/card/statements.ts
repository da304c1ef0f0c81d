// The statements of a card that come from the user: nothing of it is guessed, and a later card keeps it.
import { maxTextBytes, readRegular } from '../files/regular-file.ts';
import { UserError } from '../errors.ts';

/** Texts of the user; null for what is not stated. */
export interface Statements {
  /** The training images: what they are, and where they come from. */
  readonly dataset: string | null;
  /** The licence of the training images. */
  readonly licence: string | null;
  /** The licence under which the model is published. */
  readonly modelLicence: string | null;
  readonly author: string | null;
  readonly contact: string | null;
  /** The purpose of the model, and uses that are not meant. */
  readonly intended: string | null;
  /** Failures that are known, one a text. */
  readonly failures: readonly string[];
}

/** The statements that are one text. */
export type StatedText = Exclude<keyof Statements, 'failures'>;

/** Every one-text statement, with the words before it in a card. */
export const statedTexts: Readonly<Record<StatedText, string>> = {
  dataset: 'Data set',
  licence: 'Licence of the data set',
  modelLicence: 'Licence of the model',
  author: 'Author',
  contact: 'Contact',
  intended: 'Intended use',
};

/** The text in the place of one that is missing. */
export const notStated = 'not stated';

/** The statements with the texts that `textOf` returns. */
function statementsOf(textOf: (key: StatedText) => string | null, failures: readonly string[]): Statements {
  const entries = Object.keys(statedTexts).map((key) => [key, textOf(key as StatedText)?.trim() || null]);
  return {
    ...(Object.fromEntries(entries) as Record<StatedText, string | null>),
    failures: failures.map((failure) => failure.trim()).filter((failure) => failure !== ''),
  };
}

/**
 * `given` over `earlier`: a text takes the place of the earlier one, an empty one removes it, null leaves it; failures replace the earlier
 * ones if there are any.
 */
export function withStatements(given: Statements, earlier: Statements | null): Statements {
  return statementsOf(
    (key) => given[key] ?? earlier?.[key] ?? null,
    given.failures.length === 0 ? (earlier?.failures ?? []) : given.failures,
  );
}

/** An earlier card, as far as a new one needs it. */
export interface EarlierCard {
  readonly model: string;
  readonly stated: Statements;
  /** The files that were published with it, by path in the folder; empty for a card alone. */
  readonly files: readonly { readonly file: string; readonly bytes: number; readonly sha256: string }[];
}

/** The card in a JSON file; null if there is no file. Throws UserError, which names the file, for one that is no card. */
export async function readEarlierCard(path: string): Promise<EarlierCard | null> {
  const bytes = await readRegular(path, maxTextBytes).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new UserError(`${path}: cannot be read: ${error.message}`);
  });
  if (bytes === null) return null;
  const refuse = (why: string): UserError =>
    new UserError(`${path}: ${why}, expected a card of this program; move it, or give another --out`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw refuse('not JSON');
  }
  const { card, model, stated, files } = (value ?? {}) as Record<string, unknown>;
  const name = (model as { name?: unknown } | null | undefined)?.name;
  if (typeof card !== 'string' || typeof name !== 'string' || typeof stated !== 'object' || stated === null) {
    throw refuse('has no card in it');
  }
  return { model: name, stated: statementsIn(stated as Record<string, unknown>), files: filesIn(files) };
}

function statementsIn({ failures, ...texts }: Readonly<Record<string, unknown>>): Statements {
  return statementsOf(
    (key) => (typeof texts[key] === 'string' ? texts[key] : null),
    Array.isArray(failures) ? failures.filter((failure) => typeof failure === 'string') : [],
  );
}

function filesIn(files: unknown): EarlierCard['files'] {
  if (!Array.isArray(files)) return [];
  return files.flatMap((entry: Partial<EarlierCard['files'][number]> | null) =>
    typeof entry?.file === 'string' && typeof entry.bytes === 'number' && typeof entry.sha256 === 'string'
      ? [{ file: entry.file, bytes: entry.bytes, sha256: entry.sha256 }]
      : [],
  );
}
