// The memory layout of state entries in the ONNX engines. Filters have their operators' layout, so that no step transposes one.
import { blockedFilters, identityLayout, oihw, type Layout } from '../graph/lower/layout.ts';
import type { Graph } from '../graph/trace/graph.ts';
import { nextName } from './state-function.ts';

/**
 * The layout of a state entry of this shape. Rank 4 is a filter or its moments: HWIO stored as OIHW, or in blocks if the engine has
 * blocked convolutions and both channel counts are multiples of `block`.
 */
export function stateLayout(shape: readonly number[], block: number | null): Layout {
  if (shape.length !== 4) return identityLayout(shape.length);
  const isInBlocks = block !== null && shape[2]! % block === 0 && shape[3]! % block === 0;
  return isInBlocks ? blockedFilters : oihw;
}

/** The layouts of a recorded function's state inputs and outputs by name, an argument of `lower`. */
export function stateLayouts(
  graph: Graph,
  state: readonly string[],
  block: number | null,
): Record<string, Layout> {
  const layouts: Record<string, Layout> = {};
  for (const name of state) {
    for (const [key, id] of [
      [name, graph.inputs[name]],
      [nextName(name), graph.outputs[nextName(name)]],
    ] as const) {
      if (id !== undefined) layouts[key] = stateLayout(graph.values[id]!.shape, block);
    }
  }
  return layouts;
}
