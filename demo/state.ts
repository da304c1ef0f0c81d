// The state of the page: the room and everything it shows are in the fragment of the URL, so a link reproduces the picture.
// `#walk?model=avatars-64&seeds=1,2,3`
import { hashOf, type PageState } from '../runtime-web/format/page-link.ts';

export { hashOf };

/** Reads the URL. */
export function readState(hash = location.hash): PageState {
  const [room = '', query = ''] = hash.replace(/^#/, '').split('?');
  return { room, values: Object.fromEntries(new URLSearchParams(query)) };
}

/** Changes parameters of the room in the URL, without a new entry in the history; an empty value removes one. */
export function note(values: Readonly<Record<string, string>>): void {
  const { room, values: before } = readState();
  const kept = Object.entries({ ...before, ...values }).filter(([, value]) => value !== '');
  try {
    history.replaceState(null, '', hashOf({ room, values: Object.fromEntries(kept) }));
  } catch {
    // Browsers refuse many changes in a short time, and frames without an origin; the link is then out of date until the next change.
  }
}

/** A whole number from the URL, or a fallback for an invalid one. */
export function wholeNumber(text: string | undefined, fallback: number, max = 1_000_000_000): number {
  const value = Number(text);
  return text !== undefined && text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= max
    ? value
    : fallback;
}

/** A list of seeds from the URL, or a fallback for an invalid one. */
export function wholeNumbers(text: string | undefined, fallback: readonly number[]): number[] {
  const values = (text ?? '').split(',').map((part) => wholeNumber(part, -1, Number.MAX_SAFE_INTEGER));
  return text === undefined || text === '' || values.includes(-1) ? [...fallback] : values;
}

/** A random seed for another picture. */
export function randomSeed(): number {
  return Math.floor(Math.random() * 1_000_000);
}
