// `dcgan synthesize`: writes a labelled folder of generated images, as training data for other programs.
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { someText, wholeNumber } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { drawSeeds } from '../model-package/draw-seeds.ts';
import { openModel } from '../command-line/open-model.ts';
import { temporaryEnding } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { imageName, imagePng } from '../pictures/grid.ts';
import type { CommandContext } from '../command-line/context.ts';
import { jsonOption, modelArgument } from '../command-line/common-options.ts';
import { addOptions, option, requiredOption, type FlagsOf } from '../command-line/options.ts';
import { shownPath } from '../command-line/outputs.ts';

const options = [
  requiredOption('--per-class <n>', 'images of each class', wholeNumber(1, 10_000_000)),
  option(
    '--from <n>',
    'first seed, rounded up to a multiple of the number of classes; each file is named after its seed',
    wholeNumber(0, Number.MAX_SAFE_INTEGER / 2),
    0,
  ),
  requiredOption('--out <folder>', 'folder for the images; new or empty', someText),
  jsonOption,
];
type SynthesizeFlags = FlagsOf<typeof options>;

/** Adds `synthesize` to the program. */
export function addSynthesizeCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('synthesize')
    .description('Write generated images to a folder for each class, as training data.')
    .argument('<model>', `${modelArgument}; it must be trained with --condition label`);
  addOptions(command, options)
    .addHelpText(
      'after',
      `
The folder is ready to train on, with this program or another. With c classes, seed s gives an image
of class s modulo c, so no two classes share a latent; \`sample --seeds\` generates the same images.

Example:
  ${context.invocation('synthesize')} runs/00002-fashion-mnist-dcgan-label --per-class 1000 --out synthetic`,
    )
    .action((model: string, flags: SynthesizeFlags) => synthesize(model, flags, context));
}

async function synthesize(path: string, flags: SynthesizeFlags, context: CommandContext): Promise<void> {
  const { cwd, print, signal } = context;
  const { perClass, from } = flags;
  const opened = await openModel(resolve(cwd, path), context);
  const { conditioning, name } = opened.model;
  if (conditioning?.kind !== 'classes') {
    throw new UserError(
      `${path}: ${name} has no classes to write folders for; train one with --condition label on images that have some`,
    );
  }
  const out = resolve(cwd, flags.out);
  await checkFree(out, flags.out);
  const folders = folderNames(conditioning.names);
  // Seed s has class s modulo the number of classes, so the first seed must be a multiple of it.
  const first = Math.ceil(from / folders.length) * folders.length;
  const seeds = Array.from({ length: perClass * folders.length }, (_, i) => first + i);

  const temporary = `${out}.${process.pid}${temporaryEnding}`;
  const progress = context.progress('images');
  try {
    await onDisk(
      out,
      () => 'nothing was written; free some space, or give another --out',
      async () => {
        for (const folder of folders) await mkdir(join(temporary, folder), { recursive: true });
        let drawn = 0;
        for await (const image of drawSeeds(opened, seeds, signal)) {
          const seed = seeds[drawn]!;
          const file = join(temporary, folders[seed % folders.length]!, imageName(seed, seeds.at(-1)!));
          await writeFile(file, await imagePng(image));
          progress.show('generating', ++drawn, seeds.length);
        }
        await rm(out, { recursive: true, force: true });
        await rename(temporary, out);
      },
    );
  } finally {
    progress.close();
    await rm(temporary, { recursive: true, force: true });
  }
  const facts = { out, model: opened.folder, images: seeds.length, perClass, classes: conditioning.names };
  if (flags.json) print(JSON.stringify({ event: 'done', ...facts }));
  else
    print(`${seeds.length} images of ${folders.length} classes, seeds from ${first}: ${shownPath(cwd, out)}`);
}

/** Throws UserError for a path that is a file or a folder that is not empty. */
async function checkFree(out: string, shown: string): Promise<void> {
  const entries = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new UserError(`--out ${shown}: expected a folder that is not there yet, or empty (${error.code})`);
  });
  if (entries.length > 0) {
    throw new UserError(`--out ${shown}: holds ${entries[0]} already; give a folder that is not there yet`);
  }
}

/** Class names as folder names that every system accepts; letters keep their marks and joiners, which Indic scripts need. Throws UserError if two become the same. */
export function folderNames(classes: readonly string[]): readonly string[] {
  const names = classes.map(
    (name) =>
      name
        .normalize('NFC')
        .replace(/[^\p{L}\p{M}\p{N}\p{Join_Control} _-]+/gu, '-')
        .trim() || 'class',
  );
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`classes: two of them make the same folder '${twice}'`);
  return names;
}
