// `dcgan card`: writes a model's card, as Markdown and JSON, with a grid of samples.
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { cardMarkdown } from '../card/markdown.ts';
import { placeIn } from '../card/private-places.ts';
import { notStated, readEarlierCard } from '../card/statements.ts';
import { jsonOption, modelArgument } from '../command-line/common-options.ts';
import type { CommandContext } from '../command-line/context.ts';
import { gatherCard } from '../command-line/gather-card.ts';
import { openModel } from '../command-line/open-model.ts';
import { addOptions, option, type FlagsOf } from '../command-line/options.ts';
import { shownPath } from '../command-line/outputs.ts';
import { refuseOverwriting } from '../command-line/refuse-overwriting.ts';
import { cardPlace, missingFlags, statementOptions, statementsOf } from '../command-line/statements.ts';
import { someText } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';

const options = [
  option(
    '--out <file>',
    "Markdown file to write; its JSON and PNG are beside it. By default 'card.md' in the run, or in the current folder",
    someText,
  ),
  jsonOption,
  ...statementOptions,
];

/** Adds `card` to the program. */
export function addCardCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('card');
  const command = program
    .command('card')
    .summary(
      "Write a model's card: what it is, how it was trained and measured, and what you state about it.",
    )
    .description(
      "Write a model's card as Markdown and JSON: what it is, how it was trained, its figures with their protocol, the audit, " +
        'known failures and limits, samples, and what you state about data, licence and use. What you do not state is ' +
        `written as '${notStated}'.`,
    )
    .argument('<model>', modelArgument);
  addOptions(command, options)
    .addHelpText(
      'after',
      `
Examples:
  ${call} runs/00001-avatars-dcgan-relativistic --dataset 'faces drawn by this program' --licence CC0-1.0
  ${call} models/flowers --out flowers.md --author 'A. Author' --failure 'leaves are blurred'`,
    )
    .action((model: string, flags: FlagsOf<typeof options>) => card(model, flags, context));
}

async function card(path: string, flags: FlagsOf<typeof options>, context: CommandContext): Promise<void> {
  const { cwd, print } = context;
  const opened = await openModel(resolve(cwd, path), context);
  const { name } = opened.model;
  const file = flags.out === null ? await cardPlace(cwd, opened.folder) : resolve(cwd, flags.out);
  const shown = flags.out ?? shownPath(cwd, file);
  if (!/\.md$/i.test(file)) throw new UserError(`--out ${shown}: expected a name that ends in .md`);
  if ((await stat(dirname(file)).catch(() => null))?.isDirectory() !== true) {
    throw new UserError(`--out ${shown}: its folder does not exist; make it, or give another --out`);
  }
  const [json, png] = [file.replace(/\.md$/i, '.json'), file.replace(/\.md$/i, '.png')];
  const earlier = await readEarlierCard(json);
  if (earlier === null && (await stat(file).catch(() => null)) !== null) {
    throw new UserError(
      `--out ${shown}: there is such a file already, without the card of this program beside it; move it, or give another --out`,
    );
  }
  if (earlier !== null && earlier.model !== name) {
    throw new UserError(
      `--out ${shown}: is the card of ${earlier.model}, and this model is ${name}; move it, or give another --out`,
    );
  }
  if (earlier !== null && earlier.files.length > 0) {
    throw new UserError(`--out ${shown}: is in a published folder; give another --out, or use publish`);
  }
  await refuseOverwriting(png, shownPath(cwd, png));
  const {
    card: made,
    samples,
    places,
  } = await gatherCard(opened, statementsOf(flags, earlier), basename(png), context);
  const text = `${JSON.stringify(made, null, 2)}\n`;
  const place = placeIn(Buffer.from(text), places);
  if (place !== null)
    context.warn(`warning: the card names ${place}, a place on this machine, because you state it`);
  await onDisk(
    file,
    () => 'give another --out',
    async () => {
      await writeFileAtomically(png, samples.grid);
      await writeFileAtomically(json, text);
      await writeFileAtomically(file, cardMarkdown(made));
    },
  );
  const missing = missingFlags(made.stated);
  if (flags.json) {
    print(
      JSON.stringify({
        event: 'done',
        out: file,
        json,
        samples: png,
        model: opened.folder,
        notStated: missing,
      }),
    );
    return;
  }
  print(
    `card of ${name}: ${[file, json, png].map((one) => shownPath(cwd, one)).join(', ')}${earlier === null ? '' : ' (replaced)'}`,
  );
  if (missing.length > 0) print(`${notStated}: ${missing.join(', ')}`);
}
