// Mean and covariance of features, accumulated over batches in double precision. Memory does not grow with the number of images.
import { transposed, type Products } from './products.ts';

/** Vectors whose products are computed at once. */
const group = 512;

/** Mean [dim] and covariance [dim, dim] (unbiased), of `count` vectors. */
export interface FeatureMoments {
  readonly count: number;
  readonly dim: number;
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/**
 * Accumulates moments. Sums are relative to the first vector, which keeps them small compared with their spread. ONNX Runtime computes
 * the products of a group of vectors, many times as fast as a loop in JavaScript.
 */
export class MomentSums {
  readonly dim: number;
  count = 0;
  readonly #products: Products;
  #shift: Float64Array | null = null;
  readonly #sum: Float64Array;
  /** [dim, dim] */
  readonly #squares: Float64Array;
  /** Vectors whose products are not added yet: [waiting, dim]. */
  readonly #group: Float64Array;
  #waiting = 0;

  constructor(products: Products, dim: number) {
    this.#products = products;
    this.dim = dim;
    this.#sum = new Float64Array(dim);
    this.#squares = new Float64Array(dim * dim);
    this.#group = new Float64Array(group * dim);
  }

  /** Adds vectors, [n, dim]. Throws RangeError for one that is not finite. */
  async add(features: Float32Array): Promise<void> {
    const { dim } = this;
    this.#shift ??= Float64Array.from(features.subarray(0, dim));
    const shift = this.#shift;
    for (let first = 0; first < features.length; first += dim) {
      const to = this.#waiting * dim;
      for (let i = 0; i < dim; i++) {
        const value = features[first + i]!;
        if (!Number.isFinite(value)) {
          throw new RangeError(`features: image ${this.count} has ${value} at ${i}, expected finite numbers`);
        }
        const centred = value - shift[i]!;
        this.#group[to + i] = centred;
        this.#sum[i]! += centred;
      }
      this.count += 1;
      this.#waiting += 1;
      if (this.#waiting === group) await this.#addSquares();
    }
  }

  /** The moments so far. Throws RangeError for fewer than two vectors. */
  async finish(): Promise<FeatureMoments> {
    const { dim, count } = this;
    if (count < 2) throw new RangeError(`features: got ${count} images, expected at least 2`);
    await this.#addSquares();
    const mean = this.#sum.map((value) => value / count);
    const covariance = new Float64Array(dim * dim);
    for (let i = 0; i < dim; i++) {
      for (let j = i; j < dim; j++) {
        const value = (this.#squares[i * dim + j]! - count * mean[i]! * mean[j]!) / (count - 1);
        covariance[i * dim + j] = value;
        covariance[j * dim + i] = value;
      }
    }
    return { count, dim, mean: mean.map((value, i) => value + this.#shift![i]!), covariance };
  }

  async #addSquares(): Promise<void> {
    if (this.#waiting === 0) return;
    const data = this.#group.subarray(0, this.#waiting * this.dim);
    const vectors = { rows: this.#waiting, columns: this.dim, data };
    const { data: squares } = await this.#products.ofMatrices(transposed(vectors), vectors);
    for (let i = 0; i < squares.length; i++) this.#squares[i]! += squares[i]!;
    this.#waiting = 0;
  }
}
