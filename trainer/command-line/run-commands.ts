// The commands about a run that its report lists, for a shell in the folder in which training was started.
import { dirname, isAbsolute, resolve } from 'node:path';
import type { RecipeData } from '../config/apply-recipe.ts';
import { fieldOf, flagOf, totals, type ConfigKey, type TrainConfig } from '../config/fields.ts';
import { imageShape } from '../config/image-size.ts';
import { shortestFlags } from '../config/shortest-flags.ts';
import { noData } from '../data/no-data.ts';
import type { RunFolder } from '../run/run-folder.ts';
import type { RunCommands } from '../run/sessions.ts';
import type { CommandContext } from './context.ts';
import { shellPath, shellWord } from './shell-words.ts';

/** A film of the walk is about this many pixels wide. */
const filmSide = 256;

/** The commands about the run in `folder`; a recipe depends on the number of images in its data. */
export function runCommands(
  folder: RunFolder,
  config: TrainConfig,
  data: Pick<RecipeData, 'images'>,
  { cwd, invocation, viewerFiles }: Pick<CommandContext, 'cwd' | 'invocation' | 'viewerFiles'>,
): RunCommands {
  const [run, model] = [shellPath(cwd, folder.path), shellPath(cwd, folder.model)];
  const total = totals.find((key) => config[key] !== null)!;
  const scale = Math.max(1, Math.min(16, Math.floor(filmSide / imageShape(config).width)));
  return {
    // A call without flags ends in npm's separator, which then separates nothing.
    repeat:
      config.data === noData
        ? null
        : `${invocation('train')}${trainFlags(folder, config, data, cwd)}`.replace(/ --$/, ''),
    resume: `${invocation('train')} --resume ${run}`,
    extend: `${invocation('train')} --resume ${run} ${flagOf(total)} ${2 * config[total]!}`,
    export: `${invocation('export')} ${run}`,
    sample: `${invocation('sample')} ${model} --seeds 0-63 --out samples.png`,
    walk: `${invocation('walk')} ${model} --from 1 --via 2,3 --to 4 --scale ${scale} --out walk.webp`,
    evaluate: `${invocation('evaluate')} ${run}`,
    embed: [
      ...viewerFiles.make,
      `mkdir -p site && cp -r ${shellWord(viewerFiles.folder)} site/dcgan-viewer`,
      `cp -r ${model} site/model`,
    ],
  };
}

/** The flags that repeat a run, each after a space. */
function trainFlags(
  folder: RunFolder,
  config: TrainConfig,
  data: Pick<RecipeData, 'images'>,
  cwd: string,
): string {
  const out = dirname(folder.path);
  return [
    // The settings of the run that it starts from would take the place of those that flags leave out.
    ...(config.from === null
      ? shortestWords(config, data, cwd)
      : ['--config', shellPath(cwd, folder.config)]),
    ...(out === resolve(cwd, 'runs') ? [] : ['--out', out === cwd ? '.' : shellPath(cwd, out)]),
  ]
    .map((word) => ` ${word}`)
    .join('');
}

function shortestWords(
  config: TrainConfig,
  { images }: Pick<RecipeData, 'images'>,
  cwd: string,
): readonly string[] {
  const { preset, keys } = shortestFlags(config, images);
  return [
    ...(preset === null ? [] : ['--preset', shellWord(preset)]),
    ...keys.flatMap((key) => flagWords(key, config, cwd)),
  ];
}

function flagWords(key: ConfigKey, config: TrainConfig, cwd: string): readonly string[] {
  const value = config[key];
  if (fieldOf(key).rule.placeholder === null) {
    return [value === true ? flagOf(key) : `--no-${flagOf(key).slice(2)}`];
  }
  const text = String(value ?? 'none');
  return [flagOf(key), isAbsolute(text) ? shellPath(cwd, text) : shellWord(text)];
}
