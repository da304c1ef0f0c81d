// The evaluations of a run while it trains: when they are due, which step is the best so far, and when patience ends. They draw no
// random numbers of the run and change none of the state that training reads.
import type { TrainConfig } from '../config/fields.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import type { DrawSamples, Evaluator } from '../metrics/run-evaluator.ts';
import {
  affordableCount,
  affordableTimes,
  isDueBetween,
  maxShare,
  minSeconds,
  plannedShare,
  spread,
  type EvaluationPlan,
  type Place,
  type SavedEvaluations,
} from './evaluation-plan.ts';

/** The step with the lowest Fréchet distance so far. */
export interface Best {
  readonly step: number;
  readonly evaluation: Evaluation;
}

/** The options of {@link Evaluations}. */
export interface EvaluationsSetup {
  readonly config: TrainConfig;
  /** Opens the evaluator at the first call; the caller closes it. */
  readonly open: () => Promise<Evaluator>;
  /** The state that the checkpoint has kept; absent for a new run. */
  readonly saved?: SavedEvaluations;
  readonly best: Best | null;
  readonly signal: AbortSignal;
}

/** Waiting this long, and for so many steps after the first, gives a rate that predicts the length of a run. */
const rateSeconds = 10;
const rateSteps = 10;

/** The evaluations of one session of a run. */
export class Evaluations {
  private readonly setup: EvaluationsSetup;
  private plan: EvaluationPlan | null;
  private isChosen = false;
  private sinceBest: number;
  private seconds: number;
  /** Seconds of the newest evaluation. */
  private lastSeconds = 0;
  private best: Best | null;
  private rateFrom: { readonly at: number; readonly done: number; readonly step: number } | null = null;

  constructor(setup: EvaluationsSetup) {
    this.setup = setup;
    const { evaluateEvery, evaluateCount, patience } = setup.config;
    const { plan = null, sinceBest = 0, seconds = 0 } = setup.saved ?? {};
    this.plan =
      typeof evaluateEvery === 'number'
        ? { unit: 'steps', every: evaluateEvery, count: evaluateCount }
        : plan?.unit === spread(setup.config, { times: 1, count: 1 }).unit && evaluateEvery === 'auto'
          ? plan
          : null;
    // A run that patience has ended goes on when it is resumed.
    this.sinceBest = patience !== null && sinceBest >= patience ? 0 : sinceBest;
    this.seconds = seconds;
    this.best = setup.best;
  }

  /** The state that a checkpoint keeps; undefined for a run that has not been evaluated. */
  get saved(): SavedEvaluations | undefined {
    if (this.seconds === 0) return undefined;
    const { plan, sinceBest, seconds } = this;
    return { plan: this.setup.config.evaluateEvery === 'auto' ? plan : null, sinceBest, seconds };
  }

  /** True once so many evaluations in a row were no improvement as the run has patience for. */
  get isOver(): boolean {
    const { patience } = this.setup.config;
    return patience !== null && this.sinceBest >= patience;
  }

  /**
   * Chooses the plan from the measured cost, once the first steps have shown how long the run will take. Call it after each step,
   * with the fraction of the run that is done. Resolves to a line for the user when it has chosen; null before and after.
   */
  async choose(place: Place, done: number, draw: DrawSamples): Promise<string | null> {
    const { config } = this.setup;
    if (config.evaluateEvery !== 'auto' || this.plan !== null || this.isChosen) return null;
    this.rateFrom ??= { at: performance.now(), done, step: place.step };
    const measured = (performance.now() - this.rateFrom.at) / 1000;
    if (measured < rateSeconds || place.step - this.rateFrom.step < rateSteps) return null;
    this.isChosen = true;
    const left = (measured * (1 - done)) / (done - this.rateFrom.done);
    const seconds = config.minutes === null ? place.secondsElapsed + left : config.minutes * 60;
    return seconds <= minSeconds && config.patience === null ? null : this.choosePlan(seconds, draw);
  }

  /** Chooses the plan for a run of `seconds`; resolves to a line that says it, or why there is none. */
  private async choosePlan(seconds: number, draw: DrawSamples): Promise<string | null> {
    const { config, open, signal } = this.setup;
    const begun = performance.now();
    return this.timed(async () => {
      const evaluator = await open();
      const { least, most, network } = evaluator;
      const otherwise = '--evaluate-every N evaluates all the same, every N steps';
      if (most < least) {
        return `no evaluations: ${network} needs at least ${least} images, and there are ${most} (--evaluate-count, data)`;
      }
      try {
        // An evaluation begins with new statistics of the samples' network, which the first samples of a step wait for.
        const drawingBegun = performance.now();
        await draw(0);
        const firstSamples = secondsSince(drawingBegun);
        const perImage = await evaluator.secondsPerImage(draw, signal);
        const budget = (): number => seconds * plannedShare - secondsSince(begun);
        const cost = { perImage, perEvaluation: firstSamples };
        const count = affordableCount(budget(), cost, { least, most });
        if (count !== null) cost.perEvaluation += await evaluator.prepare(count, signal);
        const times = count && affordableTimes(budget(), cost, count);
        if (count === null || times === null) {
          const dear = (least * perImage + cost.perEvaluation).toFixed(1);
          return `no evaluations: one of ${least} images takes ${dear} s, and two do not fit into ${maxShare * 100}% of the run's time; ${otherwise}`;
        }
        this.plan = spread(config, { times, count });
        this.lastSeconds = count * perImage + cost.perEvaluation;
        const { unit, every } = this.plan;
        const share = (secondsSince(begun) + times * this.lastSeconds) / seconds;
        return (
          `every ${unit === 'seconds' ? `${Math.round(every)} s` : `${every.toLocaleString('en')} ${unit}`} ` +
          `with ${count.toLocaleString('en')} images (${network}), in about ${(share * 100).toFixed(1)}% of the time`
        );
      } catch (error) {
        if (signal.aborted) return null;
        throw error;
      }
    });
  }

  /**
   * True if an evaluation is due: at the plan's interval, and at the end of the run, where the fraction `done` is 1. Evaluations that
   * the program has chosen itself are left out where they have become so slow that they would exceed their share of the time. The one
   * at the end is always made: without it, a step from before the left-out ones would pass for the best.
   */
  isDue(before: Place, now: Place, done: number): boolean {
    const { minutes, evaluateEvery } = this.setup.config;
    if (this.plan === null) return false;
    if (done >= 1) return true;
    if (!isDueBetween(this.plan, before, now)) return false;
    const total = minutes === null ? now.secondsElapsed / done : minutes * 60;
    return evaluateEvery !== 'auto' || this.seconds + 2 * this.lastSeconds <= maxShare * total;
  }

  /** Evaluates the samples of a step, and calls `keep` if they are the best so far; null when aborted. */
  async measure(
    step: number,
    draw: DrawSamples,
    keep: (evaluation: Evaluation) => Promise<void>,
  ): Promise<{ readonly evaluation: Evaluation; readonly isBest: boolean } | null> {
    const { open, signal } = this.setup;
    return this.timed(async () => {
      const evaluator = await open();
      if (evaluator.prepared === null) await evaluator.prepare(this.plan!.count, signal);
      const begun = performance.now();
      const evaluation = await evaluator.measure(draw, signal);
      if (evaluation === null) return null;
      const isBest = isBetter(evaluation, this.best);
      if (isBest) {
        await keep(evaluation);
        this.best = { step, evaluation };
      }
      this.lastSeconds = secondsSince(begun);
      // A resumed run repeats the steps up to its best one.
      this.sinceBest = step <= this.best!.step ? 0 : this.sinceBest + 1;
      return { evaluation, isBest };
    });
  }

  private async timed<T>(work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    try {
      return await work();
    } finally {
      this.seconds += secondsSince(begun);
    }
  }
}

const secondsSince = (begun: number): number => (performance.now() - begun) / 1000;

/** True for a lower Fréchet distance, and if the one before is by another network or of another number of images. */
function isBetter(found: Evaluation, best: Best | null): boolean {
  if (best === null) return true;
  const { frechet, network, images } = best.evaluation;
  return found.frechet < frechet || network !== found.network || images !== found.images;
}
