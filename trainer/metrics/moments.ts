// Mean and covariance of features, accumulated over batches in double precision. Memory does not grow with the number of images.

/** Vectors whose products are added at once. */
const group = 4;

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
    const count = features.length / dim;
    // Rows of zeros fill the last group.
    const centred = new Float64Array(Math.ceil(count / group) * group * dim);
    for (let n = 0; n < count; n++) {
      const first = n * dim;
      for (let i = 0; i < dim; i++) {
        const value = features[first + i]!;
        if (!Number.isFinite(value)) {
          throw new RangeError(
            `features: image ${this.count + n} has ${value} at ${i}, expected finite numbers`,
          );
        }
        centred[first + i] = value - shift[i]!;
        this.#sum[i]! += centred[first + i]!;
      }
    }
    this.count += count;
    for (let first = 0; first < centred.length; first += group * dim) this.#addProducts(centred, first);
  }

  /** Adds the products of a group of vectors that begins at `first`: a pass over the sums for each group, not for each vector. */
  #addProducts(centred: Float64Array, first: number): void {
    const { dim } = this;
    const products = this.#products;
    const [a, b, c, d] = [0, 1, 2, 3].map((n) => centred.subarray(first + n * dim, first + (n + 1) * dim));
    for (let i = 0; i < dim; i++) {
      const [ai, bi, ci, di] = [a![i]!, b![i]!, c![i]!, d![i]!];
      const row = i * dim;
      for (let j = i; j < dim; j++) {
        products[row + j]! += ai * a![j]! + bi * b![j]! + ci * c![j]! + di * d![j]!;
      }
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
