// Links into the demo: the URL's fragment holds the room and everything it shows. Commands print such links, and the rooms read them.
import type { Path } from './latents.ts';

/** The room and its parameters. */
export interface PageState {
  readonly room: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Largest number of keyframes in the room of walks. */
export const maxKeyframes = 12;
/** Largest number of exemplars of a term in the room of arithmetic. */
export const maxExemplars = 3;

/** The fragment for a state: `#walk?model=avatars-64&seeds=1,2,3`. */
export function hashOf({ room, values }: PageState): string {
  const query = Object.entries(values)
    .map(
      ([key, value]) =>
        `${encodeURIComponent(key)}=${encodeURIComponent(value).replaceAll('%2C', ',').replaceAll('%2F', '/')}`,
    )
    .join('&');
  return `#${room}${query === '' ? '' : `?${query}`}`;
}

/** A walk from seed to seed; null for more keyframes than the room takes. Without `path` the room uses the usual interpolation. */
export function walkLink(model: string, seeds: readonly number[], path?: Path): string | null {
  if (seeds.length < 2 || seeds.length > maxKeyframes) return null;
  const values = { model, seeds: seeds.join(','), ...(path !== undefined && { path }) };
  return hashOf({ room: 'walk', values });
}

/** A sum of means; null unless it is A − B + C with at most as many exemplars per term as the room takes. */
export function arithmeticLink(
  model: string,
  terms: readonly { readonly sign: 1 | -1; readonly seeds: readonly number[] }[],
  jitter: number,
): string | null {
  if (terms.map(({ sign }) => sign).join() !== '1,-1,1') return null;
  if (terms.some(({ seeds }) => seeds.length === 0 || seeds.length > maxExemplars)) return null;
  const [a, b, c] = terms.map(({ seeds }) => seeds.join(','));
  return hashOf({ room: 'arithmetic', values: { model, a: a!, b: b!, c: c!, jitter: `${jitter}` } });
}
