// Wanted conditions by name, `{ smiling: true, age: 30 }` or `smiling=1 age=30`. All that comes from outside is checked here.
import type { ConditionField } from './condition-fields.ts';
import { indexIn, nameIndex, UnknownNameError } from './names.ts';
import { parseCondition } from './parse-condition.ts';

/** Wanted values by name. Names that are missing, null or undefined are left to the image's conditioning index. */
export type Condition = Readonly<Record<string, number | boolean | string | null | undefined>>;

/**
 * The wanted value of each field: an index of `choices`, or a number; null for a field that is left open. Throws RangeError for an
 * unknown name or an invalid value.
 */
export function wantedValues(
  fields: readonly ConditionField[],
  wanted: string | Condition,
): readonly (number | null)[] {
  const entries = typeof wanted === 'string' ? parseCondition(fields, wanted) : entriesOf(wanted);
  const values = fields.map((): number | null => null);
  for (const [name, value] of entries) {
    const index = fieldIndex(fields, name);
    if (value === null || value === undefined) continue;
    if (values[index] !== null) throw new RangeError(`condition: got ${fields[index]!.name} twice`);
    values[index] = valueOf(fields[index]!, value);
  }
  return values;
}

function entriesOf(wanted: Condition): readonly (readonly [string, unknown])[] {
  if (typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)) return Object.entries(wanted);
  throw new RangeError(`condition: got ${JSON.stringify(wanted)}, expected an object or a text`);
}

function fieldIndex(fields: readonly ConditionField[], name: string): number {
  const known = fields.map((field) => field.name);
  const index = nameIndex(known, name);
  if (index >= 0) return index;
  const expected = fields.map((field) => `${field.name} (${rangeOf(field)})`).join(', ');
  const message = `condition: got ${JSON.stringify(name)}, expected ${expected}`;
  throw new UnknownNameError(message, { cause: { name, known } });
}

/** The values of a field, for messages: `yes or no`, `1 to 90`. */
function rangeOf(field: ConditionField): string {
  if (field.kind === 'binary') return 'yes or no';
  return field.kind === 'number' ? `${field.least} to ${field.most}` : field.choices.join(', ');
}

function valueOf(field: ConditionField, value: unknown): number {
  if (field.kind === 'choice') return indexIn(field.name, field.choices, value);
  const isBinary = field.kind === 'binary';
  const [least, most] = isBinary ? [0, 1] : [field.least, field.most];
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (isBinary && (word === true || word === 'yes' || word === 'true')) return 1;
  if (isBinary && (word === false || word === 'no' || word === 'false')) return 0;
  const number = typeof word === 'string' && word !== '' ? Number(word) : word;
  if (typeof number === 'number' && number >= least && number <= most) return number;
  const expected = `${isBinary ? 'yes, no or ' : ''}a number from ${least} to ${most}`;
  throw new RangeError(`${field.name}: got ${JSON.stringify(value)}, expected ${expected}`);
}
