// The names of the augmentations (Zhao 2020), as `--augment` takes them.
import { didYouMean, UserError } from '../errors.ts';

/** What can be done to images: brightness, saturation and contrast; shifts of up to an eighth; a square left out. */
export const augmentNames = ['color', 'translation', 'cutout'] as const;
/** One of {@link augmentNames}. */
export type AugmentName = (typeof augmentNames)[number];

/** The names of a list with commas between. Throws UserError for one that there is not, or that is there twice. */
export function parseAugment(text: string): readonly AugmentName[] {
  const names = text.split(',').map((name) => name.trim());
  for (const [i, name] of names.entries()) {
    if (!augmentNames.some((known) => known === name)) {
      throw new UserError(
        `--augment ${text}: got '${name}'${didYouMean(name, augmentNames)}, expected some of ${augmentNames.join(', ')}`,
      );
    }
    if (names.indexOf(name) !== i) throw new UserError(`--augment ${text}: '${name}' is there twice`);
  }
  return names as readonly AugmentName[];
}
