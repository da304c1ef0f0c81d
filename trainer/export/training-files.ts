// The files of networks to train: each update, the sampling and the statistics as a graph over the state, in standard operators without
// blocks, so that any ONNX Runtime runs them.
import type { TrainingRole } from '../../runtime-web/format/training/trainable.ts';
import { recordStateFunction } from '../engine/state-function.ts';
import type { StateFunction } from '../engine/engine.ts';
import { lower } from '../graph/lower/lower.ts';
import type { TensorSpec } from '../graph/trace/graph.ts';
import type { TrainingPlan } from '../training/plan.ts';
import type { PlanePlan } from '../training/plane-plan.ts';

/** Two batch sizes that are unlikely to divide another dimension. */
const batches = [7, 11] as const;

/** The bytes of each file but the state's, by role. `name` is the graph's name in each. Throws Error for what cannot be lowered. */
export function encodeTraining(
  plan: Pick<
    TrainingPlan,
    'stateEntries' | 'phases' | 'sample' | 'sampleInputs' | 'statistics' | 'judge' | 'judgeInputs'
  > &
    Partial<Pick<PlanePlan, 'field' | 'fieldInputs'>>,
  name: string,
): ReadonlyMap<Exclude<TrainingRole, 'state'>, Uint8Array> {
  const state = Object.fromEntries(
    plan.stateEntries.map((entry): [string, TensorSpec] => [
      entry.name,
      { shape: entry.shape, dtype: 'float32' },
    ]),
  );
  const recorded = (fn: StateFunction, inputs: Readonly<Record<string, TensorSpec>>) =>
    recordStateFunction(fn, state, inputs).graph;
  const files = new Map<Exclude<TrainingRole, 'state'>, Uint8Array>();
  for (const { file, update, inputs } of plan.phases)
    files.set(file, lower(recorded(update, inputs), { name }));
  const [batch, otherBatch] = batches;
  const sampled = (count: number) => recorded(plan.sample, plan.sampleInputs(count));
  files.set(
    'sample',
    lower(sampled(batch), { name, batch: { batch, otherBatch, otherGraph: sampled(otherBatch) } }),
  );
  const { latents, batch: measured, measure } = plan.statistics;
  if (latents > 0) files.set('statistics', lower(recorded(measure, plan.sampleInputs(measured)), { name }));
  files.set('judge', lower(recorded(plan.judge, plan.judgeInputs), { name }));
  if (plan.field !== undefined) files.set('field', lower(recorded(plan.field, plan.fieldInputs!), { name }));
  return files;
}
