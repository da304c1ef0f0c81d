// The names of the augmentations (Zhao 2020), as `--augment` takes them.
import { didYouMean, UserError } from '../errors.ts';

/** `color`: brightness, saturation and contrast. `translation`: shifts of up to 1/8 of the side. `cutout`: a square set to 0. */
export const augmentNames = ['color', 'translation', 'cutout'] as const;
/** One of {@link augmentNames}. */
export type AugmentName = (typeof augmentNames)[number];

/** Parses a comma-separated list. Throws UserError for an unknown or repeated name. */
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
