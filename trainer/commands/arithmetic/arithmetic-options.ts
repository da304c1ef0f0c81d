// The options of `dcgan arithmetic`: the terms of the sum, by seed or by attribute, and how to compute and measure it. Options that
// contradict each other are refused here, before anything is computed.
import { Option, type Command } from 'commander';
import type { SeedTerm } from '../../analysis/sums/arithmetic-trials.ts';
import { anyText, realNumber, someText, wholeNumber, type Rule } from '../../config/rules.ts';
import { UserError } from '../../errors.ts';
import { engineOption, jsonOption, labelsOption, scaleOption } from '../../command-line/common-options.ts';
import {
  addOptions,
  grouped,
  option,
  refuseOptions,
  repeatedOption,
  toggle,
  type FlagsOf,
} from '../../command-line/options.ts';
import { parseSeeds } from '../../command-line/seeds.ts';

/** A term as given on the command line. */
export interface WrittenTerm {
  readonly sign: 1 | -1;
  readonly text: string;
}

const maxExemplars = 100;
const fraction = realNumber(0, 1, { above: true });
const fractionOrNone: Rule<number | 'none'> = {
  expects: `${fraction.expects}, or none`,
  placeholder: fraction.placeholder,
  parse: (text) => (text === 'none' ? text : fraction.parse(text)),
  accepts: (value): value is number | 'none' => value === 'none' || fraction.accepts(value),
};

const options = [
  option(
    '--attributes <sum>',
    'instead of --plus and --minus: a sum such as "glasses - none + hat", whose images a classifier finds',
    anyText,
  ),
  toggle('--classify', "print a classifier's predictions for the means and the sum"),
  option(
    '--strength <x>',
    'scale of the step away from the subtracted mean; 1 is the plain sum',
    realNumber(0, 10, { above: true }),
    1,
  ),
  option(
    '--jitter <x>',
    "range (±) of the uniform noise of the sum's eight neighbours; by default 0.25 for uniform latents, 0.433 for normal ones",
    realNumber(0, 10),
  ),
  option(
    '--seed <n>',
    'random seed, also of the images to search; the same seed gives the same result',
    wholeNumber(0, 1_000_000),
    0,
  ),
  engineOption,
  repeatedOption(
    '--out <place>',
    'a .png figure, .json numbers, or a folder; may be given several times; by default ' +
      "the run's analysis/arithmetic, or arithmetic.png for a model outside a run",
    someText,
  ),
  scaleOption,
  jsonOption,
  ...grouped('With --attributes', [
    option('--exemplars <n>', 'exemplars (images to average) per term', wholeNumber(1, maxExemplars), 3),
    option(
      '--sure <p>',
      "min probability of an exemplar's attributes by the classifier",
      realNumber(0.5, 0.9999),
      0.9,
    ),
    option(
      '--steady <x>',
      'scale factor at which an exemplar, and the mean, must still be classified the same; none skips the check',
      fractionOrNone,
      0.5,
    ),
    option(
      '--samples <n>',
      'max number of generated images to search for exemplars',
      wholeNumber(1, 1_000_000),
      32_768,
    ),
    option(
      '--trials <n>',
      'also measure the success rate of this many sums, each with exemplars of its own',
      wholeNumber(1, 10_000),
    ),
  ]),
  ...grouped('With --attributes or --classify', [
    option(
      '--data <path>',
      "labelled images like the model's; by default those of its run, or avatars",
      someText,
    ),
    labelsOption,
    option('--steps <n>', 'training steps of each classifier', wholeNumber(1, 1_000_000), 2000),
  ]),
];

/** The command's flags; the terms are in a list of their own, in the order in which they were given. */
export type ArithmeticFlags = FlagsOf<typeof options>;

/** Adds the options to the command. Commander appends the terms to `terms`, in the order in which they are given. */
export function addArithmeticOptions(command: Command, terms: WrittenTerm[], call: string): void {
  const termOption = (flag: string, about: string, sign: 1 | -1): Option =>
    new Option(flag, `${about}; may be given several times`).argParser((text) => {
      terms.push({ sign, text });
      return true;
    });
  command
    .addOption(termOption('--plus <seeds>', 'add the mean latent of these seeds, such as 3,7,9', 1))
    .addOption(termOption('--minus <seeds>', 'subtract the mean latent of these seeds', -1));
  addOptions(command, options).addHelpText(
    'after',
    `
The terms of a sum of attributes are joined by + and -. A term is an attribute of the images, several
joined by &, or none. Images of a term lack the other attributes of the sum. There must be one more
added than subtracted term. --engine is for --attributes and --classify.

Examples:
  ${call} runs/00001-avatars-dcgan-relativistic --plus 3,7,9 --minus 5,6,8 --plus 1,2,4 --out sum.png
  ${call} runs/00001-avatars-dcgan-relativistic --attributes "glasses - none + hat" --trials 200
  ${call} runs/00001-avatars-dcgan-relativistic --attributes "glasses & beard - glasses + hat" --out sum.png`,
  );
}

/**
 * The terms given by seed; empty if exemplars are chosen by attribute. Throws UserError for terms that are not seeds, and for options
 * that contradict each other or have no effect together.
 */
export function readTerms(
  { attributes, classify }: ArithmeticFlags,
  written: readonly WrittenTerm[],
  command: Command,
): readonly SeedTerm[] {
  if (attributes === null) {
    refuseOptions(command, ['exemplars', 'sure', 'steady', 'samples', 'trials'], 'is for --attributes');
    if (!classify) refuseOptions(command, ['data', 'labels', 'steps', 'engine'], 'is for --classify');
  }
  if (attributes !== null && written.length > 0) {
    throw new UserError(
      '--attributes: got --plus or --minus as well, expected images by attribute or by number',
    );
  }
  if (attributes === null && !written.some(({ sign }) => sign > 0)) {
    throw new UserError('got nothing to add, expected --plus SEEDS, or --attributes "glasses - none + hat"');
  }
  return written.map(({ sign, text }) => {
    const flag = sign > 0 ? '--plus' : '--minus';
    const seeds = parseSeeds(text, flag);
    if (seeds.length <= maxExemplars) return { sign, seeds };
    throw new UserError(`${flag} ${text}: ${seeds.length} images, expected ${maxExemplars} at most`);
  });
}
