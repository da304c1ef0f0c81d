// One sentence on the state of a run, with the figures that it rests on and settings to try next. The function is pure. Its thresholds
// come from runs of this program: healthy ones with probabilities have a discriminator that is ahead, with means of 0.85 to 0.95 for
// real and 0.05 to 0.2 for generated images.
import type { TrainConfig } from '../config/fields.ts';
import { shownFrechet } from '../metrics/evaluation.ts';
import type { Objective } from '../objectives/objective.ts';
import { objectives, type ObjectiveName } from '../objectives/table.ts';
import { adviceFor, type Advice, type VerdictKind } from './advice.ts';
import { findCollapse, minDiversity, skippedSteps } from '../../runtime-web/format/training/collapse.ts';
import type { StatsLine } from './stats.ts';

/** A verdict on a run. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** One line: `Healthy.` */
  readonly title: string;
  /** The figures that it rests on, one sentence each. */
  readonly figures: readonly string[];
  /** Remedies, most promising first: settings that this configuration accepts. */
  readonly advice: readonly Advice[];
}

/** The newest reports whose means count, so that single bad ones do not. */
const recentReports = 5;
/** Fewest reports for a verdict on D, and fewest evaluations for one on their trend. */
const minReports = 4;
const minEvaluations = 4;
/** A discriminator is too strong with a mean probability for generated images below this, and a gap to real ones above. */
const strongFake = 0.012;
const strongGap = 0.94;
/** A discriminator is too weak with a gap below this. */
const weakGap = 0.03;
/**
 * A discriminator with scores is too strong if its loss, zero for perfect answers, stays below this. For pairs it is the loss of the
 * two probabilities above: their log-odds differ by 7.4.
 */
const strongLoss: Partial<Record<ObjectiveName, number>> = {
  hinge: 0.05,
  'least-squares': 0.01,
  relativistic: 0.0006,
};
/** Two grids in a row with a diversity below this may be the start of a collapse. */
const lowDiversity = 0.4;
/** A diversity above the first, or that has changed by more than the second factor within four grids, is not that of a settling run. */
const highDiversity = 1.3;
const wildChange = 2;
/** Fréchet distances this many times the best, on the mean of the last two, are a decline. */
const decline = 1.2;

/** Judges a run by all its statistics, newest last. */
export function verdictOf(lines: readonly StatsLine[], config: TrainConfig): Verdict {
  const { logit, isPaired = false }: Objective = objectives[config.objective](config);
  const last = lines.at(-1);
  const verdict = (kind: VerdictKind, title: string, ...more: readonly (string | null)[]): Verdict => ({
    kind,
    title,
    figures: more.filter((figure) => figure !== null),
    advice: adviceFor(kind, config),
  });
  if (last === undefined) return verdict('too early', 'Too early to say: there are no figures yet.');

  const recent = lines.slice(-recentReports);
  const [real, fake] = [mean(recent, 'dReal'), mean(recent, 'dFake')];
  const diversities = lines.filter(({ diversity, step }) => diversity !== null && step >= skippedSteps);
  const diversity = newest(lines, 'diversity');
  const evaluated = lines.filter(({ frechet }) => frechet != null);
  const best = evaluated.reduce<StatsLine | null>(
    (least, line) => (least === null || line.frechet! < least.frechet! ? line : least),
    null,
  );
  const ofD = isPaired ? differenceFigure(real, fake) : discriminatorFigure(real, fake, logit);
  const ofSamples =
    diversity === null ? null : `Samples are ${diversity.toFixed(2)} times as varied as real images.`;
  const ofDistance = distanceFigure(evaluated, best);

  const sign = findCollapse(lines, logit);
  const isLost = last.collapse !== null && (last.dLoss === null || last.gLoss === null);
  if (isLost || sign?.kind === 'divergence') {
    const reason = isLost ? last.collapse : sign?.reason;
    return verdict(
      'diverged',
      `Diverged: the losses have left their range by step ${last.step}.`,
      `At step ${last.step}, ${reason}.`,
      ofD,
    );
  }
  const hasReports = recent.length >= minReports;
  if (sign?.kind === 'sure discriminator' || (hasReports && isTooStrong(recent, config, real, fake, logit))) {
    return verdict(
      'discriminator too strong',
      'Discriminator too strong: the generator learns little from it.',
      sign?.kind !== 'sure discriminator'
        ? null
        : `It has been sure of every image since step ${sign.since}.`,
      ofD,
      lossFigure(recent),
      ofSamples,
    );
  }
  if (sign?.kind === 'sameness') {
    return verdict(
      'collapsed',
      'Collapsed: the samples all look alike.',
      `${ofSamples} Below ${minDiversity} in three grids in a row since step ${sign.since} is a collapse.`,
      ofD,
    );
  }
  const lowest = diversities.slice(-2);
  if (lowest.length === 2 && lowest.every((line) => line.diversity! < lowDiversity)) {
    return verdict(
      'collapsing',
      'Collapsing, perhaps: the samples are losing their variety.',
      `${ofSamples} Healthy runs stay above 0.6.`,
      ofD,
    );
  }
  const latest = diversities.slice(-4).map((line) => line.diversity!);
  if (latest.length > 0 && Math.max(...latest) > Math.min(highDiversity, wildChange * Math.min(...latest))) {
    return verdict(
      'unstable',
      'Unstable: the samples change wildly, as noise does.',
      `${ofSamples} Healthy runs stay between 0.6 and 1.2; the newest grids have ${latest.map((value) => value.toFixed(2)).join(', ')}.`,
      ofD,
      lossFigure(recent),
    );
  }
  if (!hasReports || last.step < skippedSteps) {
    return verdict(
      'too early',
      `Too early to say after ${last.step} steps.`,
      `Figures settle after about ${skippedSteps} steps and ${minReports} reports.`,
      ofD,
      ofSamples,
      ofDistance,
    );
  }
  if (logit === 'probability' && real !== null && fake !== null && real - fake < weakGap) {
    return verdict(
      'discriminator too weak',
      'Discriminator too weak: it hardly tells real from generated images.',
      ofD,
      ofSamples,
      ofDistance,
    );
  }
  const lastTwo = evaluated.slice(-2);
  if (
    best !== null &&
    evaluated.length >= minEvaluations &&
    !lastTwo.includes(best) &&
    mean(lastTwo, 'frechet')! > decline * best.frechet!
  ) {
    return verdict(
      'past its best',
      `Past its best: the samples have become worse since step ${best.step}.`,
      ofDistance,
      ofD,
      ofSamples,
    );
  }
  return verdict('healthy', 'Healthy.', ofD, ofSamples, ofDistance);
}

function isTooStrong(
  recent: readonly StatsLine[],
  { objective }: TrainConfig,
  real: number | null,
  fake: number | null,
  logit: 'probability' | 'score',
): boolean {
  if (logit === 'probability')
    return real !== null && fake !== null && fake < strongFake && real - fake > strongGap;
  const loss = mean(recent, 'dLoss');
  return loss !== null && loss < (strongLoss[objective] ?? -Infinity);
}

/** The figure of an objective whose scores mean something only by their differences. */
function differenceFigure(real: number | null, fake: number | null): string | null {
  if (real === null || fake === null) return null;
  const [difference, order] = [Math.abs(real - fake).toFixed(2), real < fake ? 'lower' : 'higher'];
  return `The discriminator gives real images a mean score ${difference} ${order} than generated ones.`;
}

function discriminatorFigure(
  real: number | null,
  fake: number | null,
  logit: 'probability' | 'score',
): string | null {
  if (real === null || fake === null) return null;
  return logit === 'probability'
    ? `The discriminator gives real images a probability of ${real.toFixed(2)} and generated ones ${fake.toFixed(2)}.`
    : `The discriminator gives real images a mean score of ${real.toFixed(2)} and generated ones ${fake.toFixed(2)}.`;
}

function lossFigure(recent: readonly StatsLine[]): string | null {
  const [d, g] = [mean(recent, 'dLoss'), mean(recent, 'gLoss')];
  return d === null || g === null
    ? null
    : `Its loss is ${d.toPrecision(2)}, the generator's ${g.toPrecision(2)}.`;
}

function distanceFigure(evaluated: readonly StatsLine[], best: StatsLine | null): string | null {
  const last = evaluated.at(-1);
  if (best === null || last === undefined) return null;
  const lowest =
    best === last
      ? ', the lowest so far'
      : `; the lowest was ${shownFrechet(best.frechet!)} at step ${best.step}`;
  return `The Fréchet distance (${last.network}) is ${shownFrechet(last.frechet!)} at step ${last.step}${lowest}.`;
}

type Figure = 'dLoss' | 'gLoss' | 'dReal' | 'dFake' | 'frechet' | 'diversity';

/** The mean of the lines that have the figure; null without any. */
function mean(lines: readonly StatsLine[], key: Figure): number | null {
  const values = lines.map((line) => line[key]).filter((value) => value != null);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function newest(lines: readonly StatsLine[], key: Figure): number | null {
  return lines.findLast((line) => line[key] != null)?.[key] ?? null;
}
