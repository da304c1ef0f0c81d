// The inner loop of the L2-SVM: dual coordinate descent (Hsieh et al. 2008, algorithm 1) through one block of rows. It only needs
// the products of the rows with w and with each other, so its cost does not depend on the rows' length.

/** Rows per block: a larger block costs more products between rows, a smaller one more calls. */
export const blockRows = 128;

/** Coordinate descent through one block after another, for all classes. */
export class BlockDescent {
  private readonly labels: Int32Array;
  private readonly alphas: Float64Array;
  private readonly classes: number;
  private readonly ridge: number;
  private readonly margin = new Float64Array(blockRows);
  /** [classes]: smallest and largest projected gradients of this pass. */
  private readonly min: Float64Array;
  private readonly max: Float64Array;

  /** @param alphas [rows, classes], updated in place. */
  constructor(labels: Int32Array, alphas: Float64Array, classes: number, C: number) {
    this.labels = labels;
    this.alphas = alphas;
    this.classes = classes;
    this.ridge = 1 / (2 * C);
    this.min = new Float64Array(classes);
    this.max = new Float64Array(classes);
  }

  /** Resets the gradients of the previous pass. */
  beginPass(): void {
    this.min.fill(0);
    this.max.fill(0);
  }

  /** The spread of a class's projected gradients in this pass. */
  violation(k: number): number {
    return this.max[k]! - this.min[k]!;
  }

  /**
   * Updates the rows at `places` in order, for each class that has not converged. `margins` [blockRows, classes] are w·x
   * before the block, `products` [blockRows, blockRows] those of the rows with each other; `delta` [blockRows, classes]
   * receives the change of each y α.
   */
  visit(
    places: Int32Array,
    margins: Float32Array,
    products: Float32Array,
    isDone: Uint8Array,
    delta: Float32Array,
  ): void {
    const { labels, alphas, classes, ridge, margin } = this;
    const count = places.length;
    delta.fill(0);
    for (let k = 0; k < classes; k++) {
      if (isDone[k] === 1) continue;
      let [min, max] = [this.min[k]!, this.max[k]!];
      for (let i = 0; i < count; i++) margin[i] = margins[i * classes + k]!;
      for (let i = 0; i < count; i++) {
        const at = places[i]! * classes + k;
        const y = labels[places[i]!] === k ? 1 : -1;
        const alpha = alphas[at]!;
        const gradient = y * margin[i]! - 1 + ridge * alpha;
        const projected = alpha === 0 ? Math.min(gradient, 0) : gradient;
        if (projected < min) min = projected;
        if (projected > max) max = projected;
        if (projected === 0) continue;
        const next = Math.max(0, alpha - gradient / (products[i * blockRows + i]! + ridge));
        const change = (next - alpha) * y;
        alphas[at] = next;
        delta[i * classes + k] = change;
        // Earlier rows are not visited again in this pass.
        for (let j = i + 1; j < count; j++) margin[j]! += change * products[i * blockRows + j]!;
      }
      this.min[k] = min;
      this.max[k] = max;
    }
  }
}
