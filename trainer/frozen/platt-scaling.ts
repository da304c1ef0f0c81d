// Platt's scaling of a classifier's scores ("Probabilistic outputs for support vector machines", 1999), fitted by the damped Newton's
// method of Lin, Lin and Weng (2007, "A note on Platt's probabilistic outputs").

/** A fit: the probability of the positive class is sigmoid(scale · score + offset). */
export interface PlattScaling {
  readonly scale: number;
  readonly offset: number;
}

const maxIterations = 100;
/** The fit has converged if no component of the mean loss's gradient is larger. */
const tolerance = 1e-12;

/**
 * Fits scale and offset to the scores of positive and of negative examples, with Platt's smoothed targets: (p + 1) / (p + 2) for each
 * of the p positive ones and 1 / (n + 2) for each of the n negative ones, so that the fit of separated scores is finite. The scale is
 * negative if positive examples have the lower scores, and 0 if all scores are equal. Throws RangeError for a list without scores, NaN
 * and infinities.
 */
export function fitPlattScaling(positive: ArrayLike<number>, negative: ArrayLike<number>): PlattScaling {
  const scores = Float64Array.from([...Array.from(positive), ...Array.from(negative)]);
  if (positive.length === 0 || negative.length === 0 || !scores.every(Number.isFinite)) {
    throw new RangeError(
      `scores: got ${positive.length} positive and ${negative.length} negative ones, expected finite numbers of both`,
    );
  }
  const count = scores.length;
  const mean = scores.reduce((sum, score) => sum + score, 0) / count;
  const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / count);
  const start = Math.log((positive.length + 1) / (negative.length + 1));
  if (!(deviation > 0)) return { scale: 0, offset: start };
  // Standard scores make the two unknowns of one size and nearly independent, however far from 0 the scores are.
  const standard = scores.map((score) => (score - mean) / deviation);
  const targetOf = (i: number): number =>
    i < positive.length ? (positive.length + 1) / (positive.length + 2) : 1 / (negative.length + 2);
  const lossAt = (slope: number, level: number): number => {
    let loss = 0;
    for (let i = 0; i < count; i++) {
      const logit = slope * standard[i]! + level;
      // Cross-entropy without overflow.
      loss += Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(0, logit) - targetOf(i) * logit;
    }
    return loss / count;
  };
  let [slope, level] = [0, start];
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    // Gradient (gs, gl) and Hessian ((ss, sl), (sl, ll)) of the mean loss; a small addition keeps the Hessian invertible.
    let [gs, gl, ss, sl, ll] = [0, 0, 1e-12, 0, 1e-12];
    for (let i = 0; i < count; i++) {
      const x = standard[i]!;
      const p = 1 / (1 + Math.exp(-(slope * x + level)));
      const [error, weight] = [(p - targetOf(i)) / count, (p * (1 - p)) / count];
      gs += error * x;
      gl += error;
      ss += weight * x * x;
      sl += weight * x;
      ll += weight;
    }
    if (Math.max(Math.abs(gs), Math.abs(gl)) <= tolerance) break;
    const determinant = ss * ll - sl * sl;
    const [ds, dl] = [(sl * gl - ll * gs) / determinant, (sl * gs - ss * gl) / determinant];
    // Losses that differ by less than rounding count as equal, so that the last steps are Newton's own.
    const [loss, fall] = [lossAt(slope, level) + 1e-15, gs * ds + gl * dl];
    let length = 1;
    while (length > 1e-10 && lossAt(slope + length * ds, level + length * dl) > loss + 1e-4 * length * fall)
      length /= 2;
    [slope, level] = [slope + length * ds, level + length * dl];
  }
  return { scale: slope / deviation, offset: level - (slope * mean) / deviation };
}
