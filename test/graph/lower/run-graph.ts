// Runs a recorded graph on onnxruntime-node's CPU provider, for comparison with its replay.
import type * as ort from 'onnxruntime-node';
import { fromOrt, openSession, toOrt } from '../../../trainer/engine/onnx-session.ts';
import { identityLayout } from '../../../trainer/graph/lower/layout.ts';
import { lower, type LowerOptions } from '../../../trainer/graph/lower/lower.ts';
import { checkGraph } from '../../../trainer/graph/trace/check-graph.ts';
import type { Graph, HostTensor } from '../../../trainer/graph/trace/graph.ts';

/** Tensors by name. */
export type HostTensors = Record<string, HostTensor>;

/** Checks `graph`, lowers it, runs it once and returns its outputs, with the shapes and types of the runtime. */
export async function runLowered(
  graph: Graph,
  inputs: Readonly<HostTensors>,
  options: LowerOptions = {},
): Promise<HostTensors> {
  checkGraph(graph);
  return runModel(lower(graph, options), inputs);
}

/** Runs a model's bytes once; inputs that the model does not have are left out. */
export async function runModel(model: Uint8Array, inputs: Readonly<HostTensors>): Promise<HostTensors> {
  const session = await openSession(model, { provider: 'cpu', threads: 1 });
  try {
    const feeds: Record<string, ort.Tensor> = {};
    for (const name of session.inputNames) {
      const tensor = inputs[name]!;
      feeds[name] = toOrt(tensor, identityLayout(tensor.shape.length));
    }
    const outputs = await session.run(feeds);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => [
        name,
        fromOrt(tensor, tensor.dims, identityLayout(tensor.dims.length)),
      ]),
    );
  } finally {
    await session.release();
  }
}
