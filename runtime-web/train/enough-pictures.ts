// The least number of pictures to train on, and the package of the build that suits them.
import { manyImages, minImages } from '../format/training/image-counts.ts';
import type { ChosenPackage, ChosenStart, Pictures } from './picture-types.ts';

/** Names that a message lists. */
const maxNames = 3;

/**
 * The reason why there are too few pictures to train on, with what to do: `3 pictures are too few to learn from, expected at least 12;
 * add 9 or more (hundreds are better)`, and the first of those that were refused. Null where there are enough.
 */
export function shortageOf({ names, refused }: Pick<Pictures, 'names' | 'refused'>): string | null {
  const count = names.length;
  if (count >= minImages) return null;
  const found = count === 0 ? 'no pictures' : count === 1 ? '1 picture is' : `${count} pictures are`;
  const few = count === 0 ? found : `${found} too few to learn from`;
  const listed = refused.slice(0, maxNames).map(({ name, reason }) => `${name} (${reason})`);
  const more = refused.length > maxNames ? ` and ${refused.length - maxNames} more` : '';
  const left =
    refused.length === 0 ? '' : `; ${refused.length} could not be read: ${listed.join(', ')}${more}`;
  return `${few}, expected at least ${minImages}; add ${minImages - count} or more (hundreds are better)${left}`;
}

/** The weights that the build ships, by the channels of pictures, as docs/notes/results.md found them best. */
const starts = {
  1: { file: 'starts/clothes-32.safetensors', freezeD: 0 },
  3: { file: 'starts/faces-32.safetensors', freezeD: 1 },
} as const;

/** The weights to start from for pictures of 1 or 3 channels. */
export const startFor = (channels: 1 | 3): ChosenStart => starts[channels];

/**
 * The package of the build for that many pictures of 32x32, and weights to start from: with few pictures, flips and augmentation keep D from
 * learning them by heart.
 */
export function packageFor({
  count,
  channels,
}: {
  readonly count: number;
  readonly channels: 1 | 3;
}): ChosenPackage {
  const isFew = count < manyImages;
  const kind = channels === 1 ? 'grey' : 'colour';
  return {
    name: isFew ? (channels === 1 ? 'few-grey-32' : 'few-32') : `${kind}-32`,
    reason: isFew
      ? `fewer than ${manyImages} pictures, which the discriminator would learn by heart: they are flipped and augmented`
      : `${manyImages} pictures or more need no augmentation`,
    start: isFew ? startFor(channels) : null,
  };
}
