// `dcgan arithmetic`: adds and subtracts mean latents of images (Radford 2016, section 6.3.2), given by seed or chosen by attribute,
// and measures how often such sums show the expected attributes.
import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { usualJitter, type Latent } from '../../../runtime-web/format/latents.ts';
import { arithmeticLink } from '../../../runtime-web/format/page-link.ts';
import type { SeedTerm } from '../../analysis/sums/arithmetic-trials.ts';
import { refuseConditional } from '../../model-package/draw-latents.ts';
import { marked } from '../../pictures/mark.ts';
import { openModel } from '../../command-line/open-model.ts';
import { writeFileAtomically } from '../../files/atomic-file.ts';
import { onDisk } from '../../files/disk.ts';
import type { FindingPicture } from '../../findings/findings.ts';
import { runAround } from '../../run/run-data.ts';
import { saveFinding } from '../../run/save-finding.ts';
import {
  addArithmeticOptions,
  readTerms,
  type ArithmeticFlags,
  type WrittenTerm,
} from './arithmetic-options.ts';
import { attributeSums, type AttributeSums } from '../../analysis/sums/by-attribute.ts';
import { labelledData } from '../../command-line/labelled-data.ts';
import { modelArgument } from '../../command-line/common-options.ts';
import type { CommandContext } from '../../command-line/context.ts';
import { checkFigure, drawSum, sumLatents } from '../../analysis/sums/draw.ts';
import { predictSum } from '../../analysis/sums/predict-sum.ts';
import { planOutputs, shownOutputs } from '../../command-line/outputs.ts';
import { pageName } from '../../command-line/page-name.ts';
import { drawSums, sayTrials, trialsTable } from '../../analysis/sums/trials-text.ts';

/** Adds `arithmetic` to the program. */
export function addArithmeticCommand(program: Command, context: CommandContext): void {
  const terms: WrittenTerm[] = [];
  const command: Command = program
    .command('arithmetic')
    .description('Add and subtract mean latents of images, as in the DCGAN paper: A - B + C.')
    .argument('<model>', modelArgument)
    .action((model: string, flags: ArithmeticFlags) =>
      arithmetic(model, flags, readTerms(flags, terms, command), context),
    );
  addArithmeticOptions(command, terms, context.invocation('arithmetic'));
}

async function arithmetic(
  path: string,
  flags: ArithmeticFlags,
  given: readonly SeedTerm[],
  context: CommandContext,
): Promise<void> {
  const { cwd, print, signal } = context;
  const { attributes, exemplars, strength, scale, seed, steps, engine } = flags;
  const opened = await openModel(resolve(cwd, path), context);
  refuseConditional(opened, 'arithmetic');
  const { model, folder: modelFolder } = opened;
  const data =
    attributes !== null || flags.classify
      ? await labelledData(
          flags,
          {
            config: (await runAround(modelFolder))?.config ?? null,
            trainedOn: model.training?.dataset.name ?? null,
          },
          context,
        )
      : { data: 'avatars', labels: null };
  const outputs = await planOutputs({
    ...{ cwd, out: flags.out, endings: ['.png', '.json'], name: 'arithmetic', modelFolder },
  });
  const { files, folder } = outputs;
  const jitter = flags.jitter ?? usualJitter(model.latent.distribution);
  checkFigure(
    opened,
    attributes === null
      ? given.map(({ seeds }) => seeds.length)
      : attributes.split(/[+-]/).map(() => exemplars),
    scale,
  );
  const say = (line: string): void => {
    if (!flags.json) print(line);
  };

  const classifierOptions = { ...data, engine, steps, seed };
  const found =
    attributes === null
      ? null
      : await attributeSums(
          opened,
          {
            ...flags,
            attributes,
            ...data,
            steady: flags.steady === 'none' ? null : flags.steady,
            trials: flags.trials ?? 0,
          },
          say,
          context,
        );
  const terms = found?.sums[0] ?? given;
  const plan = { terms, strength, jitter, jitterSeed: seed + 1 };
  const predicted =
    attributes === null && flags.classify
      ? await predictSum(opened, plan, classifierOptions, say, context)
      : null;
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
    const content = extname(file).toLowerCase() === '.png' ? marked(figure) : `${text}\n`;
    await onDisk(
      file,
      () => 'give another --out',
      () => writeFileAtomically(file, content),
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
    await saveFinding(
      folder,
      {
        name: 'arithmetic',
        title: 'Arithmetic of latents',
        step: model.training?.steps,
        summary:
          `${attributes ?? about}, with the mean latent of the exemplars of each term. In the figure the sum is in the middle ` +
          `of eight neighbours that differ by uniform noise of ±${jitter}.`,
        tables: found === null || found.outcomes.length === 0 ? [] : [trialsTable(found)],
        pictures,
        data: {
          ...record,
          ...(found !== null && measured(found)),
          ...(predicted !== null && { judged: predicted }),
        },
      },
      context.warn,
    );
  }
  if (flags.json) {
    const report = { event: 'done', model: modelFolder, out: files, finding: folder, ...record };
    return print(
      JSON.stringify({
        ...report,
        ...(found !== null && measured(found)),
        ...(predicted !== null && { judged: predicted }),
      }),
    );
  }
  if (found !== null) sayTrials(found, say);
  for (const { name, sees } of predicted?.pictures ?? [])
    say(`${name}: ${sees.join(', ') || 'no attribute'}`);
  print(`${about}: ${shownOutputs(cwd, outputs)}`);
  if (link !== null) print(`in the demo: ${link}`);
}

/** The terms, each with its attributes if exemplars were chosen by attribute. */
function asWritten(terms: readonly SeedTerm[], found: AttributeSums | null) {
  return terms.map(({ sign, seeds }, t) => ({
    sign: sign > 0 ? 'plus' : 'minus',
    seeds,
    ...(found !== null && { attributes: found.expression.terms[t]!.text }),
  }));
}

/** The measurements, keyed by attribute name. */
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

/** Float32 numbers with as few digits as restore them exactly. */
const shortest = (latent: Latent): number[] => Array.from(latent, (value) => Number(value.toPrecision(9)));
