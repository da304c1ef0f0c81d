// Precision and recall of generated images (Kynkäänniemi 2019, section 3). Each set's manifold is the union of balls around its
// features, each with the distance to the k-th nearest neighbour as its radius. Precision is the fraction of A inside B's
// manifold, recall the fraction of B inside A's.
import { notMeasured, type Metric } from './metric.ts';
import { rowBlocks, squaredNorms, type FeatureRows, type Products } from './products.ts';

/** Precision and recall, in [0, 1]. */
export interface PrecisionRecall {
  readonly precision: number;
  readonly recall: number;
}

/** The paper's k. */
export const defaultNeighbours = 3;

/**
 * Precision and recall of A (generated) against B (real); `neighbours` is the paper's k. Throws
 * RangeError for features of different size, or no more than k of either.
 */
export async function precisionRecall(
  products: Products,
  a: FeatureRows,
  b: FeatureRows,
  neighbours = defaultNeighbours,
): Promise<PrecisionRecall> {
  if (a.dim !== b.dim)
    throw new RangeError(`features: got ${a.dim} and ${b.dim} numbers an image, expected as many`);
  const fewer = Math.min(a.count, b.count);
  if (fewer <= neighbours)
    throw new RangeError(`features: got ${fewer} images, expected more than ${neighbours}`);
  const [radiiA, radiiB] = [await radii(products, a, neighbours), await radii(products, b, neighbours)];
  return {
    precision: await shareWithin(products, a, b, radiiB),
    recall: await shareWithin(products, b, a, radiiA),
  };
}

/** The row of the table. */
export const precisionRecallMetric: Metric = {
  keys: ['precision', 'recall'],
  stored: ['precision', 'recall'],
  async measure({ products, a, b }) {
    const fewest = Math.min(a.count, b.count);
    if (fewest <= defaultNeighbours) {
      const least = defaultNeighbours + 1;
      return notMeasured('precision, recall', `${fewest} images; give at least ${least} of each set`);
    }
    const { precision, recall } = await precisionRecall(products, a.features.rows, b.features.rows);
    return {
      figures: { precision, recall },
      rows: [
        ['precision', precision.toFixed(3)],
        ['recall', recall.toFixed(3)],
      ],
      protocol: {
        neighbours: defaultNeighbours,
        neighbourImages: Math.min(a.features.rows.count, b.features.rows.count),
      },
    };
  },
};

/** The squared distance of each row to its k-th nearest other one. */
async function radii(products: Products, rows: FeatureRows, k: number): Promise<Float64Array> {
  const result = new Float64Array(rows.count);
  const nearest = new Float64Array(k + 1);
  for await (const { first, count, distances } of distanceBlocks(products, rows, rows)) {
    for (let i = 0; i < count; i++) {
      // The row itself counts, at distance 0, so the k-th other one is number k + 1.
      nearest.fill(Infinity);
      for (let j = 0; j < rows.count; j++) {
        const distance = first + i === j ? 0 : distances[i * rows.count + j]!;
        if (distance >= nearest[k]!) continue;
        let place = k;
        for (; place > 0 && nearest[place - 1]! > distance; place--) nearest[place] = nearest[place - 1]!;
        nearest[place] = distance;
      }
      result[first + i] = nearest[k]!;
    }
  }
  return result;
}

/** The fraction of `points` that lie inside at least one ball around a centre. */
async function shareWithin(
  products: Products,
  points: FeatureRows,
  centres: FeatureRows,
  squaredRadii: Float64Array,
): Promise<number> {
  let inside = 0;
  for await (const { count, distances } of distanceBlocks(products, points, centres)) {
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < centres.count; j++) {
        if (distances[i * centres.count + j]! > squaredRadii[j]!) continue;
        inside += 1;
        break;
      }
    }
  }
  return inside / points.count;
}

/** Squared distances [count, b.count] from blocks of `a`, each with `count` rows from `first` on, to all rows of `b`. */
export async function* distanceBlocks(
  products: Products,
  a: FeatureRows,
  b: FeatureRows,
): AsyncGenerator<{ readonly first: number; readonly count: number; readonly distances: Float64Array }> {
  const normsA = squaredNorms(a);
  const normsB = squaredNorms(b);
  for (const { first, rows } of rowBlocks(a)) {
    const { count } = rows;
    const inner = await products.of(rows, b);
    const distances = new Float64Array(count * b.count);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < b.count; j++) {
        const at = i * b.count + j;
        distances[at] = Math.max(0, normsA[first + i]! + normsB[j]! - 2 * inner[at]!);
      }
    }
    yield { first, count, distances };
  }
}
