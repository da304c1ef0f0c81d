// `dcgan arithmetic`: adds and subtracts the mean latents of exemplars (Radford 2016, section 6.3.2), of pictures that are named by
// number or chosen by attribute, and measures how often such sums come out.
import { extname, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { usualJitter, type Latent } from '../../runtime-web/format/latents.ts';
import { arithmeticLink } from '../../runtime-web/format/page-link.ts';
import type { SeedTerm } from '../analysis/arithmetic-trials.ts';
import { realNumber, wholeNumber } from '../config-rules.ts';
import { engineNames, type EngineName } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { openPackage } from '../export/read-package.ts';
import { writeAtomically, writeFully } from '../run/atomic-file.ts';
import { onDisk } from '../run/disk.ts';
import type { FindingPicture } from '../run/findings.ts';
import { saveFinding } from '../run/save-finding.ts';
import { attributeSums, type AttributeSums } from './attribute-exemplars.ts';
import type { CommandContext } from './context.ts';
import { checkFigure, drawSum, sumLatents } from './draw-sum.ts';
import { flagValue, refuseFlags } from './flags.ts';
import { judgeSum, type JudgedSum } from './judge-sum.ts';
import { planOutputs, several, shownPath } from './outputs.ts';
import { pageName } from './page-name.ts';
import { parseSeeds } from './seed-list.ts';
import { drawSums, sayTrials, trialsTable } from './sum-trials.ts';

/** The command's flags, as text; the terms are in a list of their own, in the order in which they were given. */
interface ArithmeticFlags {
  readonly attributes?: string;
  readonly classify?: true;
  readonly exemplars: string;
  readonly sure: string;
  readonly samples: string;
  readonly trials?: string;
  readonly strength: string;
  readonly jitter?: string;
  readonly data: string;
  readonly steps: string;
  readonly engine: 'auto' | EngineName;
  readonly seed: string;
  readonly out: readonly string[];
  readonly scale: string;
  readonly json?: true;
}

interface WrittenTerm {
  readonly sign: 1 | -1;
  readonly text: string;
}

const mostExemplars = 100;

/** Adds `arithmetic` to the program. */
export function addArithmeticCommand(program: Command, context: CommandContext): void {
  const call = context.invocation('arithmetic');
  const terms: WrittenTerm[] = [];
  const term =
    (sign: 1 | -1) =>
    (text: string): true => {
      terms.push({ sign, text });
      return true;
    };
  const command: Command = program
    .command('arithmetic')
    .description('Add and subtract images: mean latents of exemplars, A - B + C, as in the DCGAN paper.')
    .argument('<model>', 'a model package: its folder, the model.json in it, or the run that made it')
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
    .addOption(new Option('--samples <n>', 'attributes: images to look at, at most').default('16384'))
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
      [],
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
    )
    .action((model: string, flags: ArithmeticFlags) => {
      if (flags.attributes === undefined) {
        refuseFlags(command, ['exemplars', 'sure', 'samples', 'trials'], 'is for --attributes');
        if (flags.classify !== true) refuseFlags(command, ['data', 'steps', 'engine'], 'is for --classify');
      }
      return arithmetic(model, flags, terms, context);
    });
}

async function arithmetic(
  path: string,
  flags: ArithmeticFlags,
  written: readonly WrittenTerm[],
  context: CommandContext,
): Promise<void> {
  const { cwd, print, signal } = context;
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
  const exemplars = whole('--exemplars', flags.exemplars, 1, mostExemplars);
  const trials = flags.trials === undefined ? 0 : whole('--trials', flags.trials, 1, 10_000);
  const samples = whole('--samples', flags.samples, 1, 1_000_000);
  const steps = whole('--steps', flags.steps, 1, 1_000_000);
  const seed = whole('--seed', flags.seed, 0, 1_000_000);
  const scale = whole('--scale', flags.scale, 1, 64);
  const sure = flagValue<number>('--sure', flags.sure, realNumber(0.5, 0.9999));
  const strength = flagValue<number>('--strength', flags.strength, realNumber(0, 10, { above: true }));
  const asked =
    flags.jitter === undefined ? null : flagValue<number>('--jitter', flags.jitter, realNumber(0, 10));
  let terms: readonly SeedTerm[] = written.map(({ sign, text }) => {
    const flag = sign > 0 ? '--plus' : '--minus';
    const seeds = parseSeeds(text, flag);
    if (seeds.length <= mostExemplars) return { sign, seeds };
    throw new UserError(`${flag} ${text}: ${seeds.length} images, expected ${mostExemplars} at most`);
  });
  const opened = await openPackage(resolve(cwd, path));
  const { model, folder: modelFolder } = opened;
  const { files, folder } = await planOutputs({
    ...{ cwd, out: flags.out, endings: ['.png', '.json'], name: 'arithmetic', modelFolder },
  });
  const jitter = asked ?? usualJitter(model.latent.distribution);
  checkFigure(
    opened,
    terms.length === 0 ? new Array<number>(3).fill(exemplars) : terms.map((t) => t.seeds.length),
    scale,
  );
  const say = (line: string): void => {
    if (flags.json !== true) print(line);
  };

  const { data, engine, attributes } = flags;
  const judging = { data, steps, seed, engine };
  let found: AttributeSums | null = null;
  let judged: JudgedSum | null = null;
  if (attributes !== undefined) {
    const options = { ...judging, attributes, exemplars, strength, sure, samples, trials };
    found = await attributeSums(opened, options, say, context);
    terms = found.sums[0]!;
  }
  const plan = { terms, strength, jitter, jitterSeed: seed + 1 };
  if (attributes === undefined && flags.classify === true) {
    judged = await judgeSum(opened, plan, judging, say, context);
  }
  const figure = await drawSum(opened, plan, scale, signal);
  const link = strength === 1 ? arithmeticLink(await pageName(opened), terms, jitter) : null;
  const about = terms
    .map(({ sign, seeds }, i) => `${sign > 0 ? (i === 0 ? '' : '+ ') : '− '}mean(${seeds.join(', ')})`)
    .join(' ');
  const record = { terms: asWritten(terms, found), strength, jitter, link };
  for (const file of files) {
    const nine = sumLatents(opened, plan);
    const text = JSON.stringify({
      model: model.name,
      ...record,
      sum: shortest(nine[4]!),
      nine: nine.map(shortest),
    });
    const bytes = extname(file).toLowerCase() === '.png' ? figure : new TextEncoder().encode(`${text}\n`);
    await onDisk(
      file,
      () => 'give another --out',
      () => writeAtomically(file, (handle) => writeFully(handle, bytes)),
    );
  }
  if (folder !== null) {
    const pictures: FindingPicture[] = [
      { file: 'sum.png', content: figure, caption: `${attributes ?? about}: ${about}` },
    ];
    if (found !== null && found.sums.length > 1) {
      const { png, count } = await drawSums(opened, found.sums, strength, signal);
      pictures.push({ file: 'sums.png', content: png, caption: `The sums of the first ${count} trials` });
    }
    await saveFinding(folder, {
      name: 'arithmetic',
      title: 'Arithmetic of latents',
      summary:
        `${attributes ?? about}, with the mean latent of the exemplars of each term; in the figure the sum stands in the ` +
        `middle of neighbours that are off by uniform noise of ±${jitter}.`,
      tables: found === null || found.outcomes.length === 0 ? [] : [trialsTable(found)],
      pictures,
      data: { ...record, ...(found !== null && measured(found)), ...(judged !== null && { judged }) },
    });
  }
  if (flags.json === true) {
    const report = { event: 'done', model: modelFolder, out: files, finding: folder, ...record };
    return print(
      JSON.stringify({
        ...report,
        ...(found !== null && measured(found)),
        ...(judged !== null && { judged }),
      }),
    );
  }
  if (found !== null) sayTrials(found, say);
  for (const { name, sees } of judged?.pictures ?? [])
    say(`${name}: ${sees.join(', ') || 'nothing it knows'}`);
  const places = [...files, ...(folder === null ? [] : [folder])];
  print(`${about}: ${places.map((place) => shownPath(cwd, place)).join(', ')}`);
  if (link !== null) print(`in the demo: ${link}`);
}

/** Terms with what they were chosen for. */
function asWritten(terms: readonly SeedTerm[], found: AttributeSums | null) {
  return terms.map(({ sign, seeds }, t) => ({
    sign: sign > 0 ? 'plus' : 'minus',
    seeds,
    ...(found !== null && { attributes: found.expression.terms[t]!.text }),
  }));
}

/** What was measured, by the attributes' names. */
function measured({ names, expression, outcomes, quality, looked, shareAsExpected }: AttributeSums) {
  const byName = <T>(values: readonly T[]): Record<string, T> =>
    Object.fromEntries(names.map((name, a) => [name, values[a]!]));
  return {
    expected: byName(expression.expected),
    classifierQuality: byName(quality.chooses),
    judgeQuality: byName(quality.measures),
    looked,
    shareWithout: shareAsExpected,
    trials: outcomes.map(({ shares, ...outcome }) => ({ ...outcome, shares: byName(shares) })),
  };
}

/** Float32 numbers in as few digits as give them back. */
const shortest = (latent: Latent): number[] => Array.from(latent, (value) => Number(value.toPrecision(9)));
