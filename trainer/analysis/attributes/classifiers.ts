// Trains the attribute classifiers of a command: one that it selects or optimises with, and an evaluator of another architecture,
// from another seed, so that results are never measured by the classifier that produced them.
import {
  attributesOf,
  categoriesLast,
  trainClassifier,
  trainPredictor,
  type AttributeClassifier,
  type AttributePredictor,
  type ClassifierOptions,
} from './attribute-classifier.ts';
import { residualNetwork } from './classifier-networks.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine, EngineName } from '../../engine/engine.ts';
import { selectEngine } from '../../engine/select-engine.ts';
import type { Job, JobProgress } from '../../job.ts';

/** The images, and the settings of the training. */
export interface TrainingRequest {
  readonly dataset: Dataset;
  readonly engine: 'auto' | EngineName;
  readonly seed: number;
  readonly steps: number;
  readonly say: (line: string) => void;
  readonly progress: JobProgress;
}

/** A trained evaluator on its own engine; dispose of it. */
export interface AttributeEvaluator extends AttributePredictor {
  dispose(): Promise<void>;
}

/** Trained classifiers, each on its own engine; dispose of them. */
export interface AttributeClassifiers {
  readonly classifier: AttributeClassifier;
  /** The engine with the first classifier's parameters. */
  readonly engine: Engine;
  /**
   * The second classifier. It predicts all attributes: those that can be added and removed at the same indices as the first, then the
   * categorical ones. The first one again if `hasSecond` is false.
   */
  readonly evaluator: AttributePredictor;
  dispose(): Promise<void>;
}

/** Trains on an engine of its own, which is disposed of if that fails. */
async function trainOn<T>(
  job: string,
  { dataset, engine: wanted, steps, say, progress }: TrainingRequest,
  seed: number,
  signal: AbortSignal,
  train: (options: ClassifierOptions) => Promise<T>,
): Promise<{ readonly engine: Engine; readonly trained: T }> {
  const { engine } = await selectEngine({ engine: wanted, threads: null });
  try {
    say(`training ${job} of ${dataset.name}'s attributes on ${engine.name}`);
    const onProgress = (done: number, total: number): void => progress.show(job, done, total);
    return { engine, trained: await train({ engine, dataset, seed, steps, signal, onProgress }) };
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

/**
 * Trains the evaluator. Throws UserError for a dataset without attributes, the signal's reason when aborted.
 */
export async function trainEvaluator(
  request: TrainingRequest,
  { signal }: Pick<Job, 'signal'>,
): Promise<AttributeEvaluator> {
  const attributes = categoriesLast(attributesOf(request.dataset));
  const { engine, trained } = await trainOn(
    'a second classifier',
    request,
    request.seed + 2,
    signal,
    (options) => trainPredictor(options, residualNetwork, attributes),
  );
  return { ...trained, dispose: () => engine.dispose() };
}

/**
 * Trains one or two classifiers, the first of the categorical attributes too with `hasCategories`. Throws UserError for a dataset without attributes, the signal's reason when aborted.
 */
export async function trainClassifiers(
  request: TrainingRequest & { readonly hasSecond: boolean; readonly hasCategories?: boolean },
  { signal }: Pick<Job, 'signal'>,
): Promise<AttributeClassifiers> {
  const { seed, hasSecond, hasCategories = false } = request;
  const { engine, trained } = await trainOn('a classifier', request, seed, signal, (options) =>
    trainClassifier({ ...options, hasCategories }),
  );
  try {
    const second = hasSecond ? await trainEvaluator(request, { signal }) : null;
    return {
      classifier: trained,
      engine,
      evaluator: second ?? trained,
      async dispose() {
        await engine.dispose();
        await second?.dispose();
      },
    };
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}
