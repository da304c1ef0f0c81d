// `record` for tests: each recorded graph is checked against the invariants.
import { checkGraph } from '../../../trainer/graph/trace/check-graph.ts';
import type { Graph } from '../../../trainer/graph/trace/graph.ts';
import { record as recordOnly } from '../../../trainer/graph/trace/record.ts';

/** {@link recordOnly}, then {@link checkGraph}. */
export function record(...args: Parameters<typeof recordOnly>): Graph {
  const graph = recordOnly(...args);
  checkGraph(graph);
  return graph;
}
