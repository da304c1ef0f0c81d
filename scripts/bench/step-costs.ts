// What the parts of a step cost beside a plain update of D: the critic's update with its penalty, and looking ahead.
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import type { CompiledFunction, NamedHostTensors } from '../../trainer/engine/engine.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { resolveOverDefault } from '../../trainer/config/presets.ts';
import { planTraining } from '../../trainer/training/plan.ts';

/** Milliseconds: medians. */
export interface StepCosts {
  /** One update of D, cross-entropy and batch norm. */
  readonly plainD: number;
  /** One update of a critic with gradient penalty and layer norm. */
  readonly penaltyCritic: number;
  /** A whole step: D and G. */
  readonly plainStep: number;
  /** A whole step that looks ahead, by the number of updates. */
  readonly unrolled: Readonly<Record<number, number>>;
}

/** Measures on the processor, with the networks of `values`. */
export async function measureStepCosts(
  values: Partial<TrainConfig>,
  lookAheads: readonly number[],
  turns: number,
): Promise<StepCosts> {
  const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: null });
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
    const size = config.batch * config.imageSize ** 2 * config.channels;
    const images = random.fillLatent(new Float32Array(size), 'uniform');
    const batch = { images, labels: null };
    const phase = plan.phases.find(({ name: full }) => full.startsWith(`${part}/`))!;
    made[name] = {
      compiled: await engine.compile(phase.update, phase.inputs),
      inputs: phase.makeInputs(random, batch, 1, 0),
    };
  };
  try {
    await prepare('plainD', { criticSteps: 2 }, 'critic');
    await prepare('penaltyCritic', { objective: 'wgan-gp' }, 'critic');
    await prepare('plainStep', {}, 'step');
    for (const unroll of lookAheads) await prepare(`unrolled ${unroll}`, { unroll }, 'step');
    // All have the same state; they take turns, so that a slow moment of the machine meets each of them.
    const times: Record<string, number[]> = {};
    for (let turn = -2; turn < turns; turn++) {
      for (const [name, { compiled, inputs }] of Object.entries(made)) {
        const begun = performance.now();
        await compiled.run(inputs, { fetch: [] });
        if (turn >= 0) (times[name] ??= []).push(performance.now() - begun);
      }
    }
    const median = (name: string): number =>
      times[name]!.sort((a, b) => a - b)[Math.floor(times[name]!.length / 2)]!;
    return {
      plainD: median('plainD'),
      penaltyCritic: median('penaltyCritic'),
      plainStep: median('plainStep'),
      unrolled: Object.fromEntries(lookAheads.map((unroll) => [unroll, median(`unrolled ${unroll}`)])),
    };
  } finally {
    await engine.dispose();
  }
}
