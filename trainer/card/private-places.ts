// Texts that leave this machine: paths in them are cut down to their last part, and the home folder, whose name is the user's, to `~`.
import { homedir } from 'node:os';
import { basename, isAbsolute, parse } from 'node:path';

/** The home folder, and those of `paths` that are places on this machine: whole paths, longest first, roots of disks left out. */
export function privatePlaces(paths: readonly (string | null)[]): readonly string[] {
  const whole = [homedir(), ...paths].filter(
    (path) => path !== null && isAbsolute(path) && parse(path).root !== path,
  ) as string[];
  return [...new Set(whole)].sort((a, b) => b.length - a.length);
}

/** A path from the root or the home folder, of at least two parts, at the start of a word. */
const anyPath =
  /(?<=^|[\s"'`(=,;:<[])(?:~|[A-Za-z]:)?(?:[\\/][^\s"'`()<>,;:\\/]+){2,}[\\/]?|~[\\/][^\s"'`()<>,;:\\/]+/g;

/** The text with the last part of each path alone. `places` are from {@link privatePlaces}; other paths are recognised by their form. */
export function withoutPlaces(text: string, places: readonly string[]): string {
  const home = homedir();
  return places
    .reduce((shown, place) => shown.replace(whole(place), place === home ? '~' : basename(place)), text)
    .replaceAll(anyPath, (path) => path.split(/[\\/]/).findLast((part) => part !== '') ?? '');
}

/** A value of JSON with {@link withoutPlaces} in all of its texts, names of keys too. */
export function valueWithoutPlaces<T>(value: T, places: readonly string[]): T {
  const text = JSON.stringify(value);
  return JSON.parse(text, (_, item: unknown) => {
    if (typeof item === 'string') return withoutPlaces(item, places);
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).map(([key, one]) => [withoutPlaces(key, places), one]));
  }) as T;
}

/** The first of `places` that occurs in the bytes of a file; null without one. */
export function placeIn(bytes: Uint8Array, places: readonly string[]): string | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // JSON doubles the backslashes of Windows.
  const isIn = (place: string): boolean =>
    [`${place}/`, `${place}\\`, `${place.replaceAll('\\', '\\\\')}\\\\`, `${place}"`].some((form) =>
      text.includes(form),
    );
  return places.find(isIn) ?? null;
}

/** Matches a place as a whole, not as a part of a longer name. */
function whole(place: string): RegExp {
  const literal = place.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w.~-])${literal}(?![\\w-]|\\.\\w)`, 'g');
}
