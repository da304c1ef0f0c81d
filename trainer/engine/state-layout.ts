// How state lies in the ONNX engines. Filters lie as their operators want them, so that no step transposes one.
import { identityLayout, oihw, type Layout } from '../lower/layout.ts';
import type { Graph } from '../trace/graph.ts';
import { nextName } from './state-function.ts';

/** The layout of a state entry of this shape: rank four is a filter (or its moments), HWIO lying as OIHW. */
export function stateLayout(shape: readonly number[]): Layout {
  return shape.length === 4 ? oihw : identityLayout(shape.length);
}

/** The layouts of the state that a recorded function reads and moves on, as `lower` takes them. */
export function stateLayouts(graph: Graph, state: readonly string[]): Record<string, Layout> {
  const layouts: Record<string, Layout> = {};
  for (const name of state) {
    for (const [key, id] of [
      [name, graph.inputs[name]],
      [nextName(name), graph.outputs[nextName(name)]],
    ] as const) {
      if (id !== undefined) layouts[key] = stateLayout(graph.values[id]!.shape);
    }
  }
  return layouts;
}
