// What `dcgan restore` may be told, and that it makes sense together: everything that can be refused before a run is opened.
import { Option, type Command } from 'commander';
import {
  restoringTasks,
  usualRate,
  usualRealism,
  usualUpdates,
} from '../../../runtime-web/format/restoring/task.ts';
import type { RestoringTask } from '../../../runtime-web/format/restoring/task.ts';
import { realNumber, wholeNumber } from '../../config/rules.ts';
import { engineNames, type EngineName } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import type { HoleRequest, PrepareRequest } from '../../restoring/prepare-pictures.ts';
import { resizeKinds, type ResizeKind } from '../../restoring/read-picture.ts';
import { flagValue } from '../../command-line/options.ts';

/** The flags, as text. */
export interface RestoreFlags {
  readonly task?: RestoringTask;
  readonly mask?: string;
  readonly box?: string;
  readonly centre?: string;
  readonly random?: string;
  readonly original?: string;
  readonly demonstrate?: true;
  readonly noise?: string;
  readonly between?: string;
  readonly steps?: string;
  readonly resize: ResizeKind;
  readonly updates: string;
  readonly rate: string;
  readonly restarts: string;
  readonly realism: string;
  readonly data?: string;
  readonly checkpoint?: string;
  readonly seed: string;
  readonly engine?: 'auto' | EngineName;
  readonly out?: string;
  readonly json?: true;
}

/** The flags, checked. */
export interface RestoreRequest extends PrepareRequest {
  readonly steps: number;
  readonly updates: number;
  readonly rate: number;
  readonly restarts: number;
  readonly realism: number;
}

/** Noise that a demonstration adds unless told otherwise, in levels of 255. */
const usualNoise = 25;

/** Adds the flags to the command. */
export function addRestoreFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--task <name>', 'fill a hole (without it), remove noise, or colour a grey picture').choices(
        restoringTasks,
      ),
    )
    .option(
      '--mask <file>',
      'what to fill: a picture that is white there, of the size of the image or the model',
    )
    .option('--box <x,y,w,h>', 'what to fill, in pixels of the restored picture')
    .option('--centre <share>', 'what to fill: a square in the middle, of this share of the area')
    .option('--random <share>', 'what to fill: this share of the pixels, here and there')
    .option('--original <file>', 'the whole picture, to measure with')
    .option('--demonstrate', 'spoil the given pictures first, and measure against them')
    .option(
      '--noise <levels>',
      `deviation of the noise that --demonstrate adds, of 255 (default: "${usualNoise}")`,
    )
    .option('--between <image>', 'draw the pictures between the image and this one instead')
    .option('--steps <n>', 'pictures to draw between two (default: "9")')
    .addOption(
      new Option(
        '--resize <how>',
        'pictures of another shape: cut to the middle, as in training, or press together',
      )
        .choices(resizeKinds)
        .default('crop'),
    )
    .addOption(new Option('--updates <n>', 'updates of each latent').default(`${usualUpdates}`))
    .addOption(new Option('--restarts <n>', 'latents tried for each picture; the best is taken').default('4'))
    .addOption(new Option('--rate <x>', "Adam's rate at the start").default(`${usualRate}`))
    .addOption(
      new Option('--realism <x>', "how much the discriminator's word counts (the paper's lambda)").default(
        `${usualRealism}`,
      ),
    )
    .option('--data <path>', "training images, for the discriminator's statistics; without it, the run's")
    .option('--checkpoint <name>', 'which of the run, as in step-000500; without it, the newest')
    .addOption(new Option('--seed <n>', 'of all random numbers').default('0'))
    .addOption(
      new Option('--engine <name>', "what computes; without it, the run's").choices(['auto', ...engineNames]),
    )
    .option('--out <dir>', "where results go; without it, 'analysis' in the run")
    .option('--json', 'print one JSON line only');
}

/** Checks the flags for so many images, paths made absolute by `at`. Throws UserError for the first that makes no sense. */
export function parseRestoreFlags(
  flags: RestoreFlags,
  images: number,
  at: (path: string) => string,
): RestoreRequest {
  const isBetween = flags.between !== undefined;
  const holes = (['mask', 'box', 'centre', 'random'] as const).filter((name) => flags[name] !== undefined);
  const clash = (what: string, why: string): UserError => new UserError(`${what}: ${why}`);
  if (holes.length > 1) {
    throw clash(holes.map((name) => `--${name}`).join(' and '), 'give one of them: each says what to fill');
  }
  const task = flags.task ?? (isBetween ? 'denoise' : 'inpaint');
  if (isBetween) {
    const other = (['task', ...holes, 'original', 'demonstrate', 'noise'] as const).find(
      (name) => flags[name] !== undefined,
    );
    if (other !== undefined) throw clash(`--${other}`, 'has no meaning with --between');
    if (images !== 1) throw clash('--between', `got ${images} images beside it, expected one`);
  } else if (flags.steps !== undefined) throw clash('--steps', 'needs --between; see --updates');
  if (task === 'inpaint' && holes.length === 0) {
    throw clash('nothing is masked', 'say what to fill with --mask, --box, --centre or --random');
  }
  if (!isBetween && task !== 'inpaint' && holes.length > 0) {
    throw clash(`--${holes[0]}`, `has no meaning with --task ${task}, which takes the whole picture`);
  }
  if (flags.noise !== undefined && (task !== 'denoise' || flags.demonstrate === undefined)) {
    throw clash('--noise', 'needs --task denoise and --demonstrate; without them the noise is measured');
  }
  if (flags.original !== undefined && flags.demonstrate !== undefined) {
    throw clash(
      '--original',
      'has no meaning with --demonstrate, where the given pictures are the originals',
    );
  }
  if (flags.original !== undefined && images !== 1) {
    throw clash('--original', `got ${images} images, expected one`);
  }
  const share = (flag: string, text: string): number => {
    const value = flagValue<number>(flag, text, realNumber(0, 1));
    if (value === 0) throw clash(`${flag} ${text}`, 'nothing is masked, so there is nothing to fill in');
    if (value === 1)
      throw clash(`${flag} ${text}`, 'everything is masked, so nothing is known of the picture');
    return value;
  };
  const hole = (): HoleRequest | null => {
    if (flags.mask !== undefined) return { kind: 'mask', path: at(flags.mask) };
    if (flags.box !== undefined) return { kind: 'box', text: flags.box };
    if (flags.centre !== undefined) return { kind: 'centre', share: share('--centre', flags.centre) };
    if (flags.random !== undefined) return { kind: 'random', share: share('--random', flags.random) };
    return null;
  };
  return {
    task,
    hole: hole(),
    isDemonstration: flags.demonstrate === true,
    original: flags.original === undefined ? null : at(flags.original),
    noise: flagValue<number>('--noise', flags.noise ?? `${usualNoise}`, realNumber(0, 255, { above: true })),
    steps: flagValue<number>('--steps', flags.steps ?? '9', wholeNumber(2, 1000)),
    updates: flagValue<number>('--updates', flags.updates, wholeNumber(1, 100_000)),
    rate: flagValue<number>('--rate', flags.rate, realNumber(0, 10, { above: true })),
    restarts: flagValue<number>('--restarts', flags.restarts, wholeNumber(1, 64)),
    realism: flagValue<number>('--realism', flags.realism, realNumber(0, 1000)),
    seed: flagValue<number>('--seed', flags.seed, wholeNumber(0, Number.MAX_SAFE_INTEGER)),
  };
}
