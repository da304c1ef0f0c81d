// Directions of a generator that nobody has labelled: those that its first layer answers to most. In closed form, as eigenvectors
// of AᵀA where the layer is Az + b (Shen & Zhou 2021, "Closed-Form Factorization of Latent Semantics in GANs"), or from samples, as
// principal components of what the layer gives, brought back to z by regression (Härkönen 2020, "GANSpace", section 2: the case in
// which there is no W).
import { inverse, Matrix } from 'ml-matrix';
import type { Direction } from '../../../runtime-web/format/model.ts';
import type { LatentDistribution, Random } from '../../../runtime-web/format/random.ts';
import { eigenvectors, principalComponents } from './principal-components.ts';

/** The two ways to find them. */
export type PrincipalMethod = 'sefa' | 'ganspace';

/** A direction in z with its figures. */
export interface PrincipalDirection {
  /** A unit vector [latentDim]. */
  readonly vector: Float64Array;
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * The leading eigenvectors of AᵀA for weights [latentDim, outputs], which are Aᵀ. `eigenvalueShare` is each eigenvalue's
 * share of their sum: the part of the layer's answer to z that goes by this direction. Columns are not made unit first, as the
 * authors' code does and their paper does not: batch norm, folded into the weights, has scaled them.
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
 * Directions in z for the principal components of `activations` [n, width], which latents [n, latentDim] gave:
 * argmin over U of Σ‖U x − z‖² with a sample's coordinates x along the components. `varianceShare` is each component's share of
 * the variance; `latentFit` the share of a component's own variance that moving z along its direction accounts for, as far as
 * a straight line can.
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
  // By the pseudo-inverse, because components that nothing moves have no direction.
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

/** Whether a name is that of a principal direction: `principal 1`. */
export const isPrincipal = (name: string): boolean => /^principal \d+$/.test(name);

/** Standard deviations of the latent that one unit of a direction's slider moves: at the sliders' ends, ±1.5, it is ±3. */
export const deviationsPerUnit = 2;

/** Directions as `model.json` has them, `principal 1` onwards: as long as two standard deviations of the latent. */
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
