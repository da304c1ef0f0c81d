// Finding a name that a user gave among the known ones.

/** An unknown name; `cause` has it and the known ones. */
export class UnknownNameError extends RangeError {
  declare readonly cause: { readonly name: string; readonly known: readonly string[] };
}

/** True for equal texts, composed or decomposed: macOS decomposes `é` in names of folders, keyboards do not. */
export function isSameName(name: string, other: unknown): boolean {
  return typeof other === 'string' && name.normalize('NFC') === other.normalize('NFC');
}

/** The index of a name, -1 for an unknown one. Case counts only where two known names differ in nothing else. */
export function nameIndex(names: readonly string[], wanted: unknown): number {
  const exact = names.findIndex((name) => isSameName(name, wanted));
  if (exact >= 0 || typeof wanted !== 'string') return exact;
  const isAlike = (name: string): boolean => isSameName(name.toLowerCase(), wanted.toLowerCase());
  const first = names.findIndex(isAlike);
  return first === names.findLastIndex(isAlike) ? first : -1;
}

/** The index of a name, or a number that is one. Throws {@link UnknownNameError} for anything else. */
export function indexIn(what: string, names: readonly string[], wanted: unknown): number {
  const named = typeof wanted === 'number' ? wanted : nameIndex(names, wanted);
  const index = named < 0 && /^\d+$/.test(String(wanted)) ? Number(wanted) : named;
  if (Number.isInteger(index) && index >= 0 && index < names.length) return index;
  const expected = `a number from 0 to ${names.length - 1} or one of ${names.join(', ')}`;
  const message = `${what}: got ${JSON.stringify(index < 0 ? wanted : index)}, expected ${expected}`;
  throw new UnknownNameError(message, { cause: { name: String(wanted), known: names } });
}
