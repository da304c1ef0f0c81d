// Means of a training's figures since the last line of statistics, in the form that the trainer's checkpoints have them.

/** The figures of a step: the losses, and D's mean output for real and generated images. */
export const figureNames = ['dLoss', 'gLoss', 'dReal', 'dFake'] as const;
/** One value for each. */
export type Figures = Readonly<Record<(typeof figureNames)[number], number>>;

/** The sums as JSON. */
export interface SavedSums {
  readonly sums: Figures;
  readonly count: number;
  readonly images: number;
  readonly seconds: number;
  readonly diversity: number | null;
}

/** No figures yet. */
export const noSums: SavedSums = {
  sums: { dLoss: 0, gLoss: 0, dReal: 0, dFake: 0 },
  count: 0,
  images: 0,
  seconds: 0,
  diversity: null,
};

/** The sums with one more step of `images` real images in `seconds`. */
export function withStep(
  { sums, count, images, seconds, diversity }: SavedSums,
  figures: Figures,
  step: { readonly images: number; readonly seconds: number },
): SavedSums {
  return {
    sums: mapped((name) => sums[name] + figures[name]),
    count: count + 1,
    images: images + step.images,
    seconds: seconds + step.seconds,
    diversity,
  };
}

/** The mean of each figure; NaN without steps. */
export function meansOf({ sums, count }: SavedSums): Figures {
  return mapped((name) => sums[name] / count);
}

/** A value for each figure. */
export function mapped(value: (name: keyof Figures) => number): Figures {
  return { dLoss: value('dLoss'), gLoss: value('gLoss'), dReal: value('dReal'), dFake: value('dFake') };
}
