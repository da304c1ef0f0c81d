// Finds a direction for each attribute that is not categorical: tries differences of mean latents at several lengths, refines the best one, and tries the
// refined direction at several lengths too. The search has its own classifier; measure-directions.ts measures with another.
import type { Model } from '../../../runtime-web/format/model.ts';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { NativeGenerator } from '../../model-package/native-generator.ts';
import type { AttributeClassifier } from '../attributes/attribute-classifier.ts';
import { effectOf, type Effect } from '../attributes/attribute-effect.ts';
import { directionName, meanDifferences, withoutOthers, type PredictedSamples } from './directions.ts';
import { predictLatents } from '../attributes/predict-latents.ts';
import { lackingRows, minLacking, rowsOf, type FoundDirection } from './measure-directions.ts';

/** Lengths to try, shortest first. */
const lengths = [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 8] as const;
/** The same for a refined direction, as factors of its own length. */
const refinedLengths = [0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.6] as const;
/** A direction is accepted if its success rate is at least this and other attributes change at most as often as allowed. */
export const minSuccess = 0.8;
/** Number of samples that the search tries a move on. */
const triedSamples = 256;

/** A direction that was tried, and its effect by the search's own classifier. */
interface Candidate {
  readonly vector: Float64Array;
  readonly effect: Effect;
}

/**
 * Finds a direction for each attribute that enough images lack: the shortest acceptable one, or else the best. Throws the signal's
 * reason when aborted.
 */
export async function findDirections(given: {
  readonly model: Model;
  readonly generator: NativeGenerator;
  readonly classifier: AttributeClassifier;
  /** Number of images to generate. */
  readonly count: number;
  /** Max fraction of other predictions that may change. */
  readonly mostMoved: number;
  /** Attributes, by their own names or the directions'; null for all. */
  readonly only: readonly string[] | null;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** The refined vectors, in the steerable attributes' order; null if they cannot be refined. */
  readonly refine: (
    samples: PredictedSamples,
    starts: readonly Float64Array[],
    random: Random,
    wanted: readonly number[],
  ) => Promise<readonly Float64Array[] | null>;
}): Promise<FoundDirection[]> {
  const { model, generator, classifier, count, mostMoved, random, signal, say, refine } = given;
  const { attributes, steerable } = classifier;
  const { dim, distribution } = model.latent;
  const predict = (latents: Float32Array): Promise<Float32Array> =>
    predictLatents({ generator, classifier, latents, dim, signal });
  say(`generating ${count} images and predicting their attributes`);
  const latents = random.fillLatent(new Float32Array(count * dim), distribution);
  const samples = { latents, predictions: await predict(latents), count, dim };
  const differences = meanDifferences(samples, attributes);
  // Those of categories, which come last, are only for the orthogonalising.
  const plain = differences.slice(0, steerable.length);
  const orthogonal = withoutOthers(differences).slice(0, steerable.length);
  // Candidates are tried on samples other than those that they were computed from.
  const tried = random.fillLatent(new Float32Array(4 * triedSamples * dim), distribution);
  const triedPredictions = await predict(tried);
  /** The first acceptable candidate for an attribute, or the best; null if too few images lack the attribute. */
  const best = async (a: number, candidates: readonly Float64Array[]): Promise<Candidate | null> => {
    const lacking = lackingRows(triedPredictions, attributes, a, triedSamples);
    if (lacking.length < minLacking) return null;
    const before = rowsOf(triedPredictions, lacking, attributes.length);
    let found: Candidate | null = null;
    for (const vector of candidates) {
      const moved = rowsOf(tried, lacking, dim).map((value, i) => value + vector[i % dim]!);
      const effect = effectOf(before, await predict(moved), attributes, a);
      const better = found === null || score(effect, mostMoved) > score(found.effect, mostMoved);
      if (better) found = { vector, effect };
      if (score(effect, mostMoved) === 0) break;
    }
    return found;
  };
  const stretched = (vector: Float64Array, by: readonly number[]): Float64Array[] =>
    by.map((factor) => vector.map((value) => factor * value));
  const wanted = [...steerable.keys()].filter((a) => {
    const { name } = steerable[a]!;
    return given.only === null || given.only.includes(name) || given.only.includes(directionName(name));
  });
  say('trying directions');
  const chosen: (Candidate | null)[] = [];
  for (const a of steerable.keys()) {
    if (!wanted.includes(a)) chosen.push(null);
    else
      chosen.push(await best(a, [...stretched(orthogonal[a]!, lengths), ...stretched(plain[a]!, lengths)]));
  }
  const starts = chosen.map((candidate, a) => candidate?.vector ?? orthogonal[a]!.map((value) => 2 * value));
  const refined = await refine(samples, starts, random, wanted);
  for (const [a, vector] of (refined ?? []).entries()) {
    const start = chosen[a];
    if (start == null) continue;
    const better = await best(a, stretched(vector, refinedLengths));
    if (better !== null && score(better.effect, mostMoved) >= score(start.effect, mostMoved)) {
      chosen[a] = better;
    }
  }
  return chosen.flatMap((candidate, a) =>
    candidate === null
      ? []
      : {
          name: directionName(attributes[a]!.name),
          vector: Array.from(candidate.vector, (value) => Number(value.toPrecision(6))),
        },
  );
}

/** 0 if a direction with this effect is accepted, otherwise minus the sum of its distances from the two limits. */
export function score(
  { success, othersMoved }: Pick<Effect, 'success' | 'othersMoved'>,
  mostMoved: number,
): number {
  return Math.min(0, success - minSuccess) + Math.min(0, mostMoved - othersMoved);
}
