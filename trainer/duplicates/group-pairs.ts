// Groups pairs of copies: connected components, by a union-find forest.
import type { FoundPair } from './find-pairs.ts';

/** Indices of images that are copies of one another, sorted. */
export interface Group {
  readonly members: readonly number[];
  /** The pairs within the group. */
  readonly pairs: readonly FoundPair[];
}

/** The groups, sorted by their first member. */
export function groupPairs(pairs: readonly FoundPair[]): readonly Group[] {
  const parents = new Map<number, number>();
  const rootOf = (picture: number): number => {
    let root = picture;
    for (let up = parents.get(root); up !== undefined; up = parents.get(root)) root = up;
    // Path compression: nodes on the way point directly at the root from now on.
    for (let at = picture; at !== root;) {
      const up = parents.get(at)!;
      parents.set(at, root);
      at = up;
    }
    return root;
  };
  for (const { first, second } of pairs) {
    const [a, b] = [rootOf(first), rootOf(second)];
    if (a !== b) parents.set(Math.max(a, b), Math.min(a, b));
  }
  const groups = new Map<number, { members: Set<number>; pairs: FoundPair[] }>();
  for (const pair of pairs) {
    const root = rootOf(pair.first);
    const group = groups.get(root) ?? { members: new Set<number>(), pairs: [] };
    groups.set(root, group);
    group.members.add(pair.first).add(pair.second);
    group.pairs.push(pair);
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([, { members, pairs: links }]) => ({ members: [...members].sort((a, b) => a - b), pairs: links }));
}
