// Keeps the few nearest candidates of each image, which are then compared exactly. Memory does not depend on the number of
// candidates.

/** Nearest candidates of each image. */
export class Nearest {
  /** [pictures, most]: indices of other images, unordered; unused places hold the image itself. */
  private readonly others: Uint32Array;
  private readonly scores: Float32Array;
  private readonly most: number;
  readonly pictures: number;

  constructor(pictures: number, most: number) {
    this.pictures = pictures;
    this.most = most;
    this.others = new Uint32Array(pictures * most);
    for (let i = 0; i < this.others.length; i++) this.others[i] = Math.floor(i / most);
    this.scores = new Float32Array(pictures * most).fill(-Infinity);
  }

  /** Adds a candidate pair; a higher score is nearer. For a pair added twice, the higher score counts. */
  offer(first: number, second: number, score: number): void {
    this.put(first, second, score);
    this.put(second, first, score);
  }

  private put(picture: number, other: number, score: number): void {
    const { others, scores, most } = this;
    const start = picture * most;
    let least = start;
    for (let at = start; at < start + most; at++) {
      if (others[at] === other) {
        if (score > scores[at]!) scores[at] = score;
        return;
      }
      if (scores[at]! < scores[least]!) least = at;
    }
    if (score <= scores[least]!) return;
    others[least] = other;
    scores[least] = score;
  }

  /**
   * All pairs in which one image is among the nearest of the other, each once, the lower index first, sorted by it.
   */
  *pairs(): Generator<readonly [number, number]> {
    const { others, pictures, most } = this;
    const has = (picture: number, other: number): boolean => {
      for (let at = picture * most; at < (picture + 1) * most; at++) if (others[at] === other) return true;
      return false;
    };
    // A pair known only to the higher index is yielded at that index, so that no list has to be kept.
    for (let picture = 0; picture < pictures; picture++) {
      for (let at = picture * most; at < (picture + 1) * most; at++) {
        const other = others[at]!;
        if (other === picture) continue;
        if (picture < other) yield [picture, other];
        else if (!has(other, picture)) yield [other, picture];
      }
    }
  }
}
