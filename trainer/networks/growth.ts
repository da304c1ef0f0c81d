// Progressive growing (Karras 2018a, section 2): training starts with small images. Layers for twice the resolution fade in over
// `growImages` images, then all layers train for as many again, until they reach the full resolution. The step number
// determines the stage; a saved state also holds it.
import { imagesPerStep } from '../config/config.ts';
import type { TrainConfig } from '../config/fields.ts';
import { imageShape } from '../config/image-size.ts';
import { sizeText, type ImageSize } from '../../runtime-web/format/image-shape.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import { levels, shorterSide } from '../config/stages.ts';

/** The resolution of training, and whether it fades in. */
export interface Stage {
  /** Shorter side of the images, in pixels. */
  readonly resolution: number;
  /** The layers of this resolution are fading in. */
  readonly isFading: boolean;
}

/** A stage and its steps. */
export interface GrowthPhase extends Stage {
  /** 1 for the first step of a run. */
  readonly firstStep: number;
  /** Infinity for the last phase. */
  readonly steps: number;
  /** The first step of this resolution, where Adam is reset (as in the paper's code). */
  readonly resetAt: number;
}

type GrowthConfig = Pick<
  TrainConfig,
  'imageSize' | 'channels' | 'growFrom' | 'growImages' | 'batch' | 'criticSteps'
>;

/** The state's entry [2] of a growing network: its resolution and its fade-in factor. */
export const growthName = 'statistics/growth';

/** The shorter sides of the images of all stages, from the smallest on. */
function resolutions(config: Pick<TrainConfig, 'imageSize' | 'channels'>): number[] {
  return levels(imageShape(config)).map(shorterSide);
}

/** All phases of a run; a single one without growing. */
export function growthPhases(config: GrowthConfig): readonly GrowthPhase[] {
  const { growFrom, growImages } = config;
  const sides = resolutions(config);
  const last = sides.at(-1)!;
  const first = sides.find((side) => side >= (growFrom ?? last)) ?? last;
  const steps = Math.ceil(growImages / imagesPerStep(config));
  const phases: GrowthPhase[] = [];
  let firstStep = 1;
  for (let resolution = first; resolution <= last; resolution *= 2) {
    const resetAt = firstStep;
    for (const isFading of resolution === first ? [false] : [true, false]) {
      const isLast = resolution === last && !isFading;
      phases.push({ resolution, isFading, firstStep, steps: isLast ? Infinity : steps, resetAt });
      firstStep += steps;
    }
  }
  return phases;
}

/** The size of the images whose shorter side is `resolution`. */
export function levelOf(config: Pick<TrainConfig, 'imageSize' | 'channels'>, resolution: number): ImageSize {
  return levels(imageShape(config)).find((size) => shorterSide(size) === resolution)!;
}

/** The phase of step `step` (1 for the first). */
export function phaseAt(config: GrowthConfig, step: number): GrowthPhase {
  return growthPhases(config).findLast(({ firstStep }) => firstStep <= step)!;
}

/**
 * A warning, with advice, if a run ends before its networks reach full resolution; null if it does not, or if its length in
 * steps is unknown.
 */
export function growthWarning(config: GrowthConfig & Pick<TrainConfig, 'steps' | 'images'>): string | null {
  const { steps, images } = config;
  const perStep = imagesPerStep(config);
  const total = steps ?? (images === null ? null : Math.ceil(images / perStep));
  const { firstStep } = growthPhases(config).at(-1)!;
  if (total === null || total >= firstStep) return null;
  const { resolution, isFading } = phaseAt(config, total);
  return (
    `the run ends while ${isFading ? 'layers fade in for ' : 'images are '}${sizeText(levelOf(config, resolution))}: its networks have ` +
    `${sizeText(imageShape(config))} after ${(firstStep - 1) * perStep} images; make it longer, or lower --grow-images`
  );
}

/** The stage of a saved state; full resolution if the state has no {@link growthName}. Throws UserError for an invalid entry. */
export function stageOf(state: NamedHostTensors, config: Pick<TrainConfig, 'imageSize' | 'channels'>): Stage {
  const entry = state[growthName];
  const sides = resolutions(config);
  if (entry === undefined) return { resolution: sides.at(-1)!, isFading: false };
  const [resolution, fadeIn] = entry.data as Float32Array;
  if (!sides.includes(resolution!) || !(fadeIn! >= 0 && fadeIn! <= 1)) {
    throw new UserError(
      `${growthName}: got ${resolution}, ${fadeIn}, expected a size of ${sides.join(', ')} and a fade-in factor from 0 to 1; the checkpoint is damaged`,
    );
  }
  return { resolution: resolution!, isFading: fadeIn! < 1 };
}
