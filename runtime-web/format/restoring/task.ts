// What can be restored, and what each task asks of a picture that the generator draws: how much its colours, its luminance,
// the discriminator and the latents' own distribution count. One table for the trainer and for pages, so that both restore
// alike.

/** Fill a hole, remove noise, or colour a grey picture. */
export const restoringTasks = ['inpaint', 'denoise', 'colourise'] as const;
/** See {@link restoringTasks}. */
export type RestoringTask = (typeof restoringTasks)[number];

/** What the terms of the loss are multiplied by. */
export interface TermWeights {
  /** Of the mean difference from the known pixels, over all channels. */
  readonly colour: number;
  /** Of the mean difference from the known pixels' luminance. */
  readonly luminance: number;
  /** Of -log D(G(z)). */
  readonly realism: number;
  /** Of how far z's length is from what it is in the prior, where that is normal. */
  readonly typical: number;
}

/** Of -log D(G(z)), beside a mean difference of pixels in [-1, 1]; Yeh's λ. */
export const usualRealism = 0.003;
/** See {@link TermWeights.typical}. */
export const usualTypical = 0.1;

/** A task's weights; `realism` where it is not as usual. */
export function termWeights(task: RestoringTask, realism = usualRealism): TermWeights {
  const isGrey = task === 'colourise';
  return { colour: isGrey ? 0 : 1, luminance: isGrey ? 1 : 0, realism, typical: usualTypical };
}

/** Updates of z unless told otherwise. */
export const usualUpdates = 300;
/** Adam's rate at the start, for latents whose deviation is about one. */
export const usualRate = 0.1;

/** Adam's rate at update `number` (1 for the first) of `updates`: half a cosine down to a fiftieth, so that the last settle. */
export function rateAt(number: number, updates: number, rate = usualRate): number {
  const share = updates <= 1 ? 0 : (number - 1) / (updates - 1);
  return rate * (0.02 + 0.98 * 0.5 * (1 + Math.cos(Math.PI * share)));
}
