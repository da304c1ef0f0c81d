// Times of the parts of a step: an update of D, a critic's update with gradient penalty, a whole step, unrolled steps.
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import { imageShape } from '../../trainer/config/image-size.ts';
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import type { CompiledFunction, NamedHostTensors } from '../../trainer/engine/engine.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { resolveOverDefault } from '../../trainer/config/presets.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { median } from './median.ts';
import { held } from '../../trainer/held.ts';

/** Median times in milliseconds. */
export interface StepCosts {
  /** One update of D, cross-entropy and batch norm. */
  readonly plainD: number;
  /** One update of a critic with gradient penalty and layer norm. */
  readonly penaltyCritic: number;
  /** A whole step: D and G. */
  readonly plainStep: number;
  /** A whole step with unrolling, by the number of unrolled updates. */
  readonly unrolled: Readonly<Record<number, number>>;
}

/** Measures on the processor, with the networks of `values`. */
export async function measureStepCosts(
  values: Partial<TrainConfig>,
  unrollCounts: readonly number[],
  turns: number,
): Promise<StepCosts> {
  await using engine = held((await selectEngine({ engine: 'onnx-cpu', threads: null })).engine);
  const random = new Random(1);
  const made: Record<string, { readonly compiled: CompiledFunction; readonly inputs: NamedHostTensors }> = {};
  const prepare = async (
    name: string,
    given: Partial<TrainConfig>,
    part: 'critic' | 'step',
  ): Promise<void> => {
    const config = resolveOverDefault([{ source: 'bench', values: { ...values, ...given } }]);
    const plan = planTraining(config);
    await engine.writeState(plan.initialState(random));
    const size = config.batch * lengthOf(imageShape(config));
    const images = random.fillLatent(new Float32Array(size), 'uniform');
    const batch = { images, labels: null };
    const phase = plan.phases.find(({ name: full }) => full.startsWith(`${part}/`))!;
    made[name] = {
      compiled: await engine.compile(phase.update, phase.inputs),
      inputs: phase.makeInputs(random, batch, 1, 0),
    };
  };
  await prepare('plainD', { criticSteps: 2 }, 'critic');
  await prepare('penaltyCritic', { objective: 'wgan-gp' }, 'critic');
  await prepare('plainStep', {}, 'step');
  for (const unroll of unrollCounts) await prepare(`unrolled ${unroll}`, { unroll }, 'step');
  // All share one state. They are interleaved, so that a slow moment of the machine affects all of them.
  const times: Record<string, number[]> = {};
  for (let turn = -2; turn < turns; turn++) {
    for (const [name, { compiled, inputs }] of Object.entries(made)) {
      const begun = performance.now();
      await compiled.run(inputs, { fetch: [] });
      if (turn >= 0) (times[name] ??= []).push(performance.now() - begun);
    }
  }
  const medianOf = (name: string): number => median(times[name]!);
  return {
    plainD: medianOf('plainD'),
    penaltyCritic: medianOf('penaltyCritic'),
    plainStep: medianOf('plainStep'),
    unrolled: Object.fromEntries(unrollCounts.map((unroll) => [unroll, medianOf(`unrolled ${unroll}`)])),
  };
}
