// The generator's second input for attributes and numbers. What is not wanted comes from an example of the training data, so that the
// values of a row belong together.
import type { Conditioning } from './model.ts';

/** Attributes or numbers with examples. */
export type ExampleConditioning = Extract<Conditioning, { readonly examples: unknown }>;

/** Share of a number's range within which an example counts as near the wanted number. */
const nearness = 0.1;

/**
 * The row of an image in the generator's units: attributes from 0 to 1, numbers scaled to [-1, 1]. `values` has the wanted values in the
 * user's units, null for the others. These come from example `index` modulo their number, among the examples that fit the wanted values
 * if there are any: the same attributes, or all numbers within a tenth of their range. Else numbers take the nearest example.
 */
export function exampleRow(
  conditioning: ExampleConditioning,
  values: readonly (number | null)[],
  index: number,
): readonly number[] {
  const { examples } = conditioning;
  const numbers = conditioning.kind === 'numbers' ? conditioning.numbers : null;
  const distances = examples.map((example) =>
    Math.max(
      ...example.map((has, i) => {
        const value = values[i] ?? has;
        return Math.abs(value - has) / (numbers === null ? 1 : numbers[i]!.most - numbers[i]!.least || 1);
      }),
    ),
  );
  const min = Math.min(...distances);
  let limit = Infinity;
  if (numbers !== null) limit = Math.max(min, nearness);
  else if (min === 0) limit = 0;
  const fitting = examples.filter((_, i) => distances[i]! <= limit);
  const example = fitting[index % fitting.length]!;
  return example.map((has, i) => {
    const value = values[i] ?? has;
    if (numbers === null) return value;
    const { least, most } = numbers[i]!;
    return (2 * (value - least)) / (most - least || 1) - 1;
  });
}
