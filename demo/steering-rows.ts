// Rows for all that a steering classifier knows: an attribute with its own column, or the categories of one, which are columns called
// `hairColour/pink`.
import type { SteeringAttribute } from '../runtime-web/format/model.ts';

/** A row. `choices` are the categories' names in the columns' order; null for an attribute of one column. */
export interface SteeringRow {
  readonly name: string;
  readonly kind: SteeringAttribute['kind'];
  readonly choices: readonly string[] | null;
}

/** The rows of the columns. A lone column with a slash in its name is an attribute of its own. */
export function steeringRows(columns: readonly SteeringAttribute[]): SteeringRow[] {
  const groups = new Map<string, SteeringAttribute[]>();
  for (const column of columns) {
    const slash = column.kind === 'binary' ? column.name.indexOf('/') : -1;
    const group = slash < 0 ? column.name : column.name.slice(0, slash);
    groups.set(group, [...(groups.get(group) ?? []), column]);
  }
  return [...groups].flatMap(([name, own]): SteeringRow[] =>
    own.length === 1
      ? [{ name: own[0]!.name, kind: own[0]!.kind, choices: null }]
      : [{ name, kind: 'binary', choices: own.map((column) => column.name.slice(name.length + 1)) }],
  );
}

/** The most probable of a row's choices. */
export function choiceOf(
  { name, choices }: SteeringRow,
  predictions: Readonly<Record<string, number>>,
): string {
  const probability = (choice: string): number => predictions[`${name}/${choice}`] ?? 0;
  return choices!.reduce((best, choice) => (probability(choice) > probability(best) ? choice : best));
}

/** True if the prediction of a row is another one: a yes a no, the choice another, or a value moved by a quarter of its range. */
export function hasMoved(
  row: SteeringRow,
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): boolean {
  if (row.choices !== null) return choiceOf(row, before) !== choiceOf(row, after);
  const [a, b] = [before[row.name]!, after[row.name]!];
  return row.kind === 'binary' ? a > 0.5 !== b > 0.5 : Math.abs(a - b) > 0.5;
}
