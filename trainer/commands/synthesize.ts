// `dcgan synthesize`: a labelled folder of pictures from a model of classes, as training data for something else.
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { wholeNumber } from '../config/rules.ts';
import { UserError } from '../errors.ts';
import { drawSeeds } from '../model-package/draw-seeds.ts';
import { openPackage } from '../model-package/read-package.ts';
import { temporaryEnding } from '../files/atomic-file.ts';
import { onDisk } from '../files/disk.ts';
import { gridPng, layGrid } from '../pictures/grid.ts';
import type { CommandContext } from '../command-line/context.ts';
import { flagValue } from '../command-line/flags.ts';
import { shownPath } from '../command-line/outputs.ts';

/** The command's flags, as text. */
interface SynthesizeFlags {
  readonly perClass: string;
  readonly from: string;
  readonly out: string;
  readonly json?: true;
}

/** Adds `synthesize` to the program. */
export function addSynthesizeCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('synthesize');
  program
    .command('synthesize')
    .description('Write a labelled folder of pictures from a model of classes: a folder for each class.')
    .argument('<model>', 'a model package: its folder, the model.json in it, or the run that made it')
    .requiredOption('--per-class <n>', 'pictures of each class')
    .option('--from <n>', 'the first seed; a picture is named by its seed', '0')
    .requiredOption('--out <dir>', 'the folder to write; it must not be there yet, or be empty')
    .option('--json', 'print one JSON line only')
    .addHelpText(
      'after',
      `
The folder can be trained on as it is, by this program or another one. Pictures of a class are those of every so-manieth
seed, so that no two classes share their noise, and \`sample --seeds\` draws the same ones.

Examples:
  ${call} runs/00002-fashion-mnist-dcgan-label --per-class 1000 --out synthetic`,
    )
    .action((model: string, flags: SynthesizeFlags) => synthesize(model, flags, context));
}

async function synthesize(path: string, flags: SynthesizeFlags, context: CommandContext): Promise<void> {
  const { cwd, print, signal } = context;
  const perClass = flagValue<number>('--per-class', flags.perClass, wholeNumber(1, 10_000_000));
  const from = flagValue<number>('--from', flags.from, wholeNumber(0, Number.MAX_SAFE_INTEGER / 2));
  const opened = await openPackage(resolve(cwd, path));
  const { conditioning, name } = opened.model;
  if (conditioning?.kind !== 'classes') {
    throw new UserError(
      `${path}: ${name} has no classes to write folders for; train one with --condition label on images that have some`,
    );
  }
  const out = resolve(cwd, flags.out);
  await checkFree(out, flags.out);
  const folders = folderNames(conditioning.names);
  // Seeds whose turn it is: seed s is of class s modulo the number of classes.
  const first = Math.ceil(from / folders.length) * folders.length;
  const seeds = Array.from({ length: perClass * folders.length }, (_, i) => first + i);

  const temporary = `${out}.${process.pid}${temporaryEnding}`;
  const progress = context.progress('pictures');
  try {
    await onDisk(
      out,
      () => 'nothing was written; free some space, or give another --out',
      async () => {
        for (const folder of folders) await mkdir(join(temporary, folder), { recursive: true });
        let drawn = 0;
        for await (const image of drawSeeds(opened, seeds, signal)) {
          const seed = seeds[drawn]!;
          const file = join(
            temporary,
            folders[seed % folders.length]!,
            `${String(seed).padStart(7, '0')}.png`,
          );
          await writeFile(file, await gridPng(layGrid(image)));
          progress.show('drawing', ++drawn, seeds.length);
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

/** Throws UserError where something stands in the folder's place. */
async function checkFree(out: string, shown: string): Promise<void> {
  const entries = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new UserError(`--out ${shown}: expected a folder that is not there yet, or empty (${error.code})`);
  });
  if (entries.length > 0) {
    throw new UserError(`--out ${shown}: holds ${entries[0]} already; give a folder that is not there yet`);
  }
}

/** Classes as names of folders on every system. Throws UserError where two would be one. */
function folderNames(classes: readonly string[]): readonly string[] {
  const names = classes.map((name) => name.replace(/[^\p{L}\p{N} _-]+/gu, '-').trim() || 'class');
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`classes: two of them make the same folder '${twice}'`);
  return names;
}
