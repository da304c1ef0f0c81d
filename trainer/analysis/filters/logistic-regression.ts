// Logistic regression with an L2 penalty, like scikit-learn's LogisticRegression: weights w and intercept b minimise C Σ log(1 +
// exp(-y (x·w + b))) + ½ w·w, with y = 1 or -1 and an unpenalised intercept. L-BFGS (Nocedal and Wright 2006, algorithm 7.5) in
// double precision; the problem is convex, so the start does not matter.

/** Rows of features and their labels. */
export interface Labelled {
  /** [rows, width] */
  readonly features: Float32Array | Float64Array;
  /** For each row, true (or not 0) if it belongs to the positive class. */
  readonly isPositive: ArrayLike<boolean | number>;
  readonly width: number;
}

/** A fitted model: a row is predicted positive if x·weights + intercept is positive. */
export interface LogisticModel {
  readonly weights: Float64Array;
  readonly intercept: number;
  /** Number of evaluations of the loss. */
  readonly evaluations: number;
}

/** Settings of {@link fitLogistic}. */
export interface FitOptions {
  /** Weight of the data relative to the penalty. Default 1, as in scikit-learn. */
  readonly C?: number;
  /** Max magnitude of the components of the mean loss's gradient at convergence. Default 1e-7. */
  readonly tolerance?: number;
  /** Max number of iterations. Default 1000. */
  readonly maxIterations?: number;
}

const memory = 10;

/** Fits a model to labelled rows. Throws RangeError for no rows, rows of one class only, NaN or infinities. */
export function fitLogistic(
  { features, isPositive, width }: Labelled,
  options: FitOptions = {},
): LogisticModel {
  const { C = 1, tolerance = 1e-7, maxIterations = 1000 } = options;
  const rows = isPositive.length;
  if (rows * width !== features.length) {
    throw new RangeError(`features: got ${features.length} numbers, expected ${rows} rows of ${width}`);
  }
  const sign = Float64Array.from({ length: rows }, (_, i) => (isPositive[i] ? 1 : -1));
  if (!sign.includes(1) || !sign.includes(-1)) {
    throw new RangeError(`labels: got ${rows} of one class, expected rows of both`);
  }
  if (!features.every(Number.isFinite))
    throw new RangeError('features: got NaN or an infinity, expected numbers');

  let evaluations = 0;
  // The loss is divided by C and the number of rows, so that the tolerance does not depend on them.
  const scale = 1 / (C * rows);
  const lossAt = (point: Float64Array, gradient: Float64Array): number => {
    evaluations += 1;
    gradient.fill(0);
    let loss = 0;
    for (let i = 0; i < rows; i++) {
      const at = i * width;
      let score = point[width]!;
      for (let k = 0; k < width; k++) score += features[at + k]! * point[k]!;
      const margin = sign[i]! * score;
      // log(1 + exp(-m)) and its derivative -1 / (1 + exp(m)), written without overflow.
      const e = Math.exp(-Math.abs(margin));
      loss += Math.log1p(e) + Math.max(0, -margin);
      const slope = (-sign[i]! * (margin > 0 ? e : 1)) / (1 + e);
      for (let k = 0; k < width; k++) gradient[k]! += slope * features[at + k]!;
      gradient[width]! += slope;
    }
    let penalty = 0;
    for (let k = 0; k < width; k++) {
      penalty += point[k]! ** 2;
      gradient[k] = gradient[k]! / rows + scale * point[k]!;
    }
    gradient[width]! /= rows;
    return loss / rows + (scale * penalty) / 2;
  };
  const point = minimise(lossAt, new Float64Array(width + 1), tolerance, maxIterations);
  return { weights: point.slice(0, width), intercept: point[width]!, evaluations };
}

/** The score of a row: x·w + b. */
export function scoreOf({ weights, intercept }: LogisticModel, row: ArrayLike<number>): number {
  return weights.reduce((sum, weight, k) => sum + weight * row[k]!, intercept);
}

/** A step, the change of the gradient along it, and 1 / (step · change). */
interface Move {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly rho: number;
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
};

/** L-BFGS with backtracking: the step is halved until the loss falls enough. */
function minimise(
  lossAt: (point: Float64Array, gradient: Float64Array) => number,
  start: Float64Array,
  tolerance: number,
  maxIterations: number,
): Float64Array {
  let point = start;
  let gradient = new Float64Array(start.length);
  let loss = lossAt(point, gradient);
  const moves: Move[] = [];
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (gradient.every((slope) => Math.abs(slope) <= tolerance)) break;
    const direction = descent(gradient, moves);
    const fall = dot(direction, gradient);
    // The first step has no curvature estimate yet.
    let length = moves.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let moved = false;
    for (let halving = 0; halving < 50 && !moved; halving++, length /= 2) {
      const next = point.map((value, k) => value + length * direction[k]!);
      const nextGradient = new Float64Array(point.length);
      const nextLoss = lossAt(next, nextGradient);
      if (!(nextLoss <= loss + 1e-4 * length * fall)) continue;
      const step = next.map((value, k) => value - point[k]!);
      const change = nextGradient.map((value, k) => value - gradient[k]!);
      const curvature = dot(step, change);
      if (curvature > 0) moves.push({ step, change, rho: 1 / curvature });
      if (moves.length > memory) moves.shift();
      [point, gradient, loss, moved] = [next, nextGradient, nextLoss, true];
    }
    // No shorter step reduces the loss: this is the minimum within double precision.
    if (!moved) break;
  }
  return point;
}

/** The descent direction by the two-loop recursion. */
function descent(gradient: Float64Array, moves: readonly Move[]): Float64Array {
  const direction = gradient.map((value) => -value);
  const shares: number[] = [];
  for (const { step, change, rho } of moves.toReversed()) {
    const share = rho * dot(step, direction);
    shares.unshift(share);
    for (let k = 0; k < direction.length; k++) direction[k]! -= share * change[k]!;
  }
  const newest = moves.at(-1);
  if (newest !== undefined) {
    const size = dot(newest.step, newest.change) / dot(newest.change, newest.change);
    for (let k = 0; k < direction.length; k++) direction[k]! *= size;
  }
  moves.forEach(({ step, change, rho }, i) => {
    const back = rho * dot(change, direction);
    for (let k = 0; k < direction.length; k++) direction[k]! += step[k]! * (shares[i]! - back);
  });
  return direction;
}
