// Progressive growing (Karras 2018a, section 2): training begins with small images; a layer for twice the size is faded in over
// some images, then all train for as many again, until the images have their size. Where a run stands follows from its step
// alone; a state that is saved on the way says it of itself.
import { imagesPerStep } from '../config/config.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { UserError } from '../errors.ts';

/** What the networks draw and judge at one time. */
export interface Stage {
  /** Side of the images, in pixels. */
  readonly resolution: number;
  /** Whether the layers of this size are being faded in. */
  readonly isFading: boolean;
}

/** A stage and the steps that it has. */
export interface GrowthPhase extends Stage {
  /** 1 for a run's first. */
  readonly firstStep: number;
  /** Infinity for the last phase. */
  readonly steps: number;
  /** The first step of this size: there Adam begins anew (as in the paper's code). */
  readonly anewAt: number;
}

type GrowthConfig = Pick<TrainConfig, 'imageSize' | 'growFrom' | 'growImages' | 'batch' | 'criticSteps'>;

/** The state's entry [2] of a growing network: its images' side, and how much of the newest layers has been faded in. */
export const growthName = 'statistics/growth';

/** All phases of a run; one alone where nothing grows. */
export function growthPhases(config: GrowthConfig): readonly GrowthPhase[] {
  const { imageSize, growFrom, growImages } = config;
  const first = growFrom ?? imageSize;
  const steps = Math.ceil(growImages / imagesPerStep(config));
  const phases: GrowthPhase[] = [];
  let firstStep = 1;
  for (let resolution = first; resolution <= imageSize; resolution *= 2) {
    const anewAt = firstStep;
    for (const isFading of resolution === first ? [false] : [true, false]) {
      const isLast = resolution === imageSize && !isFading;
      phases.push({ resolution, isFading, firstStep, steps: isLast ? Infinity : steps, anewAt });
      firstStep += steps;
    }
  }
  return phases;
}

/** The phase of step `step` (1 for the first). */
export function phaseAt(config: GrowthConfig, step: number): GrowthPhase {
  return growthPhases(config).findLast(({ firstStep }) => firstStep <= step)!;
}

/** Why a run of this length ends before its networks have grown up, with what to do; null where it does not, or nobody knows. */
export function growthComplaint(config: GrowthConfig & Pick<TrainConfig, 'steps' | 'images'>): string | null {
  const { steps, images, imageSize } = config;
  const shown = imagesPerStep(config);
  const total = steps ?? (images === null ? null : Math.ceil(images / shown));
  const { firstStep } = growthPhases(config).at(-1)!;
  if (total === null || total >= firstStep) return null;
  const { resolution, isFading } = phaseAt(config, total);
  return (
    `the run ends while ${isFading ? 'layers fade in for ' : 'images are '}${resolution}x${resolution}: its networks have ` +
    `${imageSize}x${imageSize} after ${(firstStep - 1) * shown} images; make it longer, or lower --grow-images`
  );
}

/** How much of the newest layers counts at step `step` of a phase: rises to 1 while they are faded in. */
export function shareFadedIn({ isFading, firstStep, steps }: GrowthPhase, step: number): number {
  return isFading ? (step - firstStep + 1) / steps : 1;
}

/** Where a saved state stands; at full size where it has no entry of growth. Throws UserError for an entry that cannot be. */
export function stageOf(state: NamedHostTensors, imageSize: number): Stage {
  const entry = state[growthName];
  if (entry === undefined) return { resolution: imageSize, isFading: false };
  const [resolution, share] = entry.data as Float32Array;
  const isSize = Number.isInteger(Math.log2(resolution!)) && resolution! >= 4 && resolution! <= imageSize;
  if (!isSize || !(share! >= 0 && share! <= 1)) {
    throw new UserError(
      `${growthName}: got ${resolution}, ${share}, expected a size up to ${imageSize} and a share from 0 to 1: the checkpoint is damaged`,
    );
  }
  return { resolution: resolution!, isFading: share! < 1 };
}
