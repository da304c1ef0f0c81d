// The options by which a user states what a card says, and the place where a model's earlier card lies.
import { dirname, join, resolve } from 'node:path';
import {
  readEarlierCard,
  statedTexts,
  withStatements,
  type EarlierCard,
  type StatedText,
  type Statements,
} from '../card/statements.ts';
import { anyText } from '../config/rules.ts';
import { findingFolder } from '../run/save-finding.ts';
import type { CommandContext } from './context.ts';
import { grouped, option, repeatedOption, type FlagsOf } from './options.ts';

/** The options; an empty text removes a statement. */
export const statementOptions = grouped('What you state (kept by later cards; an empty text removes it)', [
  option('--dataset <text>', 'the training images: what they are, and where they come from', anyText),
  option('--licence <text>', 'licence of the training images', anyText),
  option(
    '--model-licence <text>',
    'licence under which the model is published, such as MIT or CC BY 4.0',
    anyText,
  ),
  option('--author <text>', 'author of the model', anyText),
  option('--contact <text>', 'address for questions', anyText),
  option('--intended <text>', 'what the model is meant for, and what it is not', anyText),
  repeatedOption('--failure <text>', 'a failure that is known; may be given several times', anyText),
]);

/** The statements of the flags over those of an earlier card. */
export function statementsOf(
  flags: FlagsOf<typeof statementOptions>,
  earlier: EarlierCard | null,
): Statements {
  const { failure: failures, ...texts } = flags;
  return withStatements({ ...texts, failures }, earlier?.stated ?? null);
}

/** The place of a model's card without `--out`: in its run, or for a model without one in the current folder. */
export async function cardPlace(cwd: string, modelFolder: string): Promise<string> {
  const inRun = await findingFolder(modelFolder, 'card');
  return inRun === null ? resolve(cwd, 'card.md') : join(dirname(dirname(inRun)), 'card.md');
}

/** The earlier card at a place, if it is one of the same model; warns of a file that cannot be read. */
export async function cardOfModel(
  path: string,
  model: string,
  { warn }: Pick<CommandContext, 'warn'>,
): Promise<EarlierCard | null> {
  const card = await readEarlierCard(path).catch((error: Error) => {
    warn(`note: nothing is kept of an earlier card: ${error.message}`);
    return null;
  });
  return card?.model === model ? card : null;
}

/** The flags of the texts that are not stated. */
export function missingFlags(stated: Statements): readonly string[] {
  const missing = (Object.keys(statedTexts) as StatedText[]).filter((key) => stated[key] === null);
  return missing.map((key) => `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
}
