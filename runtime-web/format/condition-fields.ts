// The parts of a condition by name, for every kind of conditioning: a choice, yes or no, or a number each.
import type { Conditioning } from './model.ts';

/** Something to choose: one of `choices`, yes or no (a number from 0 to 1), or a number from `least` to `most`. */
export type ConditionField =
  | { readonly kind: 'choice'; readonly name: string; readonly choices: readonly string[] }
  | { readonly kind: 'binary'; readonly name: string }
  | { readonly kind: 'number'; readonly name: string; readonly least: number; readonly most: number };

/** The fields of a model, in order: `label` for one with classes, a field for each code, attribute or number. */
export function conditionFields(conditioning: Conditioning): readonly ConditionField[] {
  if (conditioning === null) return [];
  switch (conditioning.kind) {
    case 'classes':
      return [{ kind: 'choice', name: 'label', choices: conditioning.names }];
    case 'codes':
      return conditioning.codes.map((code) => (code.kind === 'choice' ? code : { ...code, kind: 'number' }));
    case 'attributes':
      return conditioning.names.map((name) => ({ kind: 'binary', name }));
    case 'numbers':
      return conditioning.numbers.map((number) => ({ kind: 'number', ...number }));
  }
}
