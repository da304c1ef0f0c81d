// Physical layouts. tfjs's values are row-major in their logical order (images NHWC, filters HWIO); ONNX's
// convolutions want NCHW and OIHW. A layout lists a value's logical axes in the order in which they lie in
// memory, so a transpose is free until somebody insists on another order.

/** Logical axes in physical order: `[0, 3, 1, 2]` is an NHWC value that lies in memory as NCHW. */
export type Layout = readonly number[];

/** Images: NHWC lying as NCHW. */
export const nchw: Layout = [0, 3, 1, 2];
/** Filters: HWIO lying as OIHW. */
export const oihw: Layout = [3, 2, 0, 1];

/** The layout in which logical and physical order are the same. */
export function identityLayout(rank: number): Layout {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** Whether physical and logical order are the same. */
export function isIdentity(layout: Layout): boolean {
  return layout.every((axis, position) => axis === position);
}

/** A logical list (dims, pads, …) in physical order. */
export function toPhysical<T>(logical: readonly T[], layout: Layout): T[] {
  return layout.map((axis) => logical[axis]!);
}

/** The permutation, as ONNX's Transpose takes it, that brings `from` into `to`. */
export function permutation(from: Layout, to: Layout): number[] {
  return to.map((axis) => from.indexOf(axis));
}

/** Whether two layouts differ in nothing but where axes of length one stand, so that a reshape converts. */
export function sameOrder(shape: readonly number[], from: Layout, to: Layout): boolean {
  const long = (layout: Layout): number[] => layout.filter((axis) => shape[axis] !== 1);
  return long(from).join() === long(to).join();
}

/** The layout of what is left when `axes` are reduced away. */
export function withoutAxes(layout: Layout, axes: readonly number[]): Layout {
  const left = layout.filter((axis) => !axes.includes(axis));
  const names = left.toSorted((a, b) => a - b);
  return left.map((axis) => names.indexOf(axis));
}

/**
 * The layout that a reshape can keep, or null: each run of axes that the reshape merges or splits must lie
 * together and in order in memory.
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

/** Pairs the smallest runs of axes with equal sizes; axes of length one join the run before them. */
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
