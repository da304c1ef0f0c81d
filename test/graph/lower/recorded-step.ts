// A whole training step as a graph, with inputs to run it on.
import { imageShape } from '../../../trainer/config/image-size.ts';
import { lengthOf } from '../../../runtime-web/format/image-shape.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../../trainer/config/fields.ts';
import { inputName, recordStateFunction } from '../../../trainer/engine/state-function.ts';
import { checkGraph } from '../../../trainer/graph/trace/check-graph.ts';
import type { Graph } from '../../../trainer/graph/trace/graph.ts';
import { planTraining } from '../../../trainer/training/plan.ts';
import type { HostTensors } from './run-graph.ts';

/** The step of a configuration, recorded, and its inputs: an initial state and a batch of noise. */
export function recordedStep(config: TrainConfig): { readonly graph: Graph; readonly inputs: HostTensors } {
  const plan = planTraining(config);
  const phase = plan.phases.at(-1)!;
  const random = new Random(5);
  const state = plan.initialState(random);
  const { graph } = recordStateFunction(phase.update, state, phase.inputs);
  checkGraph(graph);
  const size = config.batch * lengthOf(imageShape(config));
  const images = random.fillLatent(new Float32Array(size), 'uniform');
  const inputs: HostTensors = { ...state };
  for (const [name, tensor] of Object.entries(phase.makeInputs(random, { images, labels: null }, 1, 0))) {
    inputs[inputName(name)] = tensor;
  }
  return { graph, inputs };
}
