// `dcgan data`: tells what training would see of some images, and draws 64 of them.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { fromFlags } from '../config/config.ts';
import { defaultConfig, flagOf, type ConfigKey } from '../config/fields.ts';
import { resolveOverDefault } from '../config/presets.ts';
import { someText } from '../config/rules.ts';
import { openDataset } from '../data/dataset.ts';
import { describeData } from '../data/open-source.ts';
import { imagesOfGrid } from '../data/real-images.ts';
import { labelLines, surveyLines } from '../data/survey-text.ts';
import { held } from '../held.ts';
import { layGrid, writeMarkedGrid } from '../pictures/grid.ts';
import { dataOfConfig, resolveData } from '../run/run-data.ts';
import { jsonOption } from '../command-line/common-options.ts';
import type { CommandContext } from '../command-line/context.ts';
import { addOptions, option, type FlagsOf } from '../command-line/options.ts';
import { planOutputs, shownPath } from '../command-line/outputs.ts';
import { refuseOverwriting } from '../command-line/refuse-overwriting.ts';
import { classList } from './train/plan-text.ts';
import { addKeyOptions, valuesOf } from './train/train-options.ts';

/** The keys of the configuration that decide what training sees, as options of `train`. */
const keys = [
  'classes',
  'labels',
  'labelColumn',
  'imageSize',
  'channels',
  'fit',
  'focus',
  'resample',
  'background',
] as const;
const gridName = 'reals.png';

const options = [
  option(
    '--out <file>',
    `PNG of 64 images as training will see them, or a folder for it (default: ${gridName})`,
    someText,
  ),
  jsonOption,
];
type DataFlags = FlagsOf<typeof options> & Readonly<Record<string, unknown>>;

/** Adds `data` to the program. */
export function addDataCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('data');
  const command = program
    .command('data')
    .description(
      'Show what training would see of some images: formats, sizes, labels and copies, and 64 of them as a PNG.',
    )
    .argument(
      '<images>',
      'as for train --data: a folder, a zip of one, IDX, CIFAR, STL-10, CelebA, or avatars',
    );
  addKeyOptions(command, keys);
  addOptions(command, options)
    .addHelpText(
      'after',
      `
The images are decoded into the cache that train uses, so train then starts at once. --channels is by
default what the images have.

Examples:
  ${call} photos --image-size 64
  ${call} portraits --labels portraits.csv
  ${call} pixel-art --image-size 32 --fit pad --resample nearest --background black`,
    )
    .action((path: string, flags: DataFlags) => showData(path, flags, context));
}

async function showData(given: string, flags: DataFlags, context: CommandContext): Promise<void> {
  const { cwd, print, warn, signal, invocation } = context;
  const values = valuesOf(flags, context);
  // Settings are checked before the data are opened.
  const settings = resolveOverDefault([{ source: fromFlags, values: { ...values, data: given } }]);
  const out = flags.out ?? gridName;
  const planned = await planOutputs({ cwd, out: [out], endings: ['.png'], name: 'data', modelFolder: cwd });
  const file = planned.files[0] ?? join(planned.folder!, gridName);
  if (planned.folder !== null) await refuseOverwriting(file, join(out, gridName));
  const data = resolveData(context, given);
  const channels =
    values['channels'] === undefined
      ? (await describeData(data, { labels: settings.labels, signal })).channels
      : settings.channels;
  await using progress = held(context.progress('images'));
  const opened = dataOfConfig({ ...settings, data, channels });
  await using dataset = held(
    await openDataset({
      ...opened,
      signal,
      warn,
      onProgress: ({ done, total }) => progress.show('reading images', done, total),
    }),
  );
  progress.close();
  const { name, kind, count, width, height, attributes, classNames, classCounts, survey, skipped } = dataset;
  const classes = classNames && Object.fromEntries(classNames.map((label, i) => [label, classCounts![i]!]));
  await mkdir(dirname(file), { recursive: true });
  await writeMarkedGrid(file, layGrid(await imagesOfGrid(dataset)));
  if (flags.json) {
    const { framing } = opened;
    const facts = { name, kind, images: count, width, height, channels, framing, classes, attributes };
    return print(JSON.stringify({ event: 'done', ...facts, survey, unreadable: skipped.count, reals: file }));
  }
  print(`data      ${name}: ${count.toLocaleString('en')} images, ${width}x${height}x${channels}`);
  for (const line of surveyLines(dataset, opened.framing)) print(line);
  for (const line of labelLines(dataset)) print(line);
  if (classes !== null) print(`classes   ${classList(classes)}`);
  print(`reals     ${shownPath(cwd, file)}`);
  const changed = Object.entries({ channels, ...values })
    .filter(([key, value]) => value !== defaultConfig[key as ConfigKey])
    .map(([key, value]) => ` ${flagOf(key as ConfigKey)} ${String(value)}`);
  print(`next      ${invocation('train')} --data ${given}${changed.join('')}`);
}
