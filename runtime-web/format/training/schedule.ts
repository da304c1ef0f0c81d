// Settings that change during a run: learning rates with a linear warm-up and a decay, Adam's β2, and the weights of R1 and R2. β2 and
// the penalties change as R3GAN's published code does it (Huang 2024): along half a cosine over the burn-in, then no more.

/** The part of a configuration that determines its schedule. */
export interface ScheduleConfig {
  /** Change of the learning rates over the burn-in. */
  readonly schedule: 'constant' | 'linear' | 'cosine';
  /** Steps over which the learning rates rise linearly from zero. */
  readonly warmup: number;
  /** A share of the run up to 1, or a number of images above 1. */
  readonly burnIn: number;
  readonly learningRate: number;
  /** The learning rate at the end of the burn-in. */
  readonly learningRateEnd: number;
  readonly beta2: number;
  /** β2 at the end of the burn-in; null if it does not change. */
  readonly beta2End: number | null;
  /** Factor of the penalties at the end of the burn-in. */
  readonly penaltyEnd: number;
}

/** The part of a configuration that determines the averaging of the generator's weights. */
export interface AverageConfig {
  readonly averageDecay: number | null;
  /** In real images shown; null with a decay per update. */
  readonly averageHalfLife: number | null;
  readonly averageRampUp: number;
}

/** The part of a run that lies behind a step. */
export interface Progress {
  /** Fraction of the run, from 0 to 1. */
  readonly done: number;
  /** Real images shown. */
  readonly images: number;
}

/** The scheduled values of one step. */
export interface Scheduled {
  /** Multiplies the learning rates of G and D. */
  readonly rateFactor: number;
  readonly beta2: number;
  /** Multiplies the weights of R1 and R2. */
  readonly penaltyFactor: number;
}

/** The beginning of a run. */
export const atStart: Progress = { done: 0, images: 0 };

/** The values of step `stepNumber` (1 for the first), with `progress` behind it. */
export function scheduledAt(config: ScheduleConfig, stepNumber: number, progress: Progress): Scheduled {
  const { beta2, beta2End, penaltyEnd } = config;
  const through = burnInDone(config, progress);
  return {
    rateFactor: rateFactor(config, stepNumber, through),
    beta2: between(beta2, beta2End ?? beta2, decays.cosine(through)),
    penaltyFactor: between(1, penaltyEnd, decays.cosine(through)),
  };
}

/** Fraction of the burn-in that is done: of a share of the run (up to 1), or of a number of images (above 1). */
function burnInDone({ burnIn }: Pick<ScheduleConfig, 'burnIn'>, { done, images }: Progress): number {
  return Math.min(1, burnIn > 1 ? images / burnIn : done / burnIn);
}

/**
 * The factor of the learning rates: min(1, stepNumber / warmup) times a factor that falls from 1 to that of the end rate, by 1 - done or
 * (1 + cos(π done)) / 2 (Loshchilov 2017, equation 5, without restarts).
 */
function rateFactor(
  { schedule, warmup, learningRate, learningRateEnd }: ScheduleConfig,
  stepNumber: number,
  done: number,
): number {
  const rise = warmup === 0 ? 1 : Math.min(1, stepNumber / warmup);
  return rise * between(1, learningRateEnd / learningRate, decays[schedule](done));
}

/** The value between `from` and `to` at which `decay` is left: exactly `from` at 1, and `to` at 0. */
function between(from: number, to: number, decay: number): number {
  return from * decay + to * (1 - decay);
}

const decays: Readonly<Record<ScheduleConfig['schedule'], (done: number) => number>> = {
  constant: () => 1,
  linear: (done) => 1 - done,
  cosine: (done) => (1 + Math.cos(Math.PI * done)) / 2,
};

/**
 * The decay of the averaged weights in an update, with `images` shown before it since the networks began (at this resolution). A half-life
 * of images rises with them to its value, at `averageRampUp` images an image (Karras 2020, the published code of StyleGAN2-ADA); a decay
 * per update rises from the first update on, so that the first samples do not show the initial weights.
 */
export function averageDecayAt(
  { averageDecay, averageHalfLife, averageRampUp }: AverageConfig,
  update: number,
  imagesPerUpdate: number,
): number {
  if (averageHalfLife === null) return Math.min(averageDecay ?? 0, (1 + update) / (10 + update));
  const shown = (update - 1) * imagesPerUpdate;
  const halfLife = averageRampUp === 0 ? averageHalfLife : Math.min(averageHalfLife, averageRampUp * shown);
  return halfLife === 0 ? 0 : 0.5 ** (imagesPerUpdate / halfLife);
}
