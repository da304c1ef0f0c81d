// Trains the attribute classifiers of a command: one that it selects or optimises with, and an evaluator with another seed, so that
// results are never measured by the classifier that produced them.
import { trainClassifier, type AttributeClassifier } from './attribute-classifier.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine, EngineName } from '../../engine/engine.ts';
import { selectEngine } from '../../engine/select-engine.ts';
import type { Job, JobProgress } from '../../job.ts';

/** Trained classifiers, each on its own engine; dispose of them. */
export interface AttributeClassifiers {
  readonly classifier: AttributeClassifier;
  /** The engine with the first classifier's parameters. */
  readonly engine: Engine;
  /** The second classifier; the first one again if `hasSecond` is false. */
  readonly evaluator: AttributeClassifier;
  dispose(): Promise<void>;
}

/**
 * Trains one or two classifiers. Throws UserError for a dataset without attributes, the signal's reason when aborted.
 */
export async function trainClassifiers(
  given: {
    readonly dataset: Dataset;
    readonly engine: 'auto' | EngineName;
    readonly seed: number;
    readonly steps: number;
    readonly hasSecond: boolean;
    readonly say: (line: string) => void;
    readonly progress: JobProgress;
  },
  { signal }: Job,
): Promise<AttributeClassifiers> {
  const { dataset, seed, steps, hasSecond, say, progress } = given;
  const engines: Engine[] = [];
  const dispose = async (): Promise<void> => {
    for (const engine of engines.splice(0)) await engine.dispose();
  };
  const train = async (job: string, from: number): Promise<AttributeClassifier> => {
    const { engine } = await selectEngine({ engine: given.engine, threads: null });
    engines.push(engine);
    say(`training ${job} of ${dataset.name}'s attributes on ${engine.name}`);
    const onProgress = (done: number, total: number): void => progress.show(job, done, total);
    return trainClassifier({ engine, dataset, seed: from, steps, signal, onProgress });
  };
  try {
    const classifier = await train('a classifier', seed);
    const evaluator = hasSecond ? await train('a second classifier', seed + 2) : classifier;
    return { classifier, engine: engines[0]!, evaluator, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
