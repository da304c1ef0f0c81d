// For each picture the few others that are nearest to it among all that it was held against: what is looked at closely.
// Memory is the same however many are offered.

/** The nearest pictures of each picture. */
export class Nearest {
  /** [pictures, most]: other pictures, in no order; where there are fewer, the picture itself. */
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

  /** Offers a pair, nearer for a higher score; of a pair that was offered before, the higher score counts. */
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

  /** All pairs of which one is among the nearest of the other, each once, the lower number first: by rising first. */
  *pairs(): Generator<readonly [number, number]> {
    const { others, pictures, most } = this;
    const has = (picture: number, other: number): boolean => {
      for (let at = picture * most; at < (picture + 1) * most; at++) if (others[at] === other) return true;
      return false;
    };
    // A pair that only the higher one knows is told when its turn comes, so that nothing need be kept.
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
