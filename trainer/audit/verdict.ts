// The verdict of an audit: what its figures show, and what they cannot show. It is never a promise.
import type { Estimate } from './share-interval.ts';

/** All verdicts, the worst first. */
export const verdicts = ['memorises', 'leans on its training images', 'no sign found'] as const;
/** See {@link verdicts}. */
export type Verdict = (typeof verdicts)[number];

/** The figures that the verdict is drawn from, each 0.5 by chance; null for one that was not measured. */
export interface AuditFigures {
  /** Share of samples that are nearer to training than to held-out images, in features. */
  readonly nearerInFeatures: Estimate | null;
  /** The same in pixels. */
  readonly nearerInPixels: Estimate | null;
  /** Area under the curve: D's logits of training against held-out images. */
  readonly discriminator: Estimate | null;
  /** Area under the curve: training images are inverted with smaller errors than held-out ones. */
  readonly reconstruction: Estimate | null;
}

/** The names of the figures in text. */
export const figureNames: Readonly<Record<keyof AuditFigures, string>> = {
  nearerInFeatures: 'samples nearer to training images, in features',
  nearerInPixels: 'samples nearer to training images, in pixels',
  discriminator: "membership by the discriminator's score, AUC",
  reconstruction: 'membership by reconstruction error, AUC',
};

/**
 * The figure of the generator from which it memorises. A copy is always nearer to its training image, and other samples are in half of
 * the cases, so at 0.75 half of the samples are explained by copying: 2 · 0.75 - 1.
 */
export const memorisesFrom = 0.75;

/**
 * Each of the four one-sided tests has a false alarm in 0.5% of healthy models (intervals of 99%), so all of them together in 2% at most.
 * The discriminator alone never decides that a model memorises: it may know images that the generator does not repeat (Hayes 2019).
 */
export function verdictOf(figures: AuditFigures): Verdict {
  const shows = (figure: Estimate | null): figure is Estimate => figure !== null && figure.low > 0.5;
  const { discriminator, ...ofGenerator } = figures;
  const signs = Object.values(ofGenerator).filter(shows);
  if (signs.some(({ value }) => value >= memorisesFrom)) return 'memorises';
  return signs.length > 0 || shows(discriminator) ? 'leans on its training images' : 'no sign found';
}

/** One sentence for each figure that shows something, or one that none does. */
export function reasonsFor(figures: AuditFigures): readonly string[] {
  const shown = (Object.keys(figureNames) as (keyof AuditFigures)[]).flatMap((key) => {
    const figure = figures[key];
    if (figure === null || figure.low <= 0.5) return [];
    return [`${figureNames[key]}: ${estimateText(figure)}, 0.5 by chance`];
  });
  const { discriminator, ...ofGenerator } = figures;
  const isGenerator = Object.values(ofGenerator).some((figure) => (figure?.low ?? 0) > 0.5);
  if (shown.length === 0) return ['every interval includes 0.5, which is chance, or lies below it'];
  if (!isGenerator && discriminator !== null) {
    return [...shown, 'only the discriminator tells training images apart: keep it to yourself'];
  }
  return shown;
}

/** `0.71 (0.62 to 0.80)`. */
export function estimateText({ value, low, high }: Estimate): string {
  return `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

/** The limits of the figures, a sentence each. */
export function limitsOf(
  figures: AuditFigures,
  { heldOut, heldOutKind, samples }: AuditSizes,
): readonly string[] {
  const widest = Math.max(
    ...Object.values(figures).map((figure: Estimate | null) =>
      figure === null ? 0 : figure.value - figure.low,
    ),
  );
  const missing = (Object.keys(figureNames) as (keyof AuditFigures)[]).filter((key) => figures[key] === null);
  return [
    `with ${heldOut} held-out images, a figure up to ${Math.min(1, 0.5 + widest).toFixed(2)} can be chance, so a weaker tendency stays unseen; hold out more images to see it`,
    `a few memorised images among ${samples} samples move no figure: look at the nearest pairs, and at images that must not leak`,
    'attacks that use more, such as models trained with and without an image, find more than these figures do',
    ...missing.map((key) => `not measured: ${figureNames[key]}`),
    ...(heldOutKind === 'given'
      ? [
          'the held-out images were given: if they are of another kind than the training images, every figure is too high',
        ]
      : []),
    ...(heldOutKind === 'test part'
      ? [
          "the held-out images are the data's test part: if it was collected in another way, every figure is too high",
        ]
      : []),
    'no sign is no proof of privacy, and says nothing about copyright or consent',
  ];
}

/** Numbers and kind of the images of an audit. */
export interface AuditSizes {
  /** Held-out images, and as many training images in each draw. */
  readonly heldOut: number;
  readonly heldOutKind: HeldOutKind;
  readonly samples: number;
}

/** The origin of the held-out images. */
export type HeldOutKind = 'set aside' | 'test part' | 'later avatars' | 'given';
