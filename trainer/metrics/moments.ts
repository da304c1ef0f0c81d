// Mean and covariance of features, accumulated over batches in double precision. Memory does not grow with the number of images.

/** Mean [dim] and covariance [dim, dim] (unbiased), of `count` vectors. */
export interface FeatureMoments {
  readonly count: number;
  readonly dim: number;
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/**
 * Accumulates moments. Sums are relative to the first vector, which keeps them small compared with their spread.
 */
export class MomentSums {
  readonly dim: number;
  count = 0;
  #shift: Float64Array | null = null;
  readonly #sum: Float64Array;
  /** Upper triangle, row-major. */
  readonly #products: Float64Array;

  constructor(dim: number) {
    this.dim = dim;
    this.#sum = new Float64Array(dim);
    this.#products = new Float64Array(dim * dim);
  }

  /** Adds vectors, [n, dim]. Throws RangeError for one that is not finite. */
  add(features: Float32Array): void {
    const { dim } = this;
    this.#shift ??= Float64Array.from(features.subarray(0, dim));
    const shift = this.#shift;
    const centred = new Float64Array(dim);
    for (let first = 0; first < features.length; first += dim) {
      for (let i = 0; i < dim; i++) {
        const value = features[first + i]!;
        if (!Number.isFinite(value)) {
          throw new RangeError(`features: image ${this.count} has ${value} at ${i}, expected finite numbers`);
        }
        centred[i] = value - shift[i]!;
        this.#sum[i]! += centred[i]!;
      }
      for (let i = 0; i < dim; i++) {
        const factor = centred[i]!;
        if (factor === 0) continue;
        const row = i * dim;
        for (let j = i; j < dim; j++) this.#products[row + j]! += factor * centred[j]!;
      }
      this.count += 1;
    }
  }

  /** The moments so far. Throws RangeError for fewer than two vectors. */
  finish(): FeatureMoments {
    const { dim, count } = this;
    if (count < 2) throw new RangeError(`features: got ${count} images, expected at least 2`);
    const mean = this.#sum.map((value) => value / count);
    const covariance = new Float64Array(dim * dim);
    for (let i = 0; i < dim; i++) {
      for (let j = i; j < dim; j++) {
        const value = (this.#products[i * dim + j]! - count * mean[i]! * mean[j]!) / (count - 1);
        covariance[i * dim + j] = value;
        covariance[j * dim + i] = value;
      }
    }
    return { count, dim, mean: mean.map((value, i) => value + this.#shift![i]!), covariance };
  }
}
