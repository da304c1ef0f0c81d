// Where the page is: the room and all that it shows, in the fragment of the URL, so that a link is the picture.
// `#walk?model=avatars-64&seeds=1,2,3`
import { hashOf, type PageState } from '../runtime-web/format/page-link.ts';

export { hashOf };

/** Reads the URL. */
export function readState(hash = location.hash): PageState {
  const [room = '', query = ''] = hash.replace(/^#/, '').split('?');
  return { room, values: Object.fromEntries(new URLSearchParams(query)) };
}

/** Changes parameters of this room, without a step in the history; an empty one is left out. */
export function note(values: Readonly<Record<string, string>>): void {
  const { room, values: before } = readState();
  const told = Object.entries({ ...before, ...values }).filter(([, value]) => value !== '');
  history.replaceState(null, '', hashOf({ room, values: Object.fromEntries(told) }));
}

/** A whole number of the URL, or another where it is none. */
export function wholeNumber(text: string | undefined, fallback: number, most = 1_000_000_000): number {
  const value = Number(text);
  return text !== undefined && text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= most
    ? value
    : fallback;
}

/** A list of seeds of the URL, or another where it is none. */
export function wholeNumbers(text: string | undefined, fallback: readonly number[]): number[] {
  const values = (text ?? '').split(',').map((part) => wholeNumber(part, -1, Number.MAX_SAFE_INTEGER));
  return text === undefined || text === '' || values.includes(-1) ? [...fallback] : values;
}
