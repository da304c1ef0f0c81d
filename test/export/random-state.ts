// A state as training would leave it: every entry drawn, so that no two parts of it can be mistaken for each other.
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { planTraining } from '../../trainer/training/plan.ts';

/** Weights around their initial values, averaged ones too, and statistics far from those of a new network. */
export function randomState(config: TrainConfig, seed = 5): Record<string, HostTensor> {
  const random = new Random(seed);
  const state: Record<string, HostTensor> = {};
  for (const [name, tensor] of Object.entries(planTraining(config).initialState(random))) {
    const isVariance = name.startsWith('statistics/') && name.endsWith('/variance');
    const data = Float32Array.from(tensor.data, (value) =>
      isVariance ? 0.02 + 0.1 * random.uniform() : value + 0.15 * random.normal(),
    );
    state[name] = { ...tensor, data };
  }
  return state;
}
