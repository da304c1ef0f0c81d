// Logistic regression with an L2 penalty, as scikit-learn's LogisticRegression has it: the weights w and the intercept b
// that make C Σ log(1 + exp(-y (x·w + b))) + ½ w·w least, y being 1 or -1; the intercept is free. Found by L-BFGS (Nocedal
// and Wright 2006, algorithm 7.5) in double precision: the problem is convex, so where it starts does not matter.

/** Rows of features and what each is. */
export interface Labelled {
  /** [rows, width] */
  readonly features: Float32Array | Float64Array;
  /** Whether each row is of the class that positive weights speak for. */
  readonly isPositive: ArrayLike<boolean | number>;
  readonly width: number;
}

/** A fitted model: a row speaks for the class where x·weights + intercept is positive. */
export interface LogisticModel {
  readonly weights: Float64Array;
  readonly intercept: number;
  /** Evaluations of the loss. */
  readonly evaluations: number;
}

/** How to fit. */
export interface FitOptions {
  /** What the rows weigh against the penalty. Default 1, as in scikit-learn. */
  readonly C?: number;
  /** Fitting ends where no slope of the mean loss is steeper. Default 1e-7. */
  readonly tolerance?: number;
  /** Default 1000. */
  readonly mostIterations?: number;
}

const memory = 10;

/** Fits. Throws RangeError where rows are missing, of one class only, or hold NaN or infinities. */
export function fitLogistic(
  { features, isPositive, width }: Labelled,
  options: FitOptions = {},
): LogisticModel {
  const { C = 1, tolerance = 1e-7, mostIterations = 1000 } = options;
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
  // Divided by C and the rows, so that the tolerance means the same whatever there are.
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
      // log(1 + exp(-m)) and its slope -1 / (1 + exp(m)), written so that neither overflows.
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
  const point = minimise(lossAt, new Float64Array(width + 1), tolerance, mostIterations);
  return { weights: point.slice(0, width), intercept: point[width]!, evaluations };
}

/** What the model says of a row: x·w + b. */
export function scoreOf({ weights, intercept }: LogisticModel, row: ArrayLike<number>): number {
  return weights.reduce((sum, weight, k) => sum + weight * row[k]!, intercept);
}

/** A step that is taken, and how the gradient changed by it. */
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

/** L-BFGS with halving of the step until the loss falls enough. */
function minimise(
  lossAt: (point: Float64Array, gradient: Float64Array) => number,
  start: Float64Array,
  tolerance: number,
  mostIterations: number,
): Float64Array {
  let point = start;
  let gradient = new Float64Array(start.length);
  let loss = lossAt(point, gradient);
  const moves: Move[] = [];
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    if (gradient.every((slope) => Math.abs(slope) <= tolerance)) break;
    const direction = descent(gradient, moves);
    const fall = dot(direction, gradient);
    // The first step has no curvature to go by.
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
    // No shorter step falls any more: this is the bottom, as far as double precision can tell.
    if (!moved) break;
  }
  return point;
}

/** The direction of descent by the two-loop recursion. */
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
