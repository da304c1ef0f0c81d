// The options of `dcgan restore` and the request they make. Flags that contradict each other are refused here, before a run is opened.
import {
  restoringTasks,
  usualRate,
  usualRealism,
  usualUpdates,
} from '../../../runtime-web/format/restoring/task.ts';
import { anyText, oneOf, realNumber, someText, wholeNumber } from '../../config/rules.ts';
import { fitNames } from '../../data/framing.ts';
import { UserError } from '../../errors.ts';
import type { HoleRequest, PrepareRequest } from '../../restoring/prepare-pictures.ts';
import {
  checkpointOption,
  jsonOption,
  runEngineOption,
  seedOption,
} from '../../command-line/common-options.ts';
import { grouped, option, toggle, type FlagsOf } from '../../command-line/options.ts';

/** Noise that --demonstrate adds, in levels of 255. */
const usualNoise = 25;
/** Images that --between generates. */
const usualSteps = 9;

/** The command's options. */
export const restoreOptions = [
  option(
    '--task <name>',
    'inpaint: fill a hole (default); denoise: remove noise; colourise: add colour to a grey image',
    oneOf(...restoringTasks),
  ),
  option('--original <file>', 'the undamaged image, to measure the result against', someText),
  toggle(
    '--demonstrate',
    'damage the given images first, then restore them and measure against the originals',
  ),
  option(
    '--noise <x>',
    `standard deviation of the noise that --demonstrate adds, in levels of 255 (default: ${usualNoise})`,
    realNumber(0, 255, { above: true }),
  ),
  option(
    '--between <image>',
    'interpolate between the given image and this one instead of restoring',
    someText,
  ),
  option('--steps <n>', `images to generate for --between (default: ${usualSteps})`, wholeNumber(2, 1000)),
  option(
    '--resize <name>',
    "make images square: crop, pad or stretch; by default as the run's training images",
    oneOf(...fitNames),
  ),
  option('--updates <n>', 'gradient steps per latent', wholeNumber(1, 100_000), usualUpdates),
  option('--restarts <n>', 'starting latents per image; the best result is kept', wholeNumber(1, 64), 4),
  option('--rate <x>', 'initial learning rate (Adam)', realNumber(0, 10, { above: true }), usualRate),
  option(
    '--realism <x>',
    "weight of the discriminator's loss (lambda in Yeh 2017)",
    realNumber(0, 1000),
    usualRealism,
  ),
  option(
    '--data <path>',
    "training images, for the discriminator's batch-norm statistics and calibration; by default the run's",
    someText,
  ),
  checkpointOption,
  seedOption,
  runEngineOption,
  option('--out <folder>', "folder for the results; by default the run's analysis/restore-…", someText),
  jsonOption,
  ...grouped('The hole, for --task inpaint (one of these)', [
    option(
      '--mask <file>',
      'the white pixels of this mask, of the size of the image or of the model',
      someText,
    ),
    option('--box <x,y,w,h>', 'a rectangle, in pixels of the restored image', anyText),
    option('--centre <x>', 'a square in the middle with this fraction of the area', realNumber(0, 1)),
    option('--random <x>', 'this fraction of the pixels, chosen at random', realNumber(0, 1)),
  ]),
];

/** The command's flags. */
export type RestoreFlags = FlagsOf<typeof restoreOptions>;

/** The damage and the settings of the search. */
export interface RestoreRequest extends PrepareRequest {
  readonly steps: number;
  readonly updates: number;
  readonly rate: number;
  readonly restarts: number;
  readonly realism: number;
}

/** The request that the flags make for `images` images; `at` makes paths absolute. Throws UserError for contradicting flags. */
export function restoreRequest(
  flags: RestoreFlags,
  images: number,
  at: (path: string) => string,
): RestoreRequest {
  const isBetween = flags.between !== null;
  const holes = (['mask', 'box', 'centre', 'random'] as const).filter((name) => flags[name] !== null);
  const clash = (what: string, why: string): UserError => new UserError(`${what}: ${why}`);
  if (holes.length > 1) {
    throw clash(holes.map((name) => `--${name}`).join(' and '), 'give one of them: each says what to fill');
  }
  const task = flags.task ?? (isBetween ? 'denoise' : 'inpaint');
  if (isBetween) {
    const other = (['task', ...holes, 'original', 'demonstrate', 'noise'] as const).find(
      (name) => flags[name] !== null && flags[name] !== false,
    );
    if (other !== undefined) throw clash(`--${other}`, 'has no meaning with --between');
    if (images !== 1) throw clash('--between', `got ${images} images beside it, expected one`);
  } else if (flags.steps !== null) throw clash('--steps', 'needs --between; see --updates');
  if (task === 'inpaint' && holes.length === 0) {
    throw clash('nothing is masked', 'say what to fill with --mask, --box, --centre or --random');
  }
  if (!isBetween && task !== 'inpaint' && holes.length > 0) {
    throw clash(`--${holes[0]}`, `has no meaning with --task ${task}, which takes the whole picture`);
  }
  if (flags.noise !== null && (task !== 'denoise' || !flags.demonstrate)) {
    throw clash('--noise', 'needs --task denoise and --demonstrate; without them the noise is measured');
  }
  if (flags.original !== null && flags.demonstrate) {
    throw clash(
      '--original',
      'has no meaning with --demonstrate, where the given pictures are the originals',
    );
  }
  if (flags.original !== null && images !== 1) {
    throw clash('--original', `got ${images} images, expected one`);
  }
  const share = (flag: string, value: number): number => {
    if (value === 0) throw clash(`${flag} ${value}`, 'nothing is masked, so there is nothing to fill in');
    if (value === 1)
      throw clash(`${flag} ${value}`, 'everything is masked, so nothing is known of the picture');
    return value;
  };
  const hole = (): HoleRequest | null => {
    if (flags.mask !== null) return { kind: 'mask', path: at(flags.mask) };
    if (flags.box !== null) return { kind: 'box', text: flags.box };
    if (flags.centre !== null) return { kind: 'centre', share: share('--centre', flags.centre) };
    if (flags.random !== null) return { kind: 'random', share: share('--random', flags.random) };
    return null;
  };
  const { updates, rate, restarts, realism, seed } = flags;
  return {
    task,
    hole: hole(),
    isDemonstration: flags.demonstrate,
    original: flags.original === null ? null : at(flags.original),
    noise: flags.noise ?? usualNoise,
    steps: flags.steps ?? usualSteps,
    updates,
    rate,
    restarts,
    realism,
    seed,
  };
}
