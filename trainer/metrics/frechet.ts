// The Fréchet distance between two sets of features, each modelled as a normal distribution (Heusel 2017, equation 6):
// |μ₁ - μ₂|² + tr(Σ₁ + Σ₂ - 2 (Σ₁Σ₂)^½). The root has the same trace as (Σ₁^½ Σ₂ Σ₁^½)^½. That matrix is symmetric, so its
// eigenvalues are real, and those that rounding makes negative are set to 0; a general matrix root would become complex.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { FeatureNetwork } from './feature-network.ts';
import { notMeasured, shown, type Metric } from './metric.ts';
import type { FeatureMoments } from './moments.ts';

/** The squared Fréchet distance, as in FID; 0 for equal moments. Throws RangeError for moments of different size or not finite. */
export function frechetDistance(a: FeatureMoments, b: FeatureMoments): number {
  if (a.dim !== b.dim)
    throw new RangeError(`features: got ${a.dim} and ${b.dim} numbers an image, expected as many`);
  for (const { mean, covariance } of [a, b]) {
    if (!mean.every(Number.isFinite) || !covariance.every(Number.isFinite)) {
      throw new RangeError('features: moments are not finite');
    }
  }
  const means = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]!) ** 2, 0);
  const first = squareRoot(matrix(a));
  const product = first.mmul(matrix(b)).mmul(first);
  const roots = eigenvalues(symmetric(product)).reduce(
    (sum, value) => sum + Math.sqrt(Math.max(0, value)),
    0,
  );
  return Math.max(0, means + trace(a) + trace(b) - 2 * roots);
}

/** The row of the table. */
export const frechetMetric: Metric = {
  keys: ['frechet'],
  stored: ['frechet'],
  measure({ network, a, b }) {
    const few = tooFewFor(network, [a, b]);
    if (few !== null) return notMeasured('Fréchet distance', few);
    const frechet = frechetDistance(a.features.moments, b.features.moments);
    return { figures: { frechet }, rows: [['Fréchet distance', shown(frechet)]] };
  },
};

/** Why there is no covariance of full rank, and what to do; null if every set has enough images. */
export function tooFewFor(
  { dim, sidecar }: FeatureNetwork,
  sets: readonly { readonly count: number }[],
): string | null {
  const fewest = Math.min(...sets.map(({ count }) => count));
  if (fewest > dim) return null;
  return (
    `${fewest} images, and ${sidecar.name} gives ${dim} features: a covariance needs more images than ` +
    `features; give at least ${dim + 1}, by --count or more data, or a network with fewer features`
  );
}

const matrix = ({ covariance, dim }: FeatureMoments): Matrix => Matrix.from1DArray(dim, dim, covariance);

function trace({ covariance, dim }: FeatureMoments): number {
  let sum = 0;
  for (let i = 0; i < dim; i++) sum += covariance[i * dim + i]!;
  return sum;
}

/** The mean of a matrix and its transpose: rounding makes a product of symmetric matrices slightly asymmetric. */
function symmetric(given: Matrix): Matrix {
  return Matrix.add(given, given.transpose()).mul(0.5);
}

const eigenvalues = (given: Matrix): readonly number[] =>
  new EigenvalueDecomposition(given, { assumeSymmetric: true }).realEigenvalues;

/** The square root of a positive semi-definite matrix; eigenvalues that rounding makes negative count as 0. */
function squareRoot(given: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(given, {
    assumeSymmetric: true,
  });
  const scaled = vectors.clone();
  realEigenvalues.forEach((value, column) => scaled.mulColumn(column, Math.sqrt(Math.max(0, value))));
  return symmetric(scaled.mmul(vectors.transpose()));
}
