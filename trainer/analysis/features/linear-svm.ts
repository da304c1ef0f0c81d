// A linear one-vs-rest L2-SVM: ½‖w‖² + C Σ max(0, 1 - y w·x)², by dual coordinate descent (Hsieh et al. 2008, algorithm 1;
// liblinear's solver 1). Each pass visits the rows in a new random order, in blocks: the engine multiplies a block's rows with w
// and with each other, and the descent through the block needs only these products.
import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { CompiledFunction, Engine } from '../../engine/engine.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { BlockDescent, blockRows } from './block-descent.ts';
import type { FeatureMatrix } from './feature-matrix.ts';

/** Settings of a fit. */
export interface FitOptions {
  readonly matrix: FeatureMatrix;
  /** Rows of the matrix to learn from. */
  readonly rows: Int32Array;
  /** The class of each row. */
  readonly labels: Int32Array;
  /** Cost of a missed margin, above 0: liblinear's C. */
  readonly C: number;
  /**
   * A class has converged when its projected gradients are within this of each other. Default 0.1, as in liblinear.
   */
  readonly tolerance?: number;
  /** Maximum number of passes over all rows. Default 100. */
  readonly maxPasses?: number;
  readonly random: Random;
  /** Initial dual variables, from a fit to the same rows or to the first of them. Default zeros. */
  readonly start?: Float64Array | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onPass?: ((pass: number, violation: number) => void) | undefined;
}

/** A fitted SVM. */
export interface LinearSvm {
  /**
   * [features + 1, classes]: the last row is the bias, which is regularised like the weights, as in liblinear.
   */
  readonly weights: Float32Array<ArrayBuffer>;
  /** The dual variables, [rows, classes]. */
  readonly alphas: Float64Array;
  /**
   * The dual objective of each class: ½‖w‖² + Σ α²/(4C) - Σ α. At the solution it is minus the primal's value.
   */
  readonly duals: Float64Array;
  readonly passes: number;
  /** True if every class has converged. */
  readonly isConverged: boolean;
}

/** Fits and evaluates SVMs on one engine. */
export class LinearSvmSolver {
  /** Numbers per row: the features and the 1. */
  readonly width: number;
  readonly classes: number;
  /** Margins x·w, [blockRows, classes], and products x·xᵀ, [blockRows, blockRows], of the rows of a block. */
  private readonly multiply: CompiledFunction;
  /** xᵀ·d: the sum of a block's rows, weighted for each class, [width, classes]. */
  private readonly combine: CompiledFunction;
  /** [blockRows, width], reused by all calls. */
  private readonly block: Float32Array<ArrayBuffer>;

  private constructor(width: number, classes: number, multiply: CompiledFunction, combine: CompiledFunction) {
    this.width = width;
    this.classes = classes;
    this.multiply = multiply;
    this.combine = combine;
    this.block = new Float32Array(blockRows * width);
  }

  /** Compiles the functions. Close it after use; the engine stays open. */
  static async open(engine: Engine, features: number, classes: number): Promise<LinearSvmSolver> {
    const width = features + 1;
    const x = specOf([blockRows, width]);
    const multiply = await engine.compile(
      (_, inputs) => {
        const [rows, w] = [inputs['x'] as tf.Tensor2D, inputs['w'] as tf.Tensor2D];
        return { outputs: { margins: tf.matMul(rows, w), products: tf.matMul(rows, rows, false, true) } };
      },
      { x, w: specOf([width, classes]) },
    );
    const combine = await engine.compile(
      (_, inputs) => ({
        outputs: { moved: tf.matMul(inputs['x'] as tf.Tensor2D, inputs['d'] as tf.Tensor2D, true) },
      }),
      { x, d: specOf([blockRows, classes]) },
    );
    return new LinearSvmSolver(width, classes, multiply, combine);
  }

  /** Scores of rows of the matrix for each class: [rows, classes]. `weights` are {@link LinearSvm.weights}. */
  async scores(
    matrix: FeatureMatrix,
    rows: Int32Array,
    weights: Float32Array<ArrayBuffer>,
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    const { classes } = this;
    const scores = new Float32Array(rows.length * classes);
    for (let first = 0; first < rows.length; first += blockRows) {
      signal?.throwIfAborted();
      const count = this.gather(matrix, rows, first);
      const { margins } = await this.multiply.run(this.rowsAnd('w', weights), { fetch: ['margins'] });
      scores.set((margins!.data as Float32Array).subarray(0, count * classes), first * classes);
    }
    return scores;
  }

  /** Fits. Throws the signal's reason when aborted, RangeError if rows and labels differ in number. */
  async fit(options: FitOptions): Promise<LinearSvm> {
    const { matrix, rows, labels, C, tolerance = 0.1, maxPasses = 100, random, signal, onPass } = options;
    const { width, classes } = this;
    if (rows.length !== labels.length) {
      throw new RangeError(`labels: got ${labels.length}, expected ${rows.length}, one for each row`);
    }
    const w = new Float64Array(width * classes);
    const alphas = new Float64Array(rows.length * classes);
    alphas.set(options.start ?? []);
    const order = Int32Array.from(rows, (_, i) => i);
    /** The rows of a block, by their position in `order`. */
    const gather = (first: number): number => {
      const places = order.subarray(first, first + blockRows);
      return this.gather(
        matrix,
        places.map((place) => rows[place]!),
        0,
      );
    };
    const delta = new Float32Array(blockRows * classes);
    /** w += Xᵀ delta */
    const move = async (): Promise<void> => {
      const moved = (await this.combine.run(this.rowsAnd('d', delta)))['moved']!.data;
      for (let i = 0; i < w.length; i++) w[i]! += moved[i]!;
    };
    if (options.start !== undefined) {
      for (let first = 0; first < rows.length; first += blockRows) {
        signal?.throwIfAborted();
        const count = gather(first);
        for (let i = 0; i < count * classes; i++) {
          const isOwn = labels[first + Math.floor(i / classes)] === i % classes;
          delta[i] = alphas[first * classes + i]! * (isOwn ? 1 : -1);
        }
        delta.fill(0, count * classes);
        await move();
      }
    }
    const isDone = new Uint8Array(classes);
    const descent = new BlockDescent(labels, alphas, classes, C);
    let passes = 0;
    while (passes < maxPasses && isDone.includes(0)) {
      random.shuffle(order);
      descent.beginPass();
      for (let first = 0; first < rows.length; first += blockRows) {
        signal?.throwIfAborted();
        const count = gather(first);
        const { margins, products } = await this.multiply.run(this.rowsAnd('w', Float32Array.from(w)));
        descent.visit(
          order.subarray(first, first + count),
          margins!.data as Float32Array,
          products!.data as Float32Array,
          isDone,
          delta,
        );
        await move();
      }
      passes += 1;
      let violation = 0;
      for (let k = 0; k < classes; k++) {
        if (isDone[k] === 1) continue;
        violation = Math.max(violation, descent.violation(k));
        if (descent.violation(k) <= tolerance) isDone[k] = 1;
      }
      onPass?.(passes, violation);
    }
    return {
      weights: Float32Array.from(w),
      alphas,
      duals: dualsOf(w, alphas, classes, C),
      passes,
      isConverged: !isDone.includes(0),
    };
  }

  async close(): Promise<void> {
    await this.multiply.dispose();
    await this.combine.dispose();
  }

  /** Copies up to a block of rows from `first` on, padded with zeros; returns their number. */
  private gather(matrix: FeatureMatrix, rows: Int32Array, first: number): number {
    const count = Math.min(blockRows, rows.length - first);
    for (let i = 0; i < count; i++) this.block.set(matrix.row(rows[first + i]!), i * this.width);
    this.block.fill(0, count * this.width);
    return count;
  }

  /** Inputs: the block, and a matrix with a column for each class. */
  private rowsAnd(name: 'w' | 'd', data: Float32Array<ArrayBuffer>): Record<string, HostTensor> {
    const height = name === 'w' ? this.width : blockRows;
    return {
      x: { ...specOf([blockRows, this.width]), data: this.block },
      [name]: { ...specOf([height, this.classes]), data },
    };
  }
}

function dualsOf(w: Float64Array, alphas: Float64Array, classes: number, C: number): Float64Array {
  const duals = new Float64Array(classes);
  w.forEach((value, i) => (duals[i % classes]! += value ** 2 / 2));
  alphas.forEach((alpha, i) => (duals[i % classes]! += alpha ** 2 / (4 * C) - alpha));
  return duals;
}

function specOf(shape: readonly number[]) {
  return { shape, dtype: 'float32' } as const;
}
