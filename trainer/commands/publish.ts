// `dcgan publish`: writes a self-contained folder with a page, the card, the model and the viewer.
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { bytesText } from '../card/sections.ts';
import { notStated } from '../card/statements.ts';
import { jsonOption, modelArgument } from '../command-line/common-options.ts';
import type { CommandContext } from '../command-line/context.ts';
import { gatherCard } from '../command-line/gather-card.ts';
import { programVersion } from '../command-line/invocation.ts';
import { openModel } from '../command-line/open-model.ts';
import { addOptions, option, requiredOption, type FlagsOf } from '../command-line/options.ts';
import { shownPath } from '../command-line/outputs.ts';
import {
  cardOfModel,
  cardPlace,
  missingFlags,
  statementOptions,
  statementsOf,
} from '../command-line/statements.ts';
import { oneOf, someText } from '../config/rules.ts';
import {
  publishedCard,
  publishModel,
  refuseForeignFiles,
  samplesFile,
  type PublishedFile,
} from '../publish/publish-model.ts';
import { findViewer } from '../publish/viewer-files.ts';

const options = [
  requiredOption('--out <folder>', 'folder to write; one that publish has written is replaced', someText),
  option(
    '--device <name>',
    'auto: the page computes on WebGPU where that is faster; wasm: it never does, and the folder is 44 MB smaller',
    oneOf('auto', 'wasm'),
    'auto',
  ),
  option(
    '--viewer <folder>',
    "folder of the package dcgan-viewer; by default the installed one, or the clone's",
    someText,
  ),
  jsonOption,
  ...statementOptions,
];

/** Adds `publish` to the program. */
export function addPublishCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('publish');
  const command = program
    .command('publish')
    .summary('Write a folder for any static host or model hub: page, card, model and viewer.')
    .description(
      'Write a self-contained folder for any static host or model hub: a page with the live generator and the card, ' +
        'README.md and card.json, the model, and the files of the viewer. The page needs nothing outside of the folder. ' +
        'No path of this machine is in it.',
    )
    .argument('<model>', modelArgument);
  addOptions(command, options)
    .addHelpText(
      'after',
      `
What an earlier card of the model states is kept; see \`card\`.

Examples:
  ${call} runs/00001-avatars-dcgan-relativistic --out site
  ${call} models/flowers --out flowers-site --device wasm --model-licence 'CC BY 4.0' --author 'A. Author'`,
    )
    .action((model: string, flags: FlagsOf<typeof options>) => publish(model, flags, context));
}

async function publish(path: string, flags: FlagsOf<typeof options>, context: CommandContext): Promise<void> {
  const { cwd, print, warn, signal, viewerFiles } = context;
  const { device } = flags;
  const out = resolve(cwd, flags.out);
  const opened = await openModel(resolve(cwd, path), context);
  const viewer = await findViewer(flags.viewer === null ? null : resolve(cwd, flags.viewer), {
    usual: resolve(cwd, viewerFiles.folder),
    remedy: viewerFiles.make.join(' && '),
  });
  if (viewer.version !== null && viewer.version !== programVersion) {
    warn(`warning: the viewer is version ${viewer.version}, and this program ${programVersion}`);
  }
  await refuseForeignFiles(out);
  const { name, trainable } = opened.model;
  const inRun = (await cardPlace(cwd, opened.folder)).replace(/\.md$/, '.json');
  const earlier =
    (await cardOfModel(inRun, name, context)) ?? (await cardOfModel(join(out, publishedCard), name, context));
  const stated = statementsOf(flags, earlier);
  const { card, samples, places } = await gatherCard(opened, stated, samplesFile, context);
  const files = await publishModel(out, {
    ...{ opened, card, viewer, device, places, signal },
    samples: samples.grid,
    poster: samples.single,
  });
  if (trainable !== null)
    warn('note: the networks to train are left out; they hold more of the run than a page needs');
  const missing = missingFlags(stated);
  const bytes = totalOf(files, () => true);
  if (flags.json) {
    print(
      JSON.stringify({
        event: 'done',
        out,
        model: opened.folder,
        bytes,
        files: files.length,
        notStated: missing,
      }),
    );
    return;
  }
  const parts = ['model/', 'viewer/'].map(
    (part) => `${part} ${bytesText(totalOf(files, ({ file }) => file.startsWith(part)))}`,
  );
  const rest = totalOf(files, ({ file }) => !/^(model|viewer)\//.test(file));
  print(`${name}: ${shownPath(cwd, out)}, ${files.length} files, ${bytesText(bytes)}`);
  print(`  ${[...parts, `page and card ${bytesText(rest)}`].join(', ')}`);
  if (missing.length > 0) print(`${notStated}: ${missing.join(', ')}`);
}

function totalOf(files: readonly PublishedFile[], isPart: (file: PublishedFile) => boolean): number {
  return files.filter(isPart).reduce((sum, { bytes }) => sum + bytes, 0);
}
