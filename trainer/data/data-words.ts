// The values of `--data` that are no paths.

/** The data of a run that was imported and has no training images yet. */
export const noData = 'none';

/** True for a word that stays as it is where paths are resolved. A folder of that name is given as `./none`. */
export function isDataWord(data: string): boolean {
  return data === 'avatars' || data === noData;
}
