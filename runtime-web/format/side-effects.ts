// The figures of a direction that say what else it changes, read by the trainer and by pages.
import type { Direction } from './model.ts';

/** Prefix of these figures: `moved/hairColour` is the fraction of the images in which the predicted hair colour changes. */
export const movedPrefix = 'moved/';

/** From this fraction of the images on, a change is named. A good classifier is wrong less often. */
export const namedShare = 0.1;

/** Another attribute that a direction changes. */
export interface SideEffect {
  /** The attribute's name. */
  readonly name: string;
  /** Fraction of the images in which its prediction changes. */
  readonly share: number;
}

/** All attributes that were measured besides a direction's own, the one that changes most often first; empty if none was. */
export function sideEffects({ figures }: Pick<Direction, 'figures'>): SideEffect[] {
  return Object.entries(figures)
    .filter(([key]) => key.startsWith(movedPrefix))
    .map(([key, share]) => ({ name: key.slice(movedPrefix.length), share }))
    .sort((a, b) => b.share - a.share);
}
