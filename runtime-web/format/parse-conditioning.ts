// Checks what a model's images are conditioned on.
import { isListOf, isNameList, isNumber, isObject, isOneOf, isText, refuse, type Check } from './fields.ts';
import type { Code, Conditioning, DescribingNumber } from './model.ts';

/** A list of `dim` numbers, as many as `of` has. */
export function isVector(dim: number, of: string): Check<readonly number[]> {
  return (value, place) => {
    const vector = isListOf(isNumber())(value, place);
    if (vector.length === dim) return vector;
    throw refuse(value, `${dim} numbers, as many as ${of} has, not ${vector.length}`, place);
  };
}

const isCode = isObject((code): Code => {
  const name = code.get('name', isText);
  const kind = code.get('kind', isOneOf('continuous', 'choice'));
  if (kind === 'choice') return { kind, name, choices: code.get('choices', isNameList(2)) };
  const least = code.get('least', isNumber());
  return { kind, name, least, most: code.get('most', isNumber(least)) };
});

const isDescribingNumber = isObject((number): DescribingNumber => {
  const name = number.get('name', isText);
  const least = number.get('least', isNumber());
  return { name, least, most: number.get('most', isNumber(least)) };
});

/** Attributes and numbers, since 1.5. */
export const isConditioning = isObject((conditioning): Exclude<Conditioning, null> => {
  const kind = conditioning.get('kind', isOneOf('classes', 'codes', 'attributes', 'numbers'));
  if (kind === 'codes') return { kind, codes: conditioning.get('codes', isListOf(isCode, 1)) };
  if (kind === 'classes') return { kind, names: conditioning.get('names', isNameList(2)) };
  const examplesOf = (columns: number) =>
    conditioning.get('examples', isListOf(isVector(columns, 'the conditioning'), 1));
  if (kind === 'attributes') {
    const names = conditioning.get('names', isNameList(1));
    return { kind, names, examples: examplesOf(names.length) };
  }
  const numbers = conditioning.get('numbers', isListOf(isDescribingNumber, 1));
  return { kind, numbers, examples: examplesOf(numbers.length) };
});
