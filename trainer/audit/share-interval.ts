// Interval of a share of counts: exact for independent ones (Clopper and Pearson 1934). Samples that have the same nearest image are
// not independent, so the count is the effective one (Korn and Graubard 1998).

/** A figure with the bounds of its interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Confidence of all intervals of an audit. */
export const confidence = 0.99;

/**
 * The interval of a share `value` among `count` independent ones; `count` may be a fraction. Throws RangeError unless 0 <= value <= 1 and
 * count > 0.
 */
export function shareInterval(value: number, count: number, level = confidence): Estimate {
  if (!(value >= 0 && value <= 1 && count > 0)) {
    throw new RangeError(`share: got ${value} of ${count}, expected 0 to 1 of more than 0`);
  }
  const tail = (1 - level) / 2;
  const hits = value * count;
  return {
    value,
    low: value === 0 ? 0 : betaQuantile(tail, hits, count - hits + 1),
    high: value === 1 ? 1 : betaQuantile(1 - tail, hits + 1, count - hits),
  };
}

/**
 * The number of independent samples that say as much as all: (Σ c)² / Σ c², where c is the number of samples for which an image is the
 * nearest (Kish 1965).
 */
export function effectiveCount(counts: ArrayLike<number>): number {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < counts.length; i++) {
    sum += counts[i]!;
    squares += counts[i]! ** 2;
  }
  return sum ** 2 / squares;
}

/** The x at which the regularised incomplete beta function of a and b is `probability`, by bisection. */
function betaQuantile(probability: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, a, b) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularised incomplete beta function I_x(a, b): its continued fraction (DLMF 8.17.22) by Lentz's method. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const scale = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-14) break;
  }
  return (scale * fraction) / a;
}

/** ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1) above 10, reached by Γ(x + 1) = x Γ(x). */
function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 10; y++) shift += Math.log(y);
  const series = 1 / (12 * y) - 1 / (360 * y ** 3) + 1 / (1260 * y ** 5) - 1 / (1680 * y ** 7);
  return (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + series - shift;
}
