// Unsupervised directions of a generator: those in which its first layer's output varies most. Either in closed form, as
// eigenvectors of AᵀA for a layer Az + b (Shen & Zhou 2021, "Closed-Form Factorization of Latent Semantics in GANs"), or from
// samples, as principal components of the layer's output mapped back to z by regression (Härkönen 2020, "GANSpace", section 2, the
// case without W).
import { inverse, Matrix } from 'ml-matrix';
import type { Direction } from '../../../runtime-web/format/model.ts';
import type { LatentDistribution, Random } from '../../../runtime-web/format/random.ts';
import { eigenvectors, principalComponents } from './principal-components.ts';

/** The two methods. */
export type PrincipalMethod = 'sefa' | 'ganspace';

/** A direction in z with its figures. */
export interface PrincipalDirection {
  /** A unit vector [latentDim]. */
  readonly vector: Float64Array;
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * The leading eigenvectors of AᵀA for weights [latentDim, outputs], which are Aᵀ. `eigenvalueShare` is each eigenvalue's
 * fraction of their sum. Columns are not normalised, as in the authors' code and unlike their paper: batch norm, folded
 * into the weights, has scaled them.
 */
export function factorise(weights: Float32Array, latentDim: number, count: number): PrincipalDirection[] {
  const outputs = weights.length / latentDim;
  const gram = new Matrix(latentDim, latentDim);
  for (let a = 0; a < latentDim; a++) {
    for (let b = a; b < latentDim; b++) {
      let sum = 0;
      for (let o = 0; o < outputs; o++) sum += weights[a * outputs + o]! * weights[b * outputs + o]!;
      gram.set(a, b, sum).set(b, a, sum);
    }
  }
  const { values, vectors } = eigenvectors(gram);
  const total = values.reduce((sum, value) => sum + value, 0);
  return vectors.slice(0, count).map((vector, k) => ({
    vector,
    figures: { eigenvalueShare: total === 0 ? 0 : Math.max(0, values[k]!) / total },
  }));
}

/**
 * Directions in z for the principal components of `activations` [n, width] of latents [n, latentDim]: argmin over U of
 * Σ‖U x − z‖², with a sample's coordinates x along the components. `varianceShare` is each component's fraction of the
 * variance, `latentFit` the fraction of a component's variance that a linear function of z along its direction explains.
 */
export async function regressComponents(given: {
  readonly activations: Float32Array;
  readonly width: number;
  readonly latents: Float32Array;
  readonly latentDim: number;
  readonly count: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<PrincipalDirection[]> {
  const { activations, width, latents, latentDim, count, random, signal, onProgress } = given;
  const n = latents.length / latentDim;
  const { components, variances, totalVariance, scores } = await principalComponents({
    rows: activations,
    width,
    count,
    random,
    signal,
    ...(onProgress !== undefined && { onProgress }),
  });
  const size = components.length;
  const mean = new Float64Array(latentDim);
  for (let i = 0; i < n; i++) for (let d = 0; d < latentDim; d++) mean[d]! += latents[i * latentDim + d]! / n;
  const across = new Matrix(size, size);
  const toLatent = new Matrix(size, latentDim);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < size; a++) {
      const x = scores[i * size + a]!;
      for (let b = 0; b < size; b++) across.set(a, b, across.get(a, b) + x * scores[i * size + b]!);
      for (let d = 0; d < latentDim; d++) {
        toLatent.set(a, d, toLatent.get(a, d) + x * (latents[i * latentDim + d]! - mean[d]!));
      }
    }
  }
  // Pseudo-inverse, because components without variance have no direction.
  const solved = inverse(across, true).mmul(toLatent); // [size, latentDim]
  return components.map((_, k) => {
    const row = variances[k] === 0 ? new Float64Array(latentDim) : Float64Array.from(solved.getRow(k));
    const length = Math.hypot(...row);
    const vector = length === 0 ? row : row.map((value) => value / length);
    const projections = Float64Array.from({ length: n }, (__, i) => {
      let sum = 0;
      for (let d = 0; d < latentDim; d++) sum += vector[d]! * (latents[i * latentDim + d]! - mean[d]!);
      return sum;
    });
    let [xx, xp, pp] = [0, 0, 0];
    projections.forEach((p, i) => {
      const x = scores[i * size + k]!;
      [xx, xp, pp] = [xx + x * x, xp + x * p, pp + p * p];
    });
    const latentFit = xx * pp === 0 ? 0 : xp ** 2 / (xx * pp);
    return { vector, figures: { varianceShare: variances[k]! / (totalVariance || 1), latentFit } };
  });
}

/** True for the name of a principal direction, such as `principal 1`. */
export const isPrincipal = (name: string): boolean => /^principal \d+$/.test(name);

/** Standard deviations of the latent per unit of the slider: its ends, ±1.5, are at ±3. */
export const deviationsPerUnit = 2;

/**
 * Directions as entries of `model.json`, named `principal 1` onwards, two standard deviations of the latent long.
 */
export function asPrincipalDirections(
  found: readonly PrincipalDirection[],
  distribution: LatentDistribution,
): Direction[] {
  const length = deviationsPerUnit * (distribution === 'normal' ? 1 : 1 / Math.sqrt(3));
  return found.map(({ vector, figures }, k) => ({
    name: `principal ${k + 1}`,
    vector: Array.from(vector, (value) => Number((length * value).toPrecision(6))),
    figures: Object.fromEntries(
      Object.entries(figures).map(([key, value]) => [key, Number(value.toFixed(4))]),
    ),
  }));
}
