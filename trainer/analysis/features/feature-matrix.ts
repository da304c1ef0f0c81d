// The feature matrix of an SVM: float32 rows, each ending with a constant 1 for the bias. All memory is allocated at the start,
// in pieces that fit into a typed array. If that exceeds the limit, the error states the amount needed.
import { freemem } from 'node:os';
import process from 'node:process';
import { UserError } from '../../errors.ts';

/** Maximum size of a piece in bytes, unless a single row is larger. */
const pieceBytes = 2 ** 28;

/** Rows of features, [count, features + 1]. */
export class FeatureMatrix {
  readonly count: number;
  /** Features per image. */
  readonly features: number;
  /** Numbers per row: the features and the 1. */
  readonly width: number;
  private readonly pieces: readonly Float32Array<ArrayBuffer>[];
  private readonly pieceRows: number;

  /** A matrix of zeros. Throws UserError, starting with `where`, if it needs more than `limitBytes`. */
  constructor(count: number, features: number, limitBytes: number, where: string) {
    if (matrixBytes(count, features) > limitBytes) throw tooLarge(count, features, limitBytes, where);
    this.count = count;
    this.features = features;
    this.width = features + 1;
    this.pieceRows = Math.max(1, Math.floor(pieceBytes / (4 * this.width)));
    this.pieces = Array.from(
      { length: Math.ceil(count / this.pieceRows) },
      (_, i) => new Float32Array(Math.min(this.pieceRows, count - i * this.pieceRows) * this.width),
    );
  }

  /** A view of a row: its features and the 1. */
  row(index: number): Float32Array<ArrayBuffer> {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new RangeError(`row: got ${index}, expected an integer in [0, ${this.count})`);
    }
    const start = (index % this.pieceRows) * this.width;
    return this.pieces[Math.floor(index / this.pieceRows)]!.subarray(start, start + this.width);
  }

  /** Copies features [n, features] into the rows from `first` on, each with its 1. */
  put(first: number, values: Float32Array): void {
    for (let i = 0; i * this.features < values.length; i++) {
      const row = this.row(first + i);
      row.set(values.subarray(i * this.features, (i + 1) * this.features));
      row[this.features] = 1;
    }
  }
}

/** Size of a matrix in bytes. */
export function matrixBytes(count: number, features: number): number {
  return 4 * count * (features + 1);
}

function tooLarge(count: number, features: number, limit: number, where: string): UserError {
  const fitting = Math.floor(limit / (4 * (features + 1)));
  const advice =
    fitting < 2
      ? 'give more with --memory'
      : `take fewer images with --limit ${fitting}, or give more with --memory`;
  return new UserError(
    `${where}: ${count.toLocaleString('en')} images of ${features.toLocaleString('en')} features take ` +
      `${gibibytes(matrixBytes(count, features))} GiB, and ${gibibytes(limit)} GiB may be used; ${advice}`,
  );
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(2);
}

/** Default memory limit in bytes: three quarters of the memory that is free for this process now. */
export function memoryAtHand(): number {
  // Node 20.13 and later also know the limit of a container.
  const available = 'availableMemory' in process ? Number((process.availableMemory as () => number)()) : 0;
  return 0.75 * (available > 0 ? Math.min(available, freemem()) : freemem());
}

/** Mean and standard deviation of the features: [features] each. */
export interface Standardisation {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** Mean and standard deviation of each feature over all rows; a constant feature has deviation 1. */
export function standardisationOf(matrix: FeatureMatrix): Standardisation {
  const { features, count } = matrix;
  const mean = new Float64Array(features);
  const square = new Float64Array(features);
  for (let i = 0; i < count; i++) {
    const row = matrix.row(i);
    for (let f = 0; f < features; f++) mean[f]! += row[f]!;
  }
  for (let f = 0; f < features; f++) mean[f]! /= count;
  // In a second pass, because the mean can be large relative to the deviation.
  for (let i = 0; i < count; i++) {
    const row = matrix.row(i);
    for (let f = 0; f < features; f++) square[f]! += (row[f]! - mean[f]!) ** 2;
  }
  const deviation = square.map((sum, f) => {
    const value = Math.sqrt(sum / count);
    // A feature that varies by rounding alone must not be scaled up to the size of the others.
    return value > 1e-6 * Math.max(1, Math.abs(mean[f]!)) ? value : 1;
  });
  return { mean, deviation };
}

/** Standardises the features of one row in place. */
export function standardise(row: Float32Array, { mean, deviation }: Standardisation): void {
  for (let f = 0; f < mean.length; f++) row[f] = (row[f]! - mean[f]!) / deviation[f]!;
}
