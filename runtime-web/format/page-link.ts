// Links into the demo: the room and all that it shows are in the URL's fragment, so that a link is the picture. Written here once,
// for the rooms that read them and for commands that tell where to see what they have drawn.
import type { Path } from './latents.ts';

/** The room and its parameters. */
export interface PageState {
  readonly room: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Stops that the room of walks takes. */
export const mostStops = 12;
/** Exemplars that the room of arithmetic takes for each of its three terms. */
export const mostExemplars = 3;

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

/** A walk from seed to seed; null for more stops than the room takes. Without `path` the room goes the usual way. */
export function walkLink(model: string, seeds: readonly number[], path?: Path): string | null {
  if (seeds.length < 2 || seeds.length > mostStops) return null;
  const values = { model, seeds: seeds.join(','), ...(path !== undefined && { path }) };
  return hashOf({ room: 'walk', values });
}

/** The sum of seeds' means; null for one that is not A − B + C with as many exemplars each as the room takes. */
export function arithmeticLink(
  model: string,
  terms: readonly { readonly sign: 1 | -1; readonly seeds: readonly number[] }[],
  jitter: number,
): string | null {
  if (terms.map(({ sign }) => sign).join() !== '1,-1,1') return null;
  if (terms.some(({ seeds }) => seeds.length === 0 || seeds.length > mostExemplars)) return null;
  const [a, b, c] = terms.map(({ seeds }) => seeds.join(','));
  return hashOf({ room: 'arithmetic', values: { model, a: a!, b: b!, c: c!, jitter: `${jitter}` } });
}
