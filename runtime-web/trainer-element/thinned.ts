// A list that stays short: when it is full, the entry goes whose neighbours are nearest. Distances are between the square roots of the
// steps, so that the beginning, where a training changes fastest, keeps more entries.

/** Entries by step, at most a number of them. The first and the newest one always stay. */
export class Thinned<T extends { readonly step: number }> {
  readonly #most: number;
  readonly #entries: T[] = [];

  /** `most` is 3 or more. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The entries, by step. */
  get entries(): readonly T[] {
    return this.#entries;
  }

  /** Adds the newest entry; one of the same step takes the last one's place. Returns the entry that went, or null. */
  add(entry: T): T | null {
    const entries = this.#entries;
    if (entries.at(-1)?.step === entry.step) return entries.splice(-1, 1, entry)[0]!;
    entries.push(entry);
    if (entries.length <= this.#most) return null;
    const root = (at: number): number => Math.sqrt(entries[at]!.step);
    let nearest = 1;
    for (let at = 2; at < entries.length - 1; at++)
      if (root(at + 1) - root(at - 1) < root(nearest + 1) - root(nearest - 1)) nearest = at;
    return entries.splice(nearest, 1)[0]!;
  }
}
