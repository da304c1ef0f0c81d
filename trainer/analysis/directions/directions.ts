// Directions in latent space that change one attribute: the mean latent of images with it minus that of images without it (Radford
// 2016, section 6.3.2; there, the pose). Each direction is orthogonalised against those of the other attributes, so that moving
// along it leaves them unchanged (Shen 2020, section 3.3). A categorical attribute has a direction for each category, against which
// others are orthogonalised too.
import type { AttributeInfo } from '../../data/source.ts';

/** Latents and the classifier's predictions for their images. */
export interface PredictedSamples {
  /** [count, dim] */
  readonly latents: Float32Array;
  /** [count, attributes]: probabilities, values of about [-1, 1], or numbers of categories. */
  readonly predictions: Float32Array;
  readonly count: number;
  readonly dim: number;
}

/** Fraction of the samples at each end that represent a continuous attribute. */
const endShare = 0.15;

/**
 * The normalised difference of mean latents for each attribute, or for each category of a categorical one; zeros if there are no
 * samples with it or none without it.
 */
export function meanDifferences(
  samples: PredictedSamples,
  attributes: readonly AttributeInfo[],
): Float64Array[] {
  const { latents, predictions, count, dim } = samples;
  const prediction = (i: number, a: number): number => predictions[i * attributes.length + a]!;
  const meanOf = (indices: readonly number[]): Float64Array => {
    const mean = new Float64Array(dim);
    for (const i of indices) for (let d = 0; d < dim; d++) mean[d]! += latents[i * dim + d]! / indices.length;
    return mean;
  };
  const all = Array.from({ length: count }, (_, i) => i);
  const difference = (has: readonly number[], hasNot: readonly number[]): Float64Array => {
    if (has.length === 0 || hasNot.length === 0) return new Float64Array(dim);
    const [meanWith, meanWithout] = [meanOf(has), meanOf(hasNot)];
    return unit(meanWith.map((value, d) => value - meanWithout[d]!));
  };
  const split = (has: (i: number) => boolean): Float64Array =>
    difference(
      all.filter(has),
      all.filter((i) => !has(i)),
    );
  return attributes.flatMap(({ kind, values }, a) => {
    if (kind === 'binary') return split((i) => prediction(i, a) > 0.5);
    if (kind === 'categorical') return values!.map((_, k) => split((i) => prediction(i, a) === k));
    const order = all.toSorted((i, j) => prediction(i, a) - prediction(j, a));
    const end = Math.floor(count * endShare);
    return difference(order.slice(-end), order.slice(0, end));
  });
}

/** Each vector minus its projection onto the span of the others, normalised; zeros if nothing remains. */
export function withoutOthers(vectors: readonly Float64Array[]): Float64Array[] {
  return vectors.map((vector, a) => {
    const basis: Float64Array[] = [];
    for (const [b, other] of vectors.entries()) {
      if (b === a) continue;
      const rest = reduced(other, basis);
      if (norm(rest) > 1e-6) basis.push(unit(rest));
    }
    return unit(reduced(vector, basis));
  });
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
const unit = (a: Float64Array): Float64Array => {
  const length = norm(a);
  return length < 1e-12 ? new Float64Array(a.length) : a.map((value) => value / length);
};
/** The remainder of a vector after projection onto an orthonormal basis. */
const reduced = (vector: Float64Array, basis: readonly Float64Array[]): Float64Array =>
  basis.reduce((rest, axis) => {
    const share = dot(rest, axis);
    return rest.map((value, i) => value - share * axis[i]!);
  }, vector);

/** A direction's name: its attribute's, except that `yaw` is called `turn`. */
export const directionName = (attribute: string): string => (attribute === 'yaw' ? 'turn' : attribute);
