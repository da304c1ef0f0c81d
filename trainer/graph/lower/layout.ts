// Physical layouts. tfjs's values are row-major in their logical order (images NHWC, filters HWIO); ONNX's
// convolutions take NCHW and OIHW. A layout lists a value's logical axes in their order in memory, so a transpose
// costs nothing until an operator needs another order. An axis may be blocked: split into two axes in memory, the block
// index and the place within the block. ONNX Runtime's fastest convolutions need blocked images.
import type { Dim } from './batch.ts';

/**
 * Logical axes in physical order: `[0, 3, 1, 2]` is an NHWC value stored as NCHW. An axis that is listed twice is
 * blocked: first the block index, then the place within the block, as in {@link blockedImages}.
 */
export type Layout = readonly number[];

/** Images: NHWC stored as NCHW. */
export const nchw: Layout = [0, 3, 1, 2];
/** Filters: HWIO stored as OIHW. */
export const oihw: Layout = [3, 2, 0, 1];
/** Images with their channels in blocks: [n, channels / block, h, w, block] in memory. */
export const blockedImages: Layout = [0, 3, 1, 2, 3];
/** Filters HWIO of a convolution (sum over I) from blocked to blocked images. */
export const blockedFilters: Layout = [3, 2, 0, 1, 2, 3];
/** Filters HWIO of a transposed convolution (sum over O) from blocked to blocked images. */
export const blockedTransposedFilters: Layout = [2, 3, 0, 1, 3, 2];
/** Filters HWIO of a convolution from plain images with few channels to blocked images. */
export const blockedFirstFilters: Layout = [3, 2, 0, 1, 3];
/** Depthwise filters [h, w, channels, 1] between blocked images. */
export const blockedDepthwiseFilters: Layout = [2, 3, 0, 1, 2];

/** The layout in which logical and physical order are the same. */
export function identityLayout(rank: number): Layout {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** True if physical and logical order are the same. */
export function isIdentity(layout: Layout): boolean {
  return layout.every((axis, position) => axis === position);
}

/** A logical list (dims, pads, …) in physical order. */
export function toPhysical<T>(logical: readonly T[], layout: Layout): T[] {
  return layout.map((axis) => logical[axis]!);
}

/** True if any axis is blocked. */
export function isBlocked(layout: Layout): boolean {
  return new Set(layout).size < layout.length;
}

/** The layout without blocks: each blocked axis at the position of its block index. */
export function plainLayout(layout: Layout): Layout {
  return [...new Set(layout)];
}

/**
 * Splits every axis that is blocked in one of the layouts into two axes, so that all layouts are permutations. An axis of length
 * 1, which broadcasts, becomes two of length 1. Throws RangeError for an axis that is no multiple of `block` (null: no axis may
 * be blocked).
 */
export function splitAxes(
  dims: readonly Dim[],
  layouts: readonly Layout[],
  block: number | null,
): { readonly dims: readonly Dim[]; readonly layouts: readonly Layout[] } {
  const isSplit = dims.map((_, axis) =>
    layouts.some((layout) => layout.indexOf(axis) !== layout.lastIndexOf(axis)),
  );
  const split: Dim[] = [];
  const first = dims.map((dim, axis) => {
    const at = split.length;
    if (isSplit[axis] !== true) split.push(dim);
    else if (dim === 1) split.push(1, 1);
    else if (typeof dim === 'number' && block !== null && dim % block === 0) split.push(dim / block, block);
    else throw new RangeError(`an axis of ${JSON.stringify(dim)} cannot be cut into blocks of ${block}`);
    return at;
  });
  return {
    dims: split,
    layouts: layouts.map((layout) =>
      layout.flatMap((axis, position) => {
        const at = first[axis]!;
        if (isSplit[axis] !== true) return [at];
        if (layout.indexOf(axis) === layout.lastIndexOf(axis)) return [at, at + 1];
        return [layout.indexOf(axis) === position ? at : at + 1];
      }),
    ),
  };
}

/** Dimensions in physical order, with two for each blocked axis. */
export function physicalDims(dims: readonly Dim[], layout: Layout, block: number | null): Dim[] {
  const { dims: split, layouts } = splitAxes(dims, [layout], block);
  return toPhysical(split, layouts[0]!);
}

/** The permutation from `from` to `to`, as ONNX's Transpose takes it. */
export function permutation(from: Layout, to: Layout): number[] {
  return to.map((axis) => from.indexOf(axis));
}

/** True if two layouts differ only in the positions of axes of length 1, so that a reshape converts between them. */
export function sameOrder(shape: readonly Dim[], from: Layout, to: Layout): boolean {
  const long = (layout: Layout): number[] => layout.filter((axis) => shape[axis] !== 1);
  return long(from).join() === long(to).join();
}

/** The layout after a reduction over `axes`; a blocked axis stays blocked. */
export function withoutAxes(layout: Layout, axes: readonly number[]): Layout {
  const left = layout.filter((axis) => !axes.includes(axis));
  const names = [...new Set(left)].sort((a, b) => a - b);
  return left.map((axis) => names.indexOf(axis));
}

/**
 * The layout of a reshaped value that keeps the order in memory; null if there is none. Each run of axes that the reshape merges
 * or splits must be adjacent and in order in memory.
 */
export function reshapedLayout(
  from: readonly number[],
  to: readonly number[],
  layout: Layout,
): Layout | null {
  const groups = axisGroups(from, to);
  if (groups === null) return null;
  const result: number[] = [];
  const used = new Set<number>();
  let position = 0;
  while (position < layout.length) {
    const group = groups.find((candidate) => candidate.from.includes(layout[position]!));
    if (group === undefined) return null;
    for (const axis of group.from) if (layout[position++] !== axis) return null;
    used.add(groups.indexOf(group));
    result.push(...group.to);
  }
  return used.size === groups.length ? result : null;
}

interface AxisGroup {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** Pairs the shortest runs of axes with equal products; axes of length 1 join the run before them. Null if there is no pairing. */
function axisGroups(from: readonly number[], to: readonly number[]): AxisGroup[] | null {
  const groups: AxisGroup[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length && j < to.length) {
    const fromAxes = [i];
    const toAxes = [j];
    let fromSize = from[i++]!;
    let toSize = to[j++]!;
    while (fromSize !== toSize) {
      if (fromSize < toSize) {
        if (i >= from.length) return null;
        fromSize *= from[i]!;
        fromAxes.push(i++);
      } else {
        if (j >= to.length) return null;
        toSize *= to[j]!;
        toAxes.push(j++);
      }
    }
    while (i < from.length && from[i] === 1 && to[j] !== 1) fromAxes.push(i++);
    while (j < to.length && to[j] === 1 && from[i] !== 1) toAxes.push(j++);
    groups.push({ from: fromAxes, to: toAxes });
  }
  return i === from.length && j === to.length ? groups : null;
}
