// Parses the augmentations of `--augment`.
import {
  adaptive,
  augmentNames,
  type AugmentName,
} from '../../runtime-web/format/training/augmentation/names.ts';
import { didYouMean, UserError } from '../errors.ts';

/** Parses \`ada\` or a comma-separated list of the others. Throws UserError for an unknown or repeated name, and for both. */
export function parseAugment(text: string): readonly AugmentName[] | typeof adaptive {
  const names = text.split(',').map((name) => name.trim());
  const known: readonly string[] = [...augmentNames, adaptive];
  for (const [i, name] of names.entries()) {
    if (!known.includes(name)) {
      throw new UserError(
        `--augment ${text}: got '${name}'${didYouMean(name, known)}, expected ${adaptive}, or some of ${augmentNames.join(', ')}`,
      );
    }
    if (names.indexOf(name) !== i) throw new UserError(`--augment ${text}: '${name}' is there twice`);
  }
  if (!names.includes(adaptive)) return names as readonly AugmentName[];
  if (names.length === 1) return adaptive;
  const others = names.filter((name) => name !== adaptive).join(',');
  throw new UserError(
    `--augment ${text}: ${adaptive} and ${others} contradict each other: ${adaptive} has transforms of its own, colours and ` +
      `translations among them; give --augment ${adaptive}, or --augment ${others}`,
  );
}
