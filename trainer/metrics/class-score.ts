// The Inception score (Salimans 2016, section 4), with the logits of any classifier: the exponential of the mean KL divergence between
// the class probabilities of one image and those of the whole set. It is high if each image clearly belongs to one class and all
// classes occur. It does not use real images.
import { notMeasured, shown, type Metric } from './metric.ts';

/** The paper's number of parts. */
const defaultParts = 10;

/** Mean and standard deviation over parts of the images. */
export interface ClassScore {
  readonly classScore: number;
  readonly classScoreDeviation: number;
  readonly parts: number;
}

/**
 * The score of logits [count, classes], between 1 and `classes`. Parts of equal size are scored separately, as in the paper.
 * Throws RangeError for fewer images than parts.
 */
export function classScore(logits: Float32Array, classes: number, parts = defaultParts): ClassScore {
  const count = logits.length / classes;
  if (count < parts) throw new RangeError(`logits: got ${count} images, expected at least ${parts}`);
  const scores: number[] = [];
  for (let part = 0; part < parts; part++) {
    const [first, end] = [Math.floor((part * count) / parts), Math.floor(((part + 1) * count) / parts)];
    const rows = Array.from({ length: end - first }, (_, i) =>
      softmax(logits.subarray((first + i) * classes, (first + i + 1) * classes)),
    );
    const marginal = new Float64Array(classes);
    for (const row of rows) row.forEach((value, c) => (marginal[c]! += value / rows.length));
    let divergence = 0;
    for (const row of rows) {
      row.forEach((value, c) => {
        if (value > 0) divergence += (value * Math.log(value / marginal[c]!)) / rows.length;
      });
    }
    scores.push(Math.exp(divergence));
  }
  const mean = scores.reduce((sum, value) => sum + value, 0) / parts;
  const variance = scores.reduce((sum, value) => sum + (value - mean) ** 2, 0) / parts;
  return { classScore: mean, classScoreDeviation: Math.sqrt(variance), parts };
}

/** The row of the table. */
export const classScoreMetric: Metric = {
  keys: ['classScore', 'classScoreDeviation'],
  measure({ network, a: { features } }) {
    if (features.logits === null) return { figures: {}, rows: [] };
    const count = features.logits.length / network.classes;
    if (count < defaultParts) {
      return notMeasured(
        'class score',
        `${count} images; give at least ${defaultParts}, by --count or more data`,
      );
    }
    const { classScore: score, classScoreDeviation } = classScore(features.logits, network.classes);
    return {
      figures: { classScore: score, classScoreDeviation },
      rows: [['class score', `${shown(score)} ± ${shown(classScoreDeviation)}`]],
    };
  },
};

function softmax(logits: Float32Array): Float64Array {
  const max = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - max));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
}
