// Directions in latent space that change one attribute: the difference of mean latents of pictures that have it and pictures
// that have not (Radford 2016, section 6.3.2), as an avatar's turn from the mean of those that look one way to the other.
// What a difference shares with those of other attributes is taken out of it, so that they stay (Shen 2020, section 3.3).
import type { Direction } from '../../../runtime-web/format/model.ts';
import type { PredictedAttribute } from '../attributes/attribute-classifier.ts';

/** Latents and what the classifier says of their pictures. */
export interface PredictedSamples {
  /** [count, dim] */
  readonly latents: Float32Array;
  /** [count, attributes]: probabilities, or values in about [-1, 1]. */
  readonly predictions: Float32Array;
  readonly count: number;
  readonly dim: number;
}

/** Share of the samples at each end that speak for a continuous attribute. */
const endShare = 0.15;

/** The unit difference of mean latents for each attribute; zeros where one side has no samples. */
export function meanDifferences(
  samples: PredictedSamples,
  attributes: readonly PredictedAttribute[],
): Float64Array[] {
  const { latents, predictions, count, dim } = samples;
  const prediction = (i: number, a: number): number => predictions[i * attributes.length + a]!;
  const meanOf = (indices: readonly number[]): Float64Array => {
    const mean = new Float64Array(dim);
    for (const i of indices) for (let d = 0; d < dim; d++) mean[d]! += latents[i * dim + d]! / indices.length;
    return mean;
  };
  return attributes.map(({ kind }, a) => {
    const order = Array.from({ length: count }, (_, i) => i).sort(
      (i, j) => prediction(i, a) - prediction(j, a),
    );
    const end = Math.floor(count * endShare);
    const has = kind === 'binary' ? order.filter((i) => prediction(i, a) > 0.5) : order.slice(-end);
    const hasNot = kind === 'binary' ? order.filter((i) => prediction(i, a) <= 0.5) : order.slice(0, end);
    if (has.length === 0 || hasNot.length === 0) return new Float64Array(dim);
    const [there, away] = [meanOf(has), meanOf(hasNot)];
    return unit(there.map((value, d) => value - away[d]!));
  });
}

/** Each vector without its part in the span of the others, as a unit again; zeros where nothing is left. */
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
/** What is left of a vector beside an orthonormal basis. */
const reduced = (vector: Float64Array, basis: readonly Float64Array[]): Float64Array =>
  basis.reduce((rest, axis) => {
    const share = dot(rest, axis);
    return rest.map((value, i) => value - share * axis[i]!);
  }, vector);

/** What moving along a direction does, on samples that did not have the attribute. */
export interface Effect {
  /** Share of them that have it then. */
  readonly success: number;
  /** Share of the verdicts on other attributes that changed, over all of them. */
  readonly othersMoved: number;
}

/** Whether sample `i` has attribute `a`: a continuous one, where it is above its middle. */
export function isOn(
  predictions: Float32Array,
  attributes: readonly PredictedAttribute[],
  i: number,
  a: number,
): boolean {
  return predictions[i * attributes.length + a]! > (attributes[a]!.kind === 'binary' ? 0.5 : 0);
}

/** A continuous attribute has moved with another where its value, in [-1, 1], has changed by more than this. */
const movedBy = 0.5;

/**
 * Compares verdicts before and after a move. The moved attribute is a success where it is there (or, continuous, above
 * the middle) then; others have moved where their verdict, or their value by a quarter of its range, is another.
 */
export function effectOf(
  before: Float32Array,
  after: Float32Array,
  attributes: readonly PredictedAttribute[],
  moved: number,
): Effect {
  const width = attributes.length;
  const count = before.length / width;
  let [success, others] = [0, 0];
  for (let i = 0; i < count; i++) {
    if (isOn(after, attributes, i, moved)) success += 1;
    for (let a = 0; a < width; a++) {
      if (a === moved) continue;
      const change = Math.abs(before[i * width + a]! - after[i * width + a]!);
      const isBinary = attributes[a]!.kind === 'binary';
      if (isBinary ? isOn(before, attributes, i, a) !== isOn(after, attributes, i, a) : change > movedBy)
        others += 1;
    }
  }
  return { success: success / count, othersMoved: others / (count * (width - 1)) };
}

/** Names for sliders: the pose is a turn. */
export const directionName = (attribute: string): string => (attribute === 'yaw' ? 'turn' : attribute);

/** A direction as `model.json` has it. */
export function asDirection(name: string, vector: Float64Array, effect: Effect, accuracy: number): Direction {
  const round = (value: number): number => Number(value.toFixed(4));
  return {
    name,
    vector: Array.from(vector, (value) => Number(value.toPrecision(6))),
    figures: {
      success: round(effect.success),
      othersMoved: round(effect.othersMoved),
      classifierQuality: round(accuracy),
    },
  };
}
