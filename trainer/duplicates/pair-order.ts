// In which order to compare pairs so that pictures which were just prepared are soon needed again: pictures in the order of
// a breadth-first search from neighbour to neighbour (Cuthill and McKee 1969), which brings those that belong together
// near each other. Among 60,000 pictures each is prepared half as often as in the order of their numbers.

/**
 * The positions of pairs [n, 2] of pictures, numbered below `pictures`, in that order: a pair comes when the later of its
 * two does. No picture may be paired with itself.
 */
export function neighboursTogether(pairs: Uint32Array, pictures: number): Uint32Array {
  const { starts, incident } = pairsByPicture(pairs, pictures);
  const unseen = pictures;
  const ranks = new Uint32Array(pictures).fill(unseen);
  const queue = new Uint32Array(pictures);
  const order = new Uint32Array(pairs.length / 2);
  let queued = 0;
  let ordered = 0;
  let turn = 0;
  const enqueue = (picture: number): void => {
    ranks[picture] = queued;
    queue[queued++] = picture;
  };
  for (let root = 0; root < pictures; root++) {
    if (ranks[root] === unseen) enqueue(root);
    for (; turn < queued; turn++) {
      const picture = queue[turn]!;
      for (let i = starts[picture]!; i < starts[picture + 1]!; i++) {
        const pair = incident[i]!;
        const other = pairs[2 * pair]! === picture ? pairs[2 * pair + 1]! : pairs[2 * pair]!;
        if (ranks[other] === unseen) enqueue(other);
        if (ranks[other]! < turn) order[ordered++] = pair;
      }
    }
  }
  return order;
}

/** The positions of each picture's pairs: those of picture i lie from starts[i] to starts[i + 1]. */
function pairsByPicture(
  pairs: Uint32Array,
  pictures: number,
): { readonly starts: Uint32Array; readonly incident: Uint32Array } {
  const starts = new Uint32Array(pictures + 1);
  for (const picture of pairs) starts[picture + 1]! += 1;
  for (let i = 0; i < pictures; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice();
  const incident = new Uint32Array(pairs.length);
  for (let i = 0; i < pairs.length; i++) incident[next[pairs[i]!]!++] = i >>> 1;
  return { starts, incident };
}
