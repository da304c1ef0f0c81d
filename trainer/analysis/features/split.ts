// Splits images into training images of an SVM, held-out images that choose its regularisation, and test images: fractions of
// each class, at random by a seed, so that every feature set gets the same split.
import type { Random } from '../../../runtime-web/format/random.ts';
import { UserError } from '../../errors.ts';
import type { LabelledImages } from './labelled-images.ts';

/** Settings of the split. */
export interface SplitOptions {
  /** Fraction of each class for testing; 0 if there is a separate test part. */
  readonly testShare: number;
  /** Fraction of the rest that chooses C; 0 if C is given. */
  readonly heldOutShare: number;
  /** Number of training images per class; null uses all. If given, the others choose C, at most 10,000 of them. */
  readonly labelsPerClass: number | null;
  /** Maximum number of training and held-out images; null uses all. */
  readonly limit: number | null;
  readonly random: Random;
}

/** Indices into the images, in random order. */
export interface Split {
  readonly fit: Int32Array;
  readonly heldOut: Int32Array;
  /** Empty if there is a separate test part. */
  readonly test: Int32Array;
}

/** Maximum number of held-out images with `labelsPerClass`, as in the DCGAN paper, section 5.2. */
const maxHeldOut = 10_000;

/** Splits the images. Throws UserError for a class with too few images. */
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
        ...(testShare > 0 ? ['1 to test on'] : []),
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
  const mixed = (list: number[], limit = list.length): Int32Array =>
    Int32Array.from(random.shuffle(list).slice(0, limit));
  return {
    fit: mixed(fit),
    heldOut: mixed(heldOut, labelsPerClass === null ? undefined : maxHeldOut),
    test: mixed(test),
  };
}
