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
  private readonly least: Float64Array;
  private readonly most: Float64Array;

  /** @param alphas [rows, classes], updated in place. */
  constructor(labels: Int32Array, alphas: Float64Array, classes: number, C: number) {
    this.labels = labels;
    this.alphas = alphas;
    this.classes = classes;
    this.ridge = 1 / (2 * C);
    this.least = new Float64Array(classes);
    this.most = new Float64Array(classes);
  }

  /** Resets the gradients of the previous pass. */
  beginPass(): void {
    this.least.fill(0);
    this.most.fill(0);
  }

  /** The spread of a class's projected gradients in this pass. */
  violation(k: number): number {
    return this.most[k]! - this.least[k]!;
  }

  /**
   * Visits the rows at `places` in order, for each class that has not converged. `margins` [blockRows, classes] are w·x
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
      let [least, most] = [this.least[k]!, this.most[k]!];
      for (let i = 0; i < count; i++) margin[i] = margins[i * classes + k]!;
      for (let i = 0; i < count; i++) {
        const at = places[i]! * classes + k;
        const y = labels[places[i]!] === k ? 1 : -1;
        const alpha = alphas[at]!;
        const gradient = y * margin[i]! - 1 + ridge * alpha;
        const projected = alpha === 0 ? Math.min(gradient, 0) : gradient;
        if (projected < least) least = projected;
        if (projected > most) most = projected;
        if (projected === 0) continue;
        const next = Math.max(0, alpha - gradient / (products[i * blockRows + i]! + ridge));
        const change = (next - alpha) * y;
        alphas[at] = next;
        delta[i * classes + k] = change;
        // Earlier rows are not visited again in this pass.
        for (let j = i + 1; j < count; j++) margin[j]! += change * products[i * blockRows + j]!;
      }
      this.least[k] = least;
      this.most[k] = most;
    }
  }
}
