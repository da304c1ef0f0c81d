// The finding of `features`, for the run's report and for programs.
import type { Finding } from '../../findings/findings.ts';
import type { TrainedRun } from '../../run/trained-run.ts';
import { confusionPicture } from './confusion-picture.ts';
import { curvePicture } from './curve-picture.ts';
import type { Outcome, Task } from './protocol.ts';
import type { FeaturesResult } from './run-features.ts';

/** The content of the finding. */
export interface FeaturesFindingOptions {
  readonly task: Task;
  readonly run: TrainedRun;
  readonly result: FeaturesResult;
  readonly standardises: boolean;
}

/** Creates the finding. Its `data` is also the output of `features --json`: `accuracy`, `trainCount`, `testCount` and more. */
export function featuresFinding({ task, run, result, standardises }: FeaturesFindingOptions): Finding {
  const { outcome, baselines, curve, explainedVariance } = result;
  const { names } = task.train;
  const { images, step, dataset: trained, origin } = run.checkpoint.metadata;
  const seen =
    origin && step === 0
      ? `The networks were imported from ${origin.files.map(({ file }) => file).join(' and ')}.`
      : `The networks had seen ${images.toLocaleString('en')} images of ${String(trained['name'] ?? 'unknown data')}, without labels.`;
  const trainCount = task.split.fit.length + (task.learnsHeldOut ? task.split.heldOut.length : 0);
  const testCount = task.testIndices.length;
  const perClass = names.map((name, k) => {
    const row = outcome.confusion[k]!;
    const count = row.reduce((sum, value) => sum + value, 0);
    return { name, accuracy: count === 0 ? null : row[k]! / count, count };
  });
  const comparisons = baselines.map(({ title, accuracy }) => `${percent(accuracy)} on ${title}`);
  const summary =
    `A linear SVM on ${outcome.title} is right about ${percent(outcome.accuracy)} of ${testCount.toLocaleString('en')} ` +
    `images of ${task.test.dataset.name}, trained on ${trainCount.toLocaleString('en')} labels` +
    `${comparisons.length > 0 ? `; ${comparisons.join(', ')}` : ''}. ${seen}`;
  const figures = ({ title, featureCount, accuracy, C }: Outcome) =>
    [title, featureCount, percent(accuracy), C.toPrecision(3)] as const;
  return {
    name: 'features',
    title: 'Features',
    step,
    summary,
    tables: [
      {
        caption: `Accuracy of a linear L2-SVM, on the same images for all features${standardises ? '; features standardised' : ''}`,
        columns: ['features', 'number', 'accuracy', 'C'],
        rows: [outcome, ...baselines].map(figures),
      },
      {
        caption: `By class, with ${outcome.title}: rows are true classes, columns predicted classes, in images`,
        columns: ['class', 'accuracy', ...names],
        rows: perClass.map(({ name, accuracy }, k) => [
          name,
          accuracy === null ? '' : percent(accuracy),
          ...outcome.confusion[k]!,
        ]),
      },
      ...(curve.length === 0
        ? []
        : [
            {
              caption: 'Accuracy by checkpoint, at the same C',
              columns: ['step', 'images seen', 'accuracy'],
              rows: curve.map((point) => [point.step, point.images, percent(point.accuracy)] as const),
            },
          ]),
    ],
    pictures: [
      {
        file: 'confusion.svg',
        content: confusionPicture(names, outcome.confusion),
        caption: 'Confusion matrix',
      },
      ...(curve.length === 0
        ? []
        : [
            {
              file: 'curve.svg',
              content: curvePicture(curve, baselines),
              caption: 'Accuracy by the number of images that the networks had seen',
            },
          ]),
    ],
    data: {
      accuracy: outcome.accuracy,
      trainCount,
      testCount,
      features: outcome.name,
      featureCount: outcome.featureCount,
      C: outcome.C,
      choices: outcome.choices,
      heldOutCount: task.split.heldOut.length,
      isStandardised: standardises,
      isConverged: outcome.isConverged,
      classes: perClass,
      confusion: outcome.confusion,
      baselines: Object.fromEntries(
        baselines.map(({ name, accuracy, featureCount, C, confusion, isConverged }) => [
          name,
          { accuracy, featureCount, C, confusion, isConverged },
        ]),
      ),
      curve,
      ...(explainedVariance !== null && { explainedVariance }),
      run: run.folder.path,
      checkpoint: { step, images },
      trainedOn: { name: trained['name'], classes: trained['classNames'] ?? null },
    },
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}
