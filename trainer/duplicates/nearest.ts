// Keeps the few nearest candidates of each image, which are then compared exactly. Memory does not depend on the number of
// candidates.

/** Nearest candidates of each image. */
export class Nearest {
  /** [pictures, limit]: indices of other images, unordered; unused entries are the image itself. */
  private readonly others: Uint32Array;
  private readonly scores: Float32Array;
  private readonly limit: number;
  readonly pictures: number;

  /** @param limit Maximum number of candidates per image. */
  constructor(pictures: number, limit: number) {
    this.pictures = pictures;
    this.limit = limit;
    this.others = new Uint32Array(pictures * limit);
    for (let i = 0; i < this.others.length; i++) this.others[i] = Math.floor(i / limit);
    this.scores = new Float32Array(pictures * limit).fill(-Infinity);
  }

  /** Adds a candidate pair; a higher score is nearer. For a pair added twice, the higher score counts. */
  offer(first: number, second: number, score: number): void {
    this.put(first, second, score);
    this.put(second, first, score);
  }

  private put(picture: number, other: number, score: number): void {
    const { others, scores, limit } = this;
    const start = picture * limit;
    let worst = start;
    for (let at = start; at < start + limit; at++) {
      if (others[at] === other) {
        if (score > scores[at]!) scores[at] = score;
        return;
      }
      if (scores[at]! < scores[worst]!) worst = at;
    }
    if (score <= scores[worst]!) return;
    others[worst] = other;
    scores[worst] = score;
  }

  /**
   * All pairs in which one image is among the nearest of the other, each once, the lower index first, in no particular order.
   */
  *pairs(): Generator<readonly [number, number]> {
    const { others, pictures, limit } = this;
    const has = (picture: number, other: number): boolean => {
      for (let at = picture * limit; at < (picture + 1) * limit; at++) if (others[at] === other) return true;
      return false;
    };
    // A pair known only to the higher index is yielded at that index, so that no list has to be kept.
    for (let picture = 0; picture < pictures; picture++) {
      for (let at = picture * limit; at < (picture + 1) * limit; at++) {
        const other = others[at]!;
        if (other === picture) continue;
        if (picture < other) yield [picture, other];
        else if (!has(other, picture)) yield [other, picture];
      }
    }
  }
}
