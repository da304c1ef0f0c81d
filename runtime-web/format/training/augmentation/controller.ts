// ADA's controller of the probability of augmentation (Karras 2020, section 3.1; stylegan2-ada-pytorch, training/training_loop.py): it
// rises while D takes more of the real images for real than the target, the sign of overfitting, and falls otherwise.
import { isNumber, isObject, isWhole, type Check } from '../../fields.ts';
import { adaptive } from './names.ts';

/** Steps between two adjustments. */
export const adjustEvery = 4;

/** Sum and number of the mean signs of D's outputs for real images (r_t). */
interface Signs {
  readonly sum: number;
  readonly steps: number;
}

/** {@link AugmentationController} as JSON. */
export interface SavedController {
  readonly probability: number;
  /** Since the last adjustment. */
  readonly signs: Signs;
  /** Since the last report. */
  readonly reported: Signs;
}

const isSigns: Check<Signs> = isObject(({ get }) => ({
  sum: get('sum', isNumber()),
  steps: get('steps', isWhole(0)),
}));

/** A {@link SavedController} of a file. */
export const isSavedController: Check<SavedController> = isObject(({ get }) => ({
  probability: get('probability', isNumber(0)),
  signs: get('signs', isSigns),
  reported: get('reported', isSigns),
}));

const none: Signs = { sum: 0, steps: 0 };
const plus = ({ sum, steps }: Signs, sign: number): Signs => ({ sum: sum + sign, steps: steps + 1 });
/** The mean; null for none. */
export const meanSign = ({ sum, steps }: Signs): number | null => (steps === 0 ? null : sum / steps);

/** The settings of a configuration that the controller reads. */
export interface AdaSettings {
  /** `ada`, or anything else without a controller. */
  readonly augment: string | null;
  /** A fixed probability; null where the controller moves it. */
  readonly augmentProbability: number | null;
  /** Mean sign of D's outputs for real images above which the probability rises. */
  readonly adaTarget: number;
  /** Real images shown while the probability moves from 0 to 1. */
  readonly adaImages: number;
}

/** True if a run moves its probability of augmentation. */
export function isControlled({
  augment,
  augmentProbability,
}: Pick<AdaSettings, 'augment' | 'augmentProbability'>): boolean {
  return augment === adaptive && augmentProbability === null;
}

/** The probability of augmentation in a run, and what moves it. */
export class AugmentationController {
  private readonly settings: AdaSettings;
  private state: SavedController;

  private constructor(settings: AdaSettings, state: SavedController) {
    this.settings = settings;
    this.state = state;
  }

  /** The controller of a run, which starts at probability 0 without `saved`; null for a run without one. */
  static of(settings: AdaSettings, saved?: SavedController): AugmentationController | null {
    if (!isControlled(settings)) return null;
    return new AugmentationController(settings, saved ?? { probability: 0, signs: none, reported: none });
  }

  /** The probability of the next step. */
  get probability(): number {
    return this.state.probability;
  }

  get saved(): SavedController {
    return this.state;
  }

  /**
   * Counts a step with `images` real images and the mean sign of D's outputs for them, in [-1, 1]. The published code lets the
   * probability rise above 1, where it has no further effect but takes longer to fall; here it stays in [0, 1].
   */
  addStep(sign: number, images: number): void {
    if (Number.isNaN(sign)) return; // The run ends at the next reading of its losses.
    const { adaTarget, adaImages } = this.settings;
    let { probability, signs } = this.state;
    const reported = plus(this.state.reported, sign);
    signs = plus(signs, sign);
    if (signs.steps >= adjustEvery) {
      const change = Math.sign((meanSign(signs) ?? 0) - adaTarget) * ((images * signs.steps) / adaImages);
      probability = Math.min(1, Math.max(0, probability + change));
      signs = none;
    }
    this.state = { probability, signs, reported };
  }

  /** Begins another mean for the next report. */
  beginReport(): void {
    this.state = { ...this.state, reported: none };
  }
}
