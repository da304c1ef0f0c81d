// Which images an SVM learns from, which decide how strongly it is regularised, and which it is judged by: shares of each
// class, drawn by a seed, so that every feature set is given the same ones.
import type { Random } from '../../../runtime-web/format/random.ts';
import { UserError } from '../../errors.ts';
import type { LabelledImages } from './labelled-images.ts';

/** How to share out. */
export interface SplitOptions {
  /** Share of each class that is set apart to be judged by; 0 where the test images are others. */
  readonly testShare: number;
  /** Share of the remaining that chooses C; 0 where C is given. */
  readonly heldOutShare: number;
  /** Labelled images of each class to learn from; null takes all. The others then choose C, 10,000 at most. */
  readonly labelsPerClass: number | null;
  /** Images at most, test images aside; null takes all. */
  readonly limit: number | null;
  readonly random: Random;
}

/** Indices into the images, in random order. */
export interface Split {
  readonly fit: Int32Array;
  readonly heldOut: Int32Array;
  /** Empty where the test images are others. */
  readonly test: Int32Array;
}

/** The most that choose C where few labels are used: the DCGAN paper's number, section 5.2. */
const mostHeldOut = 10_000;

/** Shares out. Throws UserError for a class that has too few images. */
export function splitImages({ labels, names, dataset }: LabelledImages, options: SplitOptions): Split {
  const { testShare, heldOutShare, labelsPerClass, limit, random } = options;
  const groups = names.map((): number[] => []);
  labels.forEach((label, i) => groups[label]!.push(i));
  const share = limit === null ? 1 : Math.min(1, limit / labels.length);
  const [fit, heldOut, test]: [number[], number[], number[]] = [[], [], []];
  groups.forEach((group, k) => {
    if (group.length === 0) return;
    random.shuffle(group);
    const tested = Math.round(group.length * testShare);
    const rest = Math.round((group.length - tested) * share);
    const held = heldOutShare === 0 ? 0 : Math.max(1, Math.round(rest * heldOutShare));
    const learned = labelsPerClass ?? rest - held;
    const others = heldOutShare === 0 ? 0 : rest - learned;
    const isShort =
      learned < 1 || learned > rest || (heldOutShare > 0 && others < 1) || (testShare > 0 && tested < 1);
    if (isShort) {
      const needed = [
        `${labelsPerClass ?? 1} to learn from`,
        ...(heldOutShare > 0 ? ['1 to choose C by'] : []),
        ...(testShare > 0 ? ['1 to be judged by'] : []),
      ];
      throw new UserError(
        `data ${dataset.name}: class '${names[k]!}' has ${group.length} image${group.length === 1 ? '' : 's'}` +
          `${limit === null ? '' : ` (${rest} with --limit ${limit})`}, expected at least ${needed.join(' and ')}`,
      );
    }
    test.push(...group.slice(0, tested));
    fit.push(...group.slice(tested, tested + learned));
    heldOut.push(...group.slice(tested + learned, tested + learned + others));
  });
  const mixed = (list: number[], most = list.length): Int32Array =>
    Int32Array.from(random.shuffle(list).slice(0, most));
  return {
    fit: mixed(fit),
    heldOut: mixed(heldOut, labelsPerClass === null ? undefined : mostHeldOut),
    test: mixed(test),
  };
}
