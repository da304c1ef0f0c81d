// The times at which a run is evaluated. By default they follow from the measured cost, so that all evaluations together take a few
// per cent of the run's time.
import {
  isNullOr,
  isNumber,
  isObject,
  isOneOf,
  isWhole,
  type Check,
} from '../../runtime-web/format/fields.ts';
import type { TrainConfig } from '../config/fields.ts';

/** The times and the size of a run's evaluations. */
export interface EvaluationPlan {
  /** The unit of `every`: that of the run's length, so that the last evaluation falls on its end. */
  readonly unit: 'steps' | 'images' | 'seconds';
  readonly every: number;
  /** Number of real and of generated images. */
  readonly count: number;
}

/** State of the evaluations in a checkpoint. */
export interface SavedEvaluations {
  /** The plan that was chosen from the measured cost; null without one. */
  readonly plan: EvaluationPlan | null;
  /** Number of evaluations since the best one. */
  readonly sinceBest: number;
  /** Seconds of all evaluations and of their preparation. */
  readonly seconds: number;
}

const isPlan: Check<EvaluationPlan> = isObject(({ get }) => ({
  unit: get('unit', isOneOf('steps', 'images', 'seconds')),
  every: get('every', isNumber(0)),
  count: get('count', isWhole(1)),
}));

/** A {@link SavedEvaluations} of a file. */
export const isSavedEvaluations: Check<SavedEvaluations> = isObject(({ get }) => ({
  plan: get('plan', isNullOr(isPlan)),
  sinceBest: get('sinceBest', isWhole(0)),
  seconds: get('seconds', isNumber(0)),
}));

/** Max fraction of a run's time that evaluations take by default. */
export const maxShare = 0.03;
/** The fraction that is planned: an evaluation during training can take longer than when it was measured. */
export const plannedShare = 0.02;
/** By default only runs longer than this are evaluated. */
export const minSeconds = 300;
/** The number of images is lowered until so many evaluations fit. */
const wantedTimes = 5;
/** More evaluations than this tell nothing more. */
const maxTimes = 40;

/** The measured cost of evaluations, in seconds. */
export interface EvaluationCost {
  /** Seconds of one sample: to draw it and to extract its features. */
  readonly perImage: number;
  /** Seconds of one evaluation, beside its samples. */
  readonly perEvaluation: number;
}

/**
 * The number of images with which some evaluations fit into a budget of seconds. The real images' features are counted too: they cost
 * as much as one more set of samples. Null if not even two evaluations of `least` images fit.
 */
export function affordableCount(
  budget: number,
  cost: EvaluationCost,
  { least, most }: { readonly least: number; readonly most: number },
): number | null {
  const { perImage, perEvaluation } = cost;
  const fits = (budget - wantedTimes * perEvaluation) / ((wantedTimes + 1) * perImage);
  const count = Math.min(most, Math.max(least, Math.floor(fits)));
  return count < least || affordableTimes(budget - count * perImage, cost, count) === null ? null : count;
}

/** The number of evaluations of `count` images that fit into a budget of seconds; null for fewer than two. */
export function affordableTimes(
  budget: number,
  { perImage, perEvaluation }: EvaluationCost,
  count: number,
): number | null {
  const times = Math.min(maxTimes, Math.floor(budget / (count * perImage + perEvaluation)));
  return times < 2 ? null : times;
}

/** The plan that evaluates a run `times` times, the last time at its end. */
export function spread(
  { steps, images, minutes }: Pick<TrainConfig, 'steps' | 'images' | 'minutes'>,
  { times, count }: { readonly times: number; readonly count: number },
): EvaluationPlan {
  if (steps !== null) return { unit: 'steps', every: Math.ceil(steps / times), count };
  if (images !== null) return { unit: 'images', every: Math.ceil(images / times), count };
  return { unit: 'seconds', every: ((minutes ?? 0) * 60) / times, count };
}

/** The place of a run in a plan's unit. */
export interface Place {
  readonly step: number;
  readonly images: number;
  readonly secondsElapsed: number;
}

/** True if an evaluation is due between two places of a run: a multiple of the interval lies after the first, up to the second. */
export function isDueBetween({ unit, every }: EvaluationPlan, before: Place, now: Place): boolean {
  const numberAt = ({ step, images, secondsElapsed }: Place): number =>
    Math.floor({ steps: step, images, seconds: secondsElapsed }[unit] / every);
  return numberAt(now) > numberAt(before);
}
