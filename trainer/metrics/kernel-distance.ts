// The kernel distance between two sets of features (Bińkowski 2018, section 4: KID): the squared maximum mean discrepancy with the
// kernel (x·y / dim + 1)³. The estimate from all pairs is unbiased, so it can be negative, and it assumes no normal distribution.
import type { Metric } from './metric.ts';
import { rowBlocks, type FeatureRows, type Products } from './products.ts';

/** The unbiased estimate from all pairs of images, and its standard error. */
export interface KernelDistance {
  readonly kid: number;
  /** See {@link standardError}; null for fewer than four images of either set. */
  readonly kidStandardError: number | null;
}

/** Estimates the distance. Throws RangeError for features of different size, or fewer than two of either. */
export async function kernelDistance(
  products: Products,
  a: FeatureRows,
  b: FeatureRows,
): Promise<KernelDistance> {
  if (a.dim !== b.dim)
    throw new RangeError(`features: got ${a.dim} and ${b.dim} numbers an image, expected as many`);
  const fewer = Math.min(a.count, b.count);
  if (fewer < 2) throw new RangeError(`features: got ${fewer} images, expected at least 2`);
  const withinA = await kernelSums(products, a, a);
  const withinB = await kernelSums(products, b, b);
  const across = await kernelSums(products, a, b);
  const kid =
    withinA.total / (a.count * (a.count - 1)) +
    withinB.total / (b.count * (b.count - 1)) -
    (2 * across.total) / (a.count * b.count);
  return { kid, kidStandardError: fewer < 4 ? null : standardError(kid, withinA, withinB, across) };
}

/** The row of the table. */
export const kernelMetric: Metric = {
  keys: ['kid', 'kidStandardError'],
  stored: ['kid'],
  async measure({ products, a, b }) {
    const [x, y] = [a.features.rows, b.features.rows];
    const { kid, kidStandardError } = await kernelDistance(products, x, y);
    const deviation = kidStandardError === null ? '' : ` ± ${kidStandardError.toExponential(1)}`;
    return {
      figures: { kid, kidStandardError },
      rows: [['kernel distance (KID)', `${kid.toExponential(3)}${deviation}`]],
      protocol: { kidImages: Math.min(x.count, y.count) },
    };
  },
};

/** Sums over the kernel's values of all pairs; pairs of an image with itself are left out. */
interface KernelSums {
  readonly total: number;
  readonly squares: number;
  /** The sum for each image of the first set, and for each of the second. */
  readonly rows: Float64Array;
  readonly columns: Float64Array;
}

async function kernelSums(products: Products, a: FeatureRows, b: FeatureRows): Promise<KernelSums> {
  const [rows, columns] = [new Float64Array(a.count), new Float64Array(b.count)];
  let squares = 0;
  for (const { first, rows: part } of rowBlocks(a)) {
    const inner = await products.of(part, b);
    for (let i = 0; i < part.count; i++) {
      for (let j = 0; j < b.count; j++) {
        if (a === b && first + i === j) continue;
        const base = inner[i * b.count + j]! / a.dim + 1;
        const kernel = base * base * base;
        rows[first + i]! += kernel;
        columns[j]! += kernel;
        squares += kernel * kernel;
      }
    }
  }
  return { total: sumOf(rows), squares, rows, columns };
}

/** A distance beyond this many of its standard errors under equal distributions is no chance result. */
const clearlyApart = 3;

/**
 * The root of the variance of the estimate over new images. The estimate is a U-statistic: its variance is the sum of a second-order
 * part (from pairs of images), which is all of it if both distributions are equal, and a first-order part (from single images).
 * The first-order part counts only if the distance is clear of 0: within chance its own estimate is large exactly when the distance
 * is, which would make the error of equal sets too large.
 */
function standardError(kid: number, ofA: KernelSums, ofB: KernelSums, across: KernelSums): number {
  const [m, n] = [ofA.rows.length, ofB.rows.length];
  const [squareA, squareB] = [centredSquareWithin(ofA), centredSquareWithin(ofB)];
  const squareAcross = centredSquareAcross(across);
  const secondOrder = Math.max(
    0,
    (2 * squareA) / (m * (m - 1)) + (2 * squareB) / (n * (n - 1)) + (4 * squareAcross) / (m * n),
  );
  if (kid <= clearlyApart * Math.sqrt(secondOrder)) return Math.sqrt(secondOrder);
  // The contribution of single images to the variance; the noise of these means is subtracted from their variance.
  const influenceA = ofA.rows.map((sum, i) => sum / (m - 1) - across.rows[i]! / n);
  const influenceB = ofB.rows.map((sum, j) => sum / (n - 1) - across.columns[j]! / m);
  const firstOrder =
    (4 / m) * (variance(influenceA) - squareA / (m - 1) - squareAcross / n) +
    (4 / n) * (variance(influenceB) - squareB / (n - 1) - squareAcross / m);
  return Math.sqrt(secondOrder + Math.max(0, firstOrder));
}

/** Unbiased mean square of the kernel between two images of one set, its row and column means removed (Székely 2014's U-centring). */
function centredSquareWithin({ total, squares, rows }: KernelSums): number {
  const n = rows.length;
  const centred = squares - (2 * sumOfSquares(rows)) / (n - 2) + total ** 2 / ((n - 1) * (n - 2));
  return centred / (n * (n - 3));
}

/** The same between an image of each set. */
function centredSquareAcross({ total, squares, rows, columns }: KernelSums): number {
  const [m, n] = [rows.length, columns.length];
  const centred = squares - sumOfSquares(rows) / n - sumOfSquares(columns) / m + total ** 2 / (m * n);
  return centred / ((m - 1) * (n - 1));
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
const sumOfSquares = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);

function variance(values: Float64Array): number {
  const mean = sumOf(values) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
