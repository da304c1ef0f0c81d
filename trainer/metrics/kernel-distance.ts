// The kernel distance between two sets of features (Bińkowski 2018, section 4: KID): the squared maximum mean discrepancy with the
// kernel (x·y / dim + 1)³. The estimate on random subsets is unbiased, so it can be negative, and it assumes no normal distribution.
import { Random } from '../../runtime-web/format/random.ts';
import type { Metric } from './metric.ts';
import { meanOf } from './pair-mean.ts';
import { pickRows, type FeatureRows, type Products } from './products.ts';

/** The mean over subsets, and its standard error: the deviation over the square root of the number of subsets. */
export interface KernelDistance {
  readonly kid: number;
  readonly kidStandardError: number;
  readonly subsets: number;
  readonly subsetSize: number;
}

/** Settings of the estimate. */
export interface KernelDistanceOptions {
  readonly random: Random;
  /** Default 50. */
  readonly subsets?: number;
  /** Max images of each set in a subset. Default 1000. */
  readonly subsetSize?: number;
}

/** Estimates the distance. Throws RangeError for features of different size, or fewer than two of either. */
export async function kernelDistance(
  products: Products,
  a: FeatureRows,
  b: FeatureRows,
  { random, subsets = 50, subsetSize = 1000 }: KernelDistanceOptions,
): Promise<KernelDistance> {
  if (a.dim !== b.dim)
    throw new RangeError(`features: got ${a.dim} and ${b.dim} numbers an image, expected as many`);
  const size = Math.min(subsetSize, a.count, b.count);
  if (size < 2) throw new RangeError(`features: got ${size} images, expected at least 2`);
  const values: number[] = [];
  for (let subset = 0; subset < subsets; subset++) {
    const [x, y] = [pickRows(a, draw(a.count, size, random)), pickRows(b, draw(b.count, size, random))];
    const within = (kernels: Float64Array): number => {
      let sum = 0;
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++) if (i !== j) sum += kernels[i * size + j]!;
      return sum / (size * (size - 1));
    };
    const cubes = async (p: FeatureRows, q: FeatureRows): Promise<Float64Array> =>
      Float64Array.from(await products.of(p, q), (product) => (product / a.dim + 1) ** 3);
    const across = (await cubes(x, y)).reduce((sum, value) => sum + value, 0) / (size * size);
    values.push(within(await cubes(x, x)) + within(await cubes(y, y)) - 2 * across);
  }
  const { mean, standardError } = meanOf(values);
  return { kid: mean, kidStandardError: standardError, subsets, subsetSize: size };
}

/** The row of the table. */
export const kernelMetric: Metric = {
  keys: ['kid', 'kidStandardError'],
  stored: ['kid'],
  async measure({ products, a, b, seed }) {
    const random = new Random(seed);
    const { kid, kidStandardError, subsets, subsetSize } = await kernelDistance(
      products,
      a.features.rows,
      b.features.rows,
      { random },
    );
    return {
      figures: { kid, kidStandardError },
      rows: [['kernel distance (KID)', `${kid.toExponential(3)} ± ${kidStandardError.toExponential(1)}`]],
      protocol: { kidSubsets: subsets, kidSubsetSize: subsetSize },
    };
  },
};

/** Picks `size` of `count` indices at random, without repetition. */
function draw(count: number, size: number, random: Random): number[] {
  const indices = Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < size; i++) {
    const j = i + random.integer(count - i);
    [indices[i], indices[j]] = [indices[j]!, indices[i]!];
  }
  return indices.slice(0, size);
}
