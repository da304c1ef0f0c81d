// The options of `dcgan arithmetic`: what is added and taken away, by number or by attribute, and how; read, and refused where they
// make no sense, before anything is computed.
import { Option, type Command } from 'commander';
import type { SeedTerm } from '../../analysis/sums/arithmetic-trials.ts';
import { realNumber, wholeNumber } from '../../config/rules.ts';
import { engineNames, type EngineName } from '../../engine/engine.ts';
import { UserError } from '../../errors.ts';
import { flagValue, refuseFlags } from '../../command-line/options.ts';
import { several } from '../../command-line/outputs.ts';
import { parseSeeds } from '../../command-line/seeds.ts';

/** The command's flags, as text; the terms are in a list of their own, in the order in which they were given. */
export interface ArithmeticFlags {
  readonly attributes?: string;
  readonly classify?: true;
  readonly exemplars: string;
  readonly sure: string;
  readonly steady: string;
  readonly samples: string;
  readonly trials?: string;
  readonly strength: string;
  readonly jitter?: string;
  readonly data: string;
  readonly steps: string;
  readonly engine: 'auto' | EngineName;
  readonly seed: string;
  readonly out?: readonly string[];
  readonly scale: string;
  readonly json?: true;
}

/** A term as it was written. */
export interface WrittenTerm {
  readonly sign: 1 | -1;
  readonly text: string;
}

const mostExemplars = 100;
const part = realNumber(0, 1, { above: true });
const steadyRule = { ...part, expects: `${part.expects}, or none` };

/** The options as values. */
export interface ArithmeticOptions {
  /** Null where images are given by number. */
  readonly attributes: string | null;
  /** Empty where images are chosen by attribute. */
  readonly terms: readonly SeedTerm[];
  readonly isJudged: boolean;
  readonly exemplars: number;
  readonly trials: number;
  readonly samples: number;
  readonly steps: number;
  readonly seed: number;
  readonly scale: number;
  readonly sure: number;
  /** See findExemplars. */
  readonly steady: number | null;
  readonly strength: number;
  /** Null for the usual one of the model's latents. */
  readonly jitter: number | null;
}

/** Adds the options to the command. Terms are put into `terms`, in the order in which they are given. */
export function addArithmeticOptions(command: Command, terms: WrittenTerm[], call: string): void {
  const term =
    (sign: 1 | -1) =>
    (text: string): true => {
      terms.push({ sign, text });
      return true;
    };
  command
    .option('--plus <seeds>', 'images whose mean is added; may be given several times', term(1))
    .option('--minus <seeds>', 'images whose mean is taken away; may be given several times', term(-1))
    .option(
      '--attributes <sum>',
      'instead of images: what they have, as "glasses - none + hat"; a classifier then chooses them',
    )
    .option('--classify', 'tell what a classifier sees in the means and in the sum')
    .addOption(new Option('--exemplars <n>', 'attributes: images for each term').default('3'))
    .addOption(
      new Option('--sure <p>', 'attributes: how sure the classifier is of an exemplar, at least').default(
        '0.9',
      ),
    )
    .addOption(
      new Option(
        '--steady <x>',
        'attributes: the part of its length at which a latent still shows the same, of exemplars and of their mean; ' +
          'none to ask nothing of means',
      ).default('0.5'),
    )
    .addOption(new Option('--samples <n>', 'attributes: images to look at, at most').default('32768'))
    .option('--trials <n>', 'attributes: sums to judge, each with exemplars of its own')
    .addOption(
      new Option('--strength <x>', 'how far to go from what is taken away; 1 is the sum itself').default('1'),
    )
    .option(
      '--jitter <x>',
      "uniform noise of the sum's neighbours, ±; without it, 0.25 where latents are uniform, 0.433 where they are normal",
    )
    .addOption(
      new Option('--data <path>', 'classify, attributes: labelled images of the same kind').default(
        'avatars',
      ),
    )
    .addOption(
      new Option('--steps <n>', "classify, attributes: updates of a classifier's training").default('2000'),
    )
    .addOption(
      new Option('--engine <name>', 'classify, attributes: what trains classifiers')
        .choices(['auto', ...engineNames])
        .default('auto'),
    )
    .addOption(
      new Option('--seed <n>', 'of the noise, of classifiers, and of where exemplars are looked for').default(
        '0',
      ),
    )
    .option(
      '--out <place>',
      "a .png figure, .json numbers, or a folder; may be given several times; without it, the run's analysis/arithmetic, or arithmetic.png",
      several,
    )
    .addOption(new Option('--scale <n>', 'pixels for each pixel of an image').default('1'))
    .option('--json', 'print one JSON line only')
    .addHelpText(
      'after',
      `
A sum of attributes has terms with + and - between them. A term is an attribute of --data that is there or not, several
with & between them, or none; its images lack whatever else the sum names. One term more is added than taken away.

Examples:
  ${call} runs/00001-avatars-dcgan --plus 3,7,9 --minus 5,6,8 --plus 1,2,4 --out sum.png
  ${call} runs/00001-avatars-dcgan --attributes "glasses - none + hat" --trials 200
  ${call} runs/00001-avatars-dcgan --attributes "glasses & beard - glasses + hat" --out sum.png`,
    );
}

/** Reads them. Throws UserError for values that make no sense, and for options that say nothing beside the others. */
export function readArithmeticOptions(
  flags: ArithmeticFlags,
  written: readonly WrittenTerm[],
  command: Command,
): ArithmeticOptions {
  if (flags.attributes === undefined) {
    refuseFlags(command, ['exemplars', 'sure', 'steady', 'samples', 'trials'], 'is for --attributes');
    if (flags.classify !== true) refuseFlags(command, ['data', 'steps', 'engine'], 'is for --classify');
  }
  const whole = (flag: string, text: string, least: number, most: number): number =>
    flagValue<number>(flag, text, wholeNumber(least, most));
  if (flags.attributes !== undefined && written.length > 0) {
    throw new UserError(
      '--attributes: got --plus or --minus as well, expected images by attribute or by number',
    );
  }
  if (flags.attributes === undefined && !written.some(({ sign }) => sign > 0)) {
    throw new UserError('got nothing to add, expected --plus SEEDS, or --attributes "glasses - none + hat"');
  }
  return {
    exemplars: whole('--exemplars', flags.exemplars, 1, mostExemplars),
    trials: flags.trials === undefined ? 0 : whole('--trials', flags.trials, 1, 10_000),
    samples: whole('--samples', flags.samples, 1, 1_000_000),
    steps: whole('--steps', flags.steps, 1, 1_000_000),
    seed: whole('--seed', flags.seed, 0, 1_000_000),
    scale: whole('--scale', flags.scale, 1, 64),
    sure: flagValue<number>('--sure', flags.sure, realNumber(0.5, 0.9999)),
    steady: flags.steady === 'none' ? null : flagValue<number>('--steady', flags.steady, steadyRule),
    strength: flagValue<number>('--strength', flags.strength, realNumber(0, 10, { above: true })),
    jitter:
      flags.jitter === undefined ? null : flagValue<number>('--jitter', flags.jitter, realNumber(0, 10)),
    terms: written.map(({ sign, text }) => {
      const flag = sign > 0 ? '--plus' : '--minus';
      const seeds = parseSeeds(text, flag);
      if (seeds.length <= mostExemplars) return { sign, seeds };
      throw new UserError(`${flag} ${text}: ${seeds.length} images, expected ${mostExemplars} at most`);
    }),
    attributes: flags.attributes ?? null,
    isJudged: flags.attributes === undefined && flags.classify === true,
  };
}
