// Measures directions with a classifier that had no part in finding them, on latents that the search has not seen: how often each adds
// its attribute, and which of all other attributes change, the categorical ones included.
import type { Direction, Model } from '../../../runtime-web/format/model.ts';
import { movedPrefix } from '../../../runtime-web/format/side-effects.ts';
import type { Random } from '../../../runtime-web/format/random.ts';
import type { NativeGenerator } from '../../model-package/native-generator.ts';
import type { AttributePredictor } from '../attributes/attribute-classifier.ts';
import { effectOf, isOn, type Effect } from '../attributes/attribute-effect.ts';
import { predictLatents } from '../attributes/predict-latents.ts';
import { directionName } from './directions.ts';

/** Number of new latents, and of those without an attribute that a direction is measured on at most. */
const drawn = 4096;
const measured = 1024;
/** Fewer images without an attribute say nothing about its direction. */
export const minLacking = 32;

/** A direction by attribute to measure. */
export interface FoundDirection {
  /** See {@link directionName}. */
  readonly name: string;
  /** [dim] */
  readonly vector: readonly number[];
}

/** The Euclidean length of most latents: √dim times the standard deviation of a number. */
export function typicalLength({ dim, distribution }: Model['latent']): number {
  return Math.sqrt(distribution === 'normal' ? dim : dim / 3);
}

/**
 * The directions with their figures: `success`, `othersMoved` and `moved/ATTRIBUTE` (fractions; the attribute that changes most often
 * first), `classifierQuality` (of the evaluator), and the lengths of the direction and of a usual latent. Those of too few images without the attribute have no fractions.
 * Throws the signal's reason when aborted.
 */
export async function measureDirections(given: {
  readonly model: Pick<Model, 'latent'>;
  readonly generator: NativeGenerator;
  readonly evaluator: AttributePredictor;
  readonly directions: readonly FoundDirection[];
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<Direction[]> {
  const { model, generator, evaluator, directions, random, signal, onProgress } = given;
  const { attributes } = evaluator;
  const { dim, distribution } = model.latent;
  const predict = (latents: Float32Array): Promise<Float32Array> =>
    predictLatents({ generator, classifier: evaluator, latents, dim, signal });
  const latents = random.fillLatent(new Float32Array(drawn * dim), distribution);
  const predictions = await predict(latents);
  const effect = async (a: number, vector: readonly number[]): Promise<Effect | null> => {
    const lacking = lackingRows(predictions, attributes, a, measured);
    if (lacking.length < minLacking) return null;
    const moved = rowsOf(latents, lacking, dim).map((value, i) => value + vector[i % dim]!);
    return effectOf(rowsOf(predictions, lacking, attributes.length), await predict(moved), attributes, a);
  };
  const result: Direction[] = [];
  for (const { name, vector } of directions) {
    const a = attributes.findIndex((attribute) => directionName(attribute.name) === name);
    const found = await effect(a, vector);
    const figures = {
      ...(found !== null && { success: found.success, othersMoved: found.othersMoved }),
      classifierQuality: evaluator.quality[attributes[a]!.name]!,
      length: Math.hypot(...vector),
      latentLength: typicalLength(model.latent),
      ...(found !== null &&
        Object.fromEntries(
          attributes
            .flatMap(({ name: other }, b) => (b === a ? [] : [{ other, share: found.moved[b]! }]))
            .sort((one, next) => next.share - one.share)
            .map(({ other, share }) => [`${movedPrefix}${other}`, share]),
        )),
    };
    const rounded = Object.entries(figures).map(([key, value]) => [key, Number(value.toFixed(4))]);
    result.push({ name, vector, figures: Object.fromEntries(rounded) as Direction['figures'] });
    onProgress?.(result.length, directions.length);
  }
  return result;
}

/** The first rows, at most `count`, whose images lack attribute `a` by predictions [n, attributes]. */
export function lackingRows(
  predictions: Float32Array,
  attributes: AttributePredictor['attributes'],
  a: number,
  count: number,
): number[] {
  return Array.from({ length: predictions.length / attributes.length }, (_, i) => i)
    .filter((i) => !isOn(predictions, attributes, i, a))
    .slice(0, count);
}

/** The given rows of a matrix. */
export function rowsOf(matrix: Float32Array, rows: readonly number[], width: number): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => picked.set(matrix.subarray(row * width, (row + 1) * width), i * width));
  return picked;
}
