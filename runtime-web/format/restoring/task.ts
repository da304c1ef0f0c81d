// The restoring tasks, and for each the weights of the loss: colour, luminance, realism, and the latents' distribution. The trainer and pages
// share this table, so that both give the same results.

/** Fill a hole, remove noise, or colour a grey image. */
export const restoringTasks = ['inpaint', 'denoise', 'colourise'] as const;
/** See {@link restoringTasks}. */
export type RestoringTask = (typeof restoringTasks)[number];

/** Weights of the loss's terms. */
export interface TermWeights {
  /** Mean difference from the known pixels, over all channels. */
  readonly colour: number;
  /** Mean difference from the luminance of the known pixels. */
  readonly luminance: number;
  /** -log D(G(z)). */
  readonly realism: number;
  /** Deviation of z's length from its expectation under a normal prior. */
  readonly typical: number;
}

/** Default weight of -log D(G(z)), beside a mean difference of pixels in [-1, 1]; λ in Yeh 2017. */
export const usualRealism = 0.003;
/** Weight of {@link TermWeights.typical}. */
export const usualTypical = 0.1;

/** The weights of a task, optionally with another `realism`. */
export function termWeights(task: RestoringTask, realism = usualRealism): TermWeights {
  const isGrey = task === 'colourise';
  return { colour: isGrey ? 0 : 1, luminance: isGrey ? 1 : 0, realism, typical: usualTypical };
}

/** Default number of updates of z. */
export const usualUpdates = 300;
/** Adam's initial learning rate, for latents with a standard deviation of about 1. */
export const usualRate = 0.1;

/** Adam's learning rate at update `number` (from 1) of `updates`: half a cosine down to 1/50, so that the last updates settle. */
export function rateAt(number: number, updates: number, rate = usualRate): number {
  const share = updates <= 1 ? 0 : (number - 1) / (updates - 1);
  return rate * (0.02 + 0.98 * 0.5 * (1 + Math.cos(Math.PI * share)));
}
