// Finds and measures a direction for each attribute: tries differences of mean latents at several lengths, refines the best one, and
// tries the refined direction at several lengths too.
import type { Direction, Model } from '../../../runtime-web/format/model.ts';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { NativeGenerator } from '../../model-package/native-generator.ts';
import type { AttributeClassifier } from '../attributes/attribute-classifier.ts';
import {
  asDirection,
  directionName,
  effectOf,
  isOn,
  meanDifferences,
  withoutOthers,
  type Effect,
  type PredictedSamples,
} from './directions.ts';
import { predictLatents } from '../attributes/predict-latents.ts';

/** Lengths to try, shortest first. */
const lengths = [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 8] as const;
/** The same for a refined direction, as factors of its own length. */
const refinedLengths = [0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.6] as const;
/**
 * A direction is accepted if its success rate is at least this and other attributes change at most as often as
 * `--most-moved` allows.
 */
const minSuccess = 0.8;
/** Number of samples that a move is measured on. */
const measuredSamples = 256;

/** The result for one attribute. */
export interface Outcome {
  readonly name: string;
  /** True if the direction is accepted. */
  readonly isKept: boolean;
  readonly direction: Direction;
}

/** Finds a direction for each attribute: the shortest acceptable one, or else the best. */
export async function findDirections(given: {
  readonly model: Model;
  readonly generator: NativeGenerator;
  readonly classifier: AttributeClassifier;
  /** The second classifier, which measures. */
  readonly evaluator: AttributeClassifier;
  /** Number of images to generate. */
  readonly count: number;
  /** Max fraction of other predictions that may change. */
  readonly mostMoved: number;
  /** Attributes, by their own names or the directions'; null for all. */
  readonly only: readonly string[] | null;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** The refined vectors, in the attributes' order; null if they cannot be refined. */
  readonly refine: (
    samples: PredictedSamples,
    starts: readonly Float64Array[],
    random: Random,
    wanted: readonly number[],
  ) => Promise<readonly Float64Array[] | null>;
}): Promise<Outcome[]> {
  const { model, generator, classifier, evaluator, count, mostMoved, random, signal, say, refine } = given;
  const { attributes } = classifier;
  const { dim, distribution } = model.latent;
  const predictionsOf = (by: AttributeClassifier, latents: Float32Array): Promise<Float32Array> =>
    predictLatents({ generator, classifier: by, latents, dim, signal });
  say(`generating ${count} images and predicting their attributes`);
  const latents = random.fillLatent(new Float32Array(count * dim), distribution);
  const samples = { latents, predictions: await predictionsOf(classifier, latents), count, dim };
  const plain = meanDifferences(samples, attributes);
  const orthogonal = withoutOthers(plain);
  // Measured on fresh samples.
  const fresh = random.fillLatent(new Float32Array(4 * measuredSamples * dim), distribution);
  const freshPredictions = await predictionsOf(evaluator, fresh);
  /** The first acceptable candidate for an attribute, or the best; null if too few images lack the attribute. */
  const best = async (a: number, candidates: readonly Float64Array[]): Promise<Outcome | null> => {
    const { name } = attributes[a]!;
    const lacking = Array.from({ length: 4 * measuredSamples }, (_, i) => i)
      .filter((i) => !isOn(freshPredictions, attributes, i, a))
      .slice(0, measuredSamples);
    if (lacking.length < 32) return null;
    const before = pick(freshPredictions, lacking, attributes.length);
    let found: Outcome | null = null;
    for (const vector of candidates) {
      const moved = pick(fresh, lacking, dim).map((value, i) => value + vector[i % dim]!);
      const effect = effectOf(before, await predictionsOf(evaluator, moved), attributes, a);
      const isKept = effect.success >= minSuccess && effect.othersMoved <= mostMoved;
      const direction = asDirection(directionName(name), vector, effect, evaluator.quality[name]!);
      const outcome: Outcome = { name: direction.name, isKept, direction };
      if (found === null || isKept || score(effect, mostMoved) > scoreOf(found, mostMoved)) found = outcome;
      if (isKept) break;
    }
    return found;
  };
  const stretched = (vector: Float64Array, by: readonly number[]): Float64Array[] =>
    by.map((factor) => vector.map((value) => factor * value));
  const wanted = [...attributes.keys()].filter((a) => {
    const { name } = attributes[a]!;
    return given.only === null || given.only.includes(name) || given.only.includes(directionName(name));
  });
  say('measuring directions');
  const outcomes: (Outcome | null)[] = [];
  for (const a of attributes.keys()) {
    if (!wanted.includes(a)) outcomes.push(null);
    else
      outcomes.push(await best(a, [...stretched(orthogonal[a]!, lengths), ...stretched(plain[a]!, lengths)]));
  }
  const starts = outcomes.map((outcome, a) =>
    outcome === null ? orthogonal[a]!.map((value) => 2 * value) : Float64Array.from(outcome.direction.vector),
  );
  const refined = await refine(samples, starts, random, wanted);
  for (const [a, vector] of (refined ?? []).entries()) {
    const start = outcomes[a];
    if (start == null) continue;
    const better = await best(a, stretched(vector, refinedLengths));
    if (better !== null && scoreOf(better, mostMoved) >= scoreOf(start, mostMoved)) {
      outcomes[a] = better;
    }
  }
  return outcomes.filter((outcome) => outcome !== null);
}

const scoreOf = ({ direction }: Outcome, mostMoved: number): number =>
  score(direction.figures as unknown as Effect, mostMoved);

/** 0 if the direction is accepted, otherwise minus the sum of its distances from the two limits. */
function score({ success, othersMoved }: Effect, mostMoved: number): number {
  return Math.min(0, success - minSuccess) + Math.min(0, mostMoved - othersMoved);
}

/** The given rows of a matrix. */
function pick(matrix: Float32Array, rows: readonly number[], width: number): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => picked.set(matrix.subarray(row * width, (row + 1) * width), i * width));
  return picked;
}
