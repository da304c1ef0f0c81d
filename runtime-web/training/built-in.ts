// The set of faces that the trainer draws itself.
import type { TrainingImages } from './images.ts';

/** Number of faces in the trainer's set. */
export const avatarCount = 10_000;

/** True for that set: a run on it needs no pictures of its own. */
export function isBuiltIn({ name, count }: Pick<TrainingImages, 'name' | 'count'>): boolean {
  return name === 'avatars' && count === avatarCount;
}
