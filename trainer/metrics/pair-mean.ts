// The mean of a sample with its standard error.

/** A mean over `pairs` values, and its standard error. */
export interface PairMean {
  readonly mean: number;
  readonly standardError: number;
  readonly pairs: number;
}

/** Mean and standard error of values. */
export function meanOf(values: readonly number[]): PairMean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, standardError: Math.sqrt(variance / values.length), pairs: values.length };
}

/** `0.1234 ± 0.0056`. */
export const pairText = ({ mean, standardError }: PairMean): string =>
  `${mean.toFixed(4)} ± ${standardError.toFixed(4)}`;
