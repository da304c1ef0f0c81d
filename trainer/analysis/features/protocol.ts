// The protocol of the DCGAN paper's section 5: standardised features, a linear L2-SVM whose C is chosen on held-out images, and
// its accuracy on test images.
import type { Random } from '../../../runtime-web/format/random.ts';
import type { Engine } from '../../engine/engine.ts';
import { eachFeature, type FeatureSet } from './feature-set.ts';
import { FeatureMatrix, standardisationOf, standardise, type Standardisation } from './feature-matrix.ts';
import type { LabelledImages } from './labelled-images.ts';
import { LinearSvmSolver, type LinearSvm } from './linear-svm.ts';
import type { Split } from './split.ts';
import { held } from '../../held.ts';

/** A classification task: images and their split. */
export interface Task {
  readonly train: LabelledImages;
  readonly split: Split;
  /** The test images, with the same class names as `train`; may be `train` itself. */
  readonly test: LabelledImages;
  /** Indices into `test`. */
  readonly testIndices: Int32Array;
  /** True if the SVM also learns from the held-out images once C is chosen. */
  readonly learnsHeldOut: boolean;
}

/** Settings of the protocol. */
export interface ProtocolOptions {
  readonly engine: Engine;
  readonly task: Task;
  /** liblinear's C; null chooses it on the held-out images. */
  readonly C: number | null;
  readonly standardises: boolean;
  /** Memory limit of the features in bytes. */
  readonly memoryBytes: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Called with the current job and its progress. */
  readonly onProgress: (job: string, done: number, total: number) => void;
}

/** The result. */
export interface Outcome {
  readonly name: string;
  readonly title: string;
  readonly featureCount: number;
  readonly accuracy: number;
  /** [true class][predicted class], counts. */
  readonly confusion: readonly (readonly number[])[];
  readonly C: number;
  /** Accuracy on the held-out images for each C that was tried; empty if C was given. */
  readonly choices: readonly { readonly C: number; readonly accuracy: number }[];
  readonly passes: number;
  readonly isConverged: boolean;
}

/** Factor between two values of C: √10. */
const step = Math.sqrt(10);
/** Maximum number of values of C to try. */
const maxTries = 7;
/** The first C, for rows of mean squared length 1. */
const firstC = 0.03;
/** The search ends after this many values in a row without improvement. */
const patience = 2;

/** Runs the protocol for one feature set. Throws UserError if memory is short or a feature is not finite. */
export async function evaluateFeatures(set: FeatureSet, options: ProtocolOptions): Promise<Outcome> {
  const { engine, task, standardises, memoryBytes, signal, onProgress } = options;
  const { train, split, learnsHeldOut } = task;
  const indices = Int32Array.from([...split.fit, ...split.heldOut]);
  const matrix = new FeatureMatrix(indices.length, set.features, memoryBytes, set.title);
  await eachFeature(
    {
      set,
      dataset: train.dataset,
      indices,
      signal,
      onProgress: (done) => onProgress(`features of ${set.name}`, done, indices.length),
    },
    (start, features) => matrix.put(start, features),
  );
  const scale = standardises ? standardisationOf(matrix) : null;
  let squares = 0;
  for (let i = 0; i < matrix.count; i++) {
    const row = matrix.row(i);
    if (scale !== null) standardise(row, scale);
    for (const value of row) squares += value * value;
  }
  const labels = indices.map((index) => train.labels[index]!);
  const rows = labels.map((_, i) => i);
  const fitted = split.fit.length;
  await using solver = held(await LinearSvmSolver.open(engine, set.features, train.names.length));
  const fit = (C: number, count: number, start?: Float64Array): Promise<LinearSvm> =>
    solver.fit({
      matrix,
      rows: rows.subarray(0, count),
      labels: labels.subarray(0, count),
      C,
      random: options.random,
      start,
      signal,
    });
  const choices: { readonly C: number; readonly accuracy: number }[] = [];
  let best: { readonly svm: LinearSvm; readonly C: number; readonly accuracy: number } | null = null;
  if (options.C === null) {
    const heldOut = rows.subarray(fitted);
    const truth = labels.subarray(fitted);
    let last: LinearSvm | undefined;
    for (let i = 0, worse = 0; i < maxTries && worse < patience; i++) {
      const C = (firstC * step ** i * matrix.count) / squares;
      last = await fit(C, fitted, last?.alphas);
      const accuracy = accuracyOf(await solver.scores(matrix, heldOut, last.weights, signal), truth);
      choices.push({ C, accuracy });
      if (best === null || accuracy > best.accuracy) [best, worse] = [{ svm: last, C, accuracy }, 0];
      else worse += 1;
      onProgress(`C for ${set.name}`, i + 1, maxTries);
    }
    onProgress(`C for ${set.name}`, maxTries, maxTries);
  }
  const C = options.C ?? best!.C;
  const isFitted = best !== null && !learnsHeldOut;
  const svm = isFitted ? best!.svm : await fit(C, learnsHeldOut ? rows.length : fitted, best?.svm.alphas);
  const confusion = await confusionOf(set, solver, svm.weights, scale, options);
  const right = confusion.reduce((sum, row, k) => sum + row[k]!, 0);
  return {
    name: set.name,
    title: set.title,
    featureCount: set.features,
    accuracy: right / task.testIndices.length,
    confusion,
    C,
    choices,
    passes: svm.passes,
    isConverged: svm.isConverged,
  };
}

/**
 * Predictions for the test images, [true class][predicted class]; their features are computed in batches and not kept.
 */
async function confusionOf(
  set: FeatureSet,
  solver: LinearSvmSolver,
  weights: Float32Array<ArrayBuffer>,
  scale: Standardisation | null,
  { task, signal, onProgress }: ProtocolOptions,
): Promise<number[][]> {
  const { test, testIndices } = task;
  const { names, labels, dataset } = test;
  const classes = names.length;
  const confusion = names.map(() => new Array<number>(classes).fill(0));
  const batch = new FeatureMatrix(set.batch, set.features, Infinity, set.title);
  await eachFeature(
    {
      set,
      dataset,
      indices: testIndices,
      signal,
      onProgress: (done) => onProgress(`predictions from ${set.name}`, done, testIndices.length),
    },
    async (start, features) => {
      batch.put(0, features);
      const rows = Int32Array.from({ length: features.length / set.features }, (_, i) => i);
      if (scale !== null) for (const i of rows) standardise(batch.row(i), scale);
      const scores = await solver.scores(batch, rows, weights);
      for (const i of rows)
        confusion[labels[testIndices[start + i]!]!]![predictedClass(scores, i, classes)]! += 1;
    },
  );
  return confusion;
}

/** The class with the highest score in row i. */
function predictedClass(scores: Float32Array, i: number, classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++) {
    if (scores[i * classes + k]! > scores[i * classes + best]!) best = k;
  }
  return best;
}

/** Accuracy of the predictions from scores [n, classes]. */
function accuracyOf(scores: Float32Array, truth: Int32Array): number {
  const classes = scores.length / truth.length;
  return (
    truth.reduce((sum, k, i) => sum + Number(predictedClass(scores, i, classes) === k), 0) / truth.length
  );
}
