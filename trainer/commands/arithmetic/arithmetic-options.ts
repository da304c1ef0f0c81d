// The options of `dcgan arithmetic`: the terms of the sum, by seed or by attribute, and how to compute and measure it. Options that
// contradict each other are refused here, before anything is computed.
import { Option, type Command } from 'commander';
import type { SeedTerm } from '../../analysis/sums/arithmetic-trials.ts';
import { anyText, orNone, realNumber, someText, wholeNumber } from '../../config/rules.ts';
import { UserError } from '../../errors.ts';
import { engineOption, jsonOption, scaleOption } from '../../command-line/common-options.ts';
import {
  addOptions,
  option,
  refuseOptions,
  repeatedOption,
  toggle,
  type FlagsOf,
} from '../../command-line/options.ts';
import { parseSeeds } from '../../command-line/seeds.ts';

/** A term as it was written. */
export interface WrittenTerm {
  readonly sign: 1 | -1;
  readonly text: string;
}

const mostExemplars = 100;
const fraction = realNumber(0, 1, { above: true });

const options = [
  option(
    '--attributes <sum>',
    'instead of images: their attributes, such as "glasses - none + hat"; a classifier then finds images',
    anyText,
  ),
  toggle('--classify', 'print what a classifier sees in the means and in the sum'),
  option('--exemplars <n>', 'attributes: images per term', wholeNumber(1, mostExemplars), 3),
  option(
    '--sure <p>',
    "attributes: min probability, by the classifier, of an exemplar's attributes",
    realNumber(0.5, 0.9999),
    0.9,
  ),
  option(
    '--steady <x>',
    'attributes: scale factor at which an exemplar, and the mean, must still be classified the same; none skips the check',
    { ...orNone(fraction), expects: `${fraction.expects}, or none` },
    0.5,
  ),
  option(
    '--samples <n>',
    'attributes: max images to search for exemplars',
    wholeNumber(1, 1_000_000),
    32_768,
  ),
  option(
    '--trials <n>',
    'attributes: also measure success over this many sums, each with its own exemplars',
    wholeNumber(1, 10_000),
  ),
  option(
    '--strength <x>',
    'scale of the step from the subtracted mean; 1 is the plain sum',
    realNumber(0, 10, { above: true }),
    1,
  ),
  option(
    '--jitter <x>',
    'uniform noise (±) of the neighbours drawn around the sum; by default 0.25 for uniform latents, 0.433 for normal ones',
    realNumber(0, 10),
  ),
  option('--data <path>', "classify, attributes: labelled images like the model's", someText, 'avatars'),
  option(
    '--steps <n>',
    'classify, attributes: training steps of each classifier',
    wholeNumber(1, 1_000_000),
    2000,
  ),
  engineOption,
  option(
    '--seed <n>',
    'random seed of the noise and the classifiers; also selects which images are searched for exemplars',
    wholeNumber(0, 1_000_000),
    0,
  ),
  repeatedOption(
    '--out <place>',
    'a .png figure, .json numbers, or a folder; may be given several times; by default ' +
      "the run's analysis/arithmetic, or arithmetic.png for a model outside a run",
    someText,
  ),
  scaleOption,
  jsonOption,
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
    .addOption(termOption('--plus <seeds>', 'add the mean latent of these images, such as 3,7,9', 1))
    .addOption(termOption('--minus <seeds>', 'subtract the mean latent of these images', -1));
  addOptions(command, options).addHelpText(
    'after',
    `
A sum of attributes has terms with + and - between them. A term is an attribute of --data, several
joined by &, or none. Images of a term lack the other attributes that the sum names. There must be
one more added term than subtracted ones. --engine is for --classify and --attributes.

Examples:
  ${call} runs/00001-avatars-dcgan --plus 3,7,9 --minus 5,6,8 --plus 1,2,4 --out sum.png
  ${call} runs/00001-avatars-dcgan --attributes "glasses - none + hat" --trials 200
  ${call} runs/00001-avatars-dcgan --attributes "glasses & beard - glasses + hat" --out sum.png`,
  );
}

/**
 * The terms given by seed; empty where images are chosen by attribute. Throws UserError for terms that are no seeds, and for options
 * that contradict each other or have no effect beside the others.
 */
export function readTerms(
  { attributes, classify }: ArithmeticFlags,
  written: readonly WrittenTerm[],
  command: Command,
): readonly SeedTerm[] {
  if (attributes === null) {
    refuseOptions(command, ['exemplars', 'sure', 'steady', 'samples', 'trials'], 'is for --attributes');
    if (!classify) refuseOptions(command, ['data', 'steps', 'engine'], 'is for --classify');
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
    if (seeds.length <= mostExemplars) return { sign, seeds };
    throw new UserError(`${flag} ${text}: ${seeds.length} images, expected ${mostExemplars} at most`);
  });
}
