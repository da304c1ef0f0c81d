// Which real images generated ones are nearest to, in features: a generator that has learned images by heart draws pictures that lie
// nearer to some real image than real images lie to each other.
import { distanceBlocks } from './precision-recall.ts';
import type { FeatureRows, Products } from './products.ts';

/** The nearest images of B to one image of A, nearest first. */
export interface Neighbours {
  readonly image: number;
  readonly nearest: readonly { readonly image: number; readonly distance: number }[];
}

/** What the distances say. */
export interface Memorisation {
  /**
   * The median distance of A's images to the nearest of B's, over the median distance of B's own to the nearest other one: about 1
   * for images of the same kind, far below where B is repeated.
   */
  readonly nearestRatio: number;
  /** Of A's images, those that are nearest to one of B's, nearest first. */
  readonly closest: readonly Neighbours[];
}

const median = (values: Float64Array): number => values.toSorted()[values.length >> 1] ?? NaN;

/** Finds them: the `count` closest images of A, each with `among` neighbours. */
export async function nearestImages(
  products: Products,
  a: FeatureRows,
  b: FeatureRows,
  { count, among = 4 }: { readonly count: number; readonly among?: number },
): Promise<Memorisation> {
  const ofA: Neighbours[] = [];
  for await (const { first, count: rows, distances } of distanceBlocks(products, a, b)) {
    for (let i = 0; i < rows; i++) {
      const row = distances.subarray(i * b.count, (i + 1) * b.count);
      ofA.push({ image: first + i, nearest: smallest(row, among) });
    }
  }
  const ownOfB = new Float64Array(b.count);
  for await (const { first, count: rows, distances } of distanceBlocks(products, b, b)) {
    for (let i = 0; i < rows; i++) {
      let least = Infinity;
      for (let j = 0; j < b.count; j++) {
        if (j !== first + i) least = Math.min(least, distances[i * b.count + j]!);
      }
      ownOfB[first + i] = Math.sqrt(least);
    }
  }
  const nearestOfA = Float64Array.from(ofA, ({ nearest }) => nearest[0]!.distance);
  const closest = ofA.toSorted((x, y) => x.nearest[0]!.distance - y.nearest[0]!.distance).slice(0, count);
  return { nearestRatio: median(nearestOfA) / median(ownOfB), closest };
}

/** The places of the smallest squared distances, with their roots. */
function smallest(row: Float64Array, many: number): Neighbours['nearest'] {
  const found: { image: number; distance: number }[] = [];
  for (let image = 0; image < row.length; image++) {
    const distance = row[image]!;
    if (found.length === many && distance >= found.at(-1)!.distance) continue;
    let place = found.length;
    while (place > 0 && found[place - 1]!.distance > distance) place -= 1;
    found.splice(place, 0, { image, distance });
    if (found.length > many) found.pop();
  }
  return found.map(({ image, distance }) => ({ image, distance: Math.sqrt(distance) }));
}
