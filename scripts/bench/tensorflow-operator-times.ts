// A step's time on TensorFlow by op. On a processor a call returns after the op has run; on a GPU the times are those of the
// dispatch only.
import * as tf from '@tensorflow/tfjs-core';
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { inputName, outputName, recordStateFunction } from '../../trainer/engine/state-function.ts';
import { upload, type NativeId, type TensorflowBackend } from '../../trainer/engine/tensorflow/binding.ts';
import { compileProgram } from '../../trainer/engine/tensorflow/program.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import type { OperatorTime } from './operator-times.ts';

/** Mean times over four steps, longest first. TensorFlow must be loaded. */
export function tensorflowOperatorTimes(config: TrainConfig): OperatorTime[] {
  const backend = tf.findBackend('tensorflow') as unknown as TensorflowBackend;
  const { binding } = backend;
  tf.setBackend('tensorflow');
  const plan = planTraining(config);
  const phase = plan.phases.at(-1)!;
  const random = new Random(0);
  const state = plan.initialState(random);
  const recorded = recordStateFunction(phase.update, state, phase.inputs);
  const program = compileProgram(recorded.graph, backend);
  const images = random.fillLatent(new Float32Array(config.batch * 64 * 64 * 3), 'uniform');
  const given = phase.makeInputs(random, { images, labels: null }, 1, 0);
  const feeds: Record<string, NativeId> = {};
  for (const name of recorded.reads) feeds[name] = upload(binding, state[name]!);
  for (const name of recorded.inputs) feeds[inputName(name)] = upload(binding, given[name]!);
  const runs = 4;
  const sums = new Map<string, { calls: number; seconds: number }>();
  for (let run = 0; run <= runs; run++) {
    const isCounted = run > 0;
    const outputs = program.run(feeds, (op, seconds) => {
      if (!isCounted) return;
      const sum = sums.get(op) ?? { calls: 0, seconds: 0 };
      sums.set(op, { calls: sum.calls + 1, seconds: sum.seconds + seconds });
    });
    binding.tensorDataSync(outputs[outputName('dLoss')]!);
    for (const id of Object.values(outputs)) binding.deleteTensor(id);
  }
  return [...sums]
    .map(([operator, { calls, seconds }]) => ({
      operator,
      calls: calls / runs,
      milliseconds: (seconds * 1000) / runs,
      rate: null,
    }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}
