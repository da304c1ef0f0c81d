// Warnings about runs that are too short, given before they start: networks that do not grow to their size, and a recipe that shows too
// few images. The images of a run by `--minutes` are estimated from the number of processor cores.
import { availableParallelism } from 'node:os';
import { sizeText } from '../../runtime-web/format/image-shape.ts';
import { imagesPerStep } from '../config/config.ts';
import type { TrainConfig } from '../config/fields.ts';
import { imageShape } from '../config/image-size.ts';
import { fewImagesShown } from '../config/recipe-table.ts';
import { imagesPerSecond, shownMinutes } from '../config/recipes.ts';
import { shorterSide, stagesOf } from '../config/stages.ts';
import { growthPhases, growthWarning } from '../networks/growth.ts';

/** Speed of style-based networks beside DCGAN's of the same width (docs/notes/methods.md). */
const styleShare = 0.5;

/** The number of images that a run shows, and whether it is only estimated. */
export interface ExpectedLength {
  readonly images: number;
  readonly isEstimated: boolean;
}

/** The images of a run; null for a run by minutes on a GPU, whose speed is not known before it is measured. */
export function expectedLength(
  config: TrainConfig,
  {
    isOnGpu,
    cores = config.threads ?? availableParallelism(),
  }: { readonly isOnGpu: boolean; cores?: number },
): ExpectedLength | null {
  const { steps, images, minutes, network, baseWidth } = config;
  if (steps !== null) return { images: steps * imagesPerStep(config), isEstimated: false };
  if (images !== null) return { images, isEstimated: false };
  if (isOnGpu || minutes === null) return null;
  const size = imageShape(config);
  const { count } = stagesOf(size);
  const atFullSize = imagesPerSecond(size, baseWidth, cores) * (network === 'dcgan' ? 1 : styleShare);
  let secondsLeft = minutes * 60;
  let shown = 0;
  for (const { resolution, steps: inPhase } of growthPhases(config)) {
    // The width halves where the resolution doubles, so each doubling costs about the same.
    const doublings = count - Math.log2(shorterSide(size) / resolution);
    const rate = (atFullSize * count) / Math.max(0.5, doublings);
    const seconds = Math.min(secondsLeft, (inPhase * imagesPerStep(config)) / rate);
    shown += seconds * rate;
    secondsLeft -= seconds;
  }
  return { images: Math.round(shown), isEstimated: true };
}

/** The warnings about a run of this length; `hasRecipe` if a recipe has chosen its settings. */
export function lengthWarnings(
  config: TrainConfig,
  { images, isEstimated }: ExpectedLength,
  hasRecipe: boolean,
): readonly string[] {
  const { minutes } = config;
  const number = (value: number): string => value.toLocaleString('en');
  const shown = isEstimated ? `about ${number(Number(images.toPrecision(2)))}` : number(images);
  const growth = growthWarning({ ...config, steps: null, images });
  const byClock = isEstimated && minutes !== null ? ` (${shownMinutes(minutes)} show ${shown} images)` : '';
  const enough =
    minutes === null
      ? `--images ${fewImagesShown}`
      : `--minutes ${Math.ceil((minutes * fewImagesShown) / Math.max(1, images))}`;
  return [
    ...(growth === null ? [] : [`${growth}${byClock}`]),
    ...(hasRecipe && images < fewImagesShown
      ? [
          `the run shows ${shown} images of ${sizeText(imageShape(config))}, and recognisable ones take some ${number(fewImagesShown)}: ` +
            `give ${enough} or more, or a smaller --image-size`,
        ]
      : []),
  ];
}
