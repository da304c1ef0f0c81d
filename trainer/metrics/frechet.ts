// The Fréchet distance between two sets of features, each modelled as a normal distribution (Heusel 2017, equation 6):
// |μ₁ - μ₂|² + tr(Σ₁ + Σ₂ - 2 (Σ₁Σ₂)^½). With Σ₂ = L Lᵀ, the product has the eigenvalues of Lᵀ Σ₁ L besides zeros, and the trace of its
// root is the sum of their roots. That matrix is symmetric, so they are real, and those that rounding makes negative are set to 0.
import type { FeatureNetwork } from './feature-network.ts';
import { rootOf } from './matrix-root.ts';
import { notMeasured, shown, type Metric } from './metric.ts';
import type { FeatureMoments } from './moments.ts';
import { transposed, type Products } from './products.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

/** The squared Fréchet distance, as in FID; 0 for equal moments. Throws RangeError for moments of different size or not finite. */
export async function frechetDistance(
  products: Products,
  a: FeatureMoments,
  b: FeatureMoments,
): Promise<number> {
  const { dim } = a;
  if (dim !== b.dim)
    throw new RangeError(`features: got ${dim} and ${b.dim} numbers an image, expected as many`);
  for (const { mean, covariance } of [a, b]) {
    if (!mean.every(Number.isFinite) || !covariance.every(Number.isFinite)) {
      throw new RangeError('features: moments are not finite');
    }
  }
  const means = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]!) ** 2, 0);
  const { data, rank } = rootOf(b.covariance, dim);
  // No images differ in anything.
  if (rank === 0) return means + trace(a);
  const root = { rows: dim, columns: rank, data };
  const right = await products.ofMatrices({ rows: dim, columns: dim, data: a.covariance }, root);
  const inner = await products.ofMatrices(transposed(root), right);
  const roots = symmetricEigenvalues(inner.data, rank).reduce(
    (sum, value) => sum + Math.sqrt(Math.max(0, value)),
    0,
  );
  return Math.max(0, means + trace(a) + trace(b) - 2 * roots);
}

/** The row of the table. */
export const frechetMetric: Metric = {
  keys: ['frechet'],
  stored: ['frechet'],
  async measure({ network, products, a, b }) {
    const few = tooFewFor(network, [a, b]);
    if (few !== null) return notMeasured('Fréchet distance', few);
    const frechet = await frechetDistance(products, a.features.moments, b.features.moments);
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

function trace({ covariance, dim }: FeatureMoments): number {
  let sum = 0;
  for (let i = 0; i < dim; i++) sum += covariance[i * dim + i]!;
  return sum;
}
