// The real images nearest to generated ones, by their features. A generator that has memorised its training set produces images
// that are nearer to some real image than real images are to each other.
import { wholeNumber } from '../config/rules.ts';
import type { FindingPicture } from '../findings/findings.ts';
import { gridPng, joinGrids, rowOfImages, type Grid } from '../pictures/grid.ts';
import { toFloats } from '../pictures/pixels.ts';
import type { ImageSet } from './image-set.ts';
import type { Measuring, Metric } from './metric.ts';
import { distanceBlocks } from './precision-recall.ts';
import { firstRows, type FeatureRows, type Products } from './products.ts';

/** The nearest images of B to image `image` of A, nearest first. */
export interface Neighbours {
  readonly image: number;
  readonly nearest: readonly { readonly image: number; readonly distance: number }[];
}

/** The result of {@link nearestImages}. */
export interface Memorisation {
  /**
   * The median distance of A's images to the nearest of B, divided by the median distance of B's images to the nearest other one of
   * B: about 1 for images of the same kind, far below 1 if A copies images of B.
   */
  readonly nearestRatio: number;
  /** The images of A that are nearest to one of B, nearest first. */
  readonly closest: readonly Neighbours[];
}

const median = (values: Float64Array): number => values.toSorted()[values.length >> 1] ?? NaN;

/** Finds the `count` images of A that are closest to an image of B, each with its `among` nearest images of B. */
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
      let nearestDistance = Infinity;
      for (let j = 0; j < b.count; j++) {
        if (j !== first + i) nearestDistance = Math.min(nearestDistance, distances[i * b.count + j]!);
      }
      ownOfB[first + i] = Math.sqrt(nearestDistance);
    }
  }
  const nearestOfA = Float64Array.from(ofA, ({ nearest }) => nearest[0]!.distance);
  const closest = ofA.toSorted((x, y) => x.nearest[0]!.distance - y.nearest[0]!.distance).slice(0, count);
  return { nearestRatio: median(nearestOfA) / median(ownOfB), closest };
}

/** Indices of the `limit` smallest squared distances, with their square roots. */
function smallest(row: Float64Array, limit: number): Neighbours['nearest'] {
  const found: { image: number; distance: number }[] = [];
  for (let image = 0; image < row.length; image++) {
    const distance = row[image]!;
    if (found.length === limit && distance >= found.at(-1)!.distance) continue;
    let place = found.length;
    while (place > 0 && found[place - 1]!.distance > distance) place -= 1;
    found.splice(place, 0, { image, distance });
    if (found.length > limit) found.pop();
  }
  return found.map(({ image, distance }) => ({ image, distance: Math.sqrt(distance) }));
}

/** Max number of images of A to search: the work grows with this number times the images of B. */
const searched = 1000;
/** Neighbours shown beside each image. */
const among = 4;

/** The row of the table, with a picture of the nearest pairs. */
export const neighboursMetric: Metric = {
  keys: ['nearestRatio'],
  flag: {
    usage: '--neighbours <n>',
    about: 'show the n images of A that are nearest to an image of B',
    number: { rule: wholeNumber(0, 256), initial: 0 },
  },
  async measure(measuring, count) {
    const { products, a, b } = measuring;
    const ofA = firstRows(a.features.rows, searched);
    const { nearestRatio, closest } = await nearestImages(products, ofA, b.features.rows, { count, among });
    return {
      figures: { nearestRatio },
      rows: [['nearest images, ratio', nearestRatio.toFixed(3)]],
      picture: await neighbourPicture(measuring, closest),
    };
  },
};

/** A row for each image of A, followed by the nearest ones of B. */
async function neighbourPicture(
  { a, b }: Measuring,
  closest: readonly Neighbours[],
): Promise<FindingPicture> {
  const read = async (set: ImageSet, index: number): Promise<Float32Array> =>
    toFloats(await set.read(index, 1));
  const rows: Grid[] = [];
  for (const { image, nearest } of closest) {
    const images = [await read(a.set, image)];
    for (const other of nearest) images.push(await read(b.set, b.first + other.image));
    rows.push(rowOfImages(images, a.set));
  }
  return {
    file: 'neighbours.png',
    content: await gridPng(joinGrids(rows, 1, 0)),
    caption: `First in each row an image of ${a.set.name}, then the ${among} of ${b.set.name} that are nearest to it in features: the ${closest.length} nearest pairs.`,
  };
}
