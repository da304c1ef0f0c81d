// What a step of StyleGAN's networks costs beside one of DCGAN's with as many parameters.
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import type { Engine } from '../../trainer/engine/engine.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { resolveOverDefault } from '../../trainer/config/presets.ts';
import { planTraining } from '../../trainer/training/plan.ts';

/** One pair of networks. */
export interface NetworkCost {
  /** Of generator and discriminator. */
  readonly parameters: number;
  /** A step's time in milliseconds: the median. */
  readonly stepMs: number;
}

/** Times whole steps at full size, all configurations in turns, on the processor. */
export async function measureNetworkCosts(
  configs: Readonly<Record<string, Partial<TrainConfig>>>,
  turns: number,
): Promise<Readonly<Record<string, NetworkCost>>> {
  const engines: Engine[] = [];
  try {
    const made = [];
    for (const [name, values] of Object.entries(configs)) {
      const config = resolveOverDefault([{ source: 'bench', values }]);
      const { engine } = await selectEngine({ engine: 'onnx-cpu', threads: null });
      engines.push(engine);
      const plan = planTraining(config);
      const phase = plan.phases.at(-1)!;
      const random = new Random(1);
      await engine.writeState(plan.initialState(random));
      const { generator, discriminator } = plan.describe();
      const size = config.batch * config.imageSize ** 2 * config.channels;
      const images = random.fillLatent(new Float32Array(size), 'uniform');
      made.push({
        name,
        parameters: [...generator, ...discriminator].reduce((sum, layer) => sum + layer.parameters, 0),
        compiled: await engine.compile(phase.update, phase.inputs),
        inputs: phase.makeInputs(random, { images, labels: null }, 1, 0),
        times: [] as number[],
      });
    }
    for (let turn = -2; turn < turns; turn++) {
      for (const { compiled, inputs, times } of made) {
        const begun = performance.now();
        await compiled.run(inputs, { fetch: [] });
        if (turn >= 0) times.push(performance.now() - begun);
      }
    }
    return Object.fromEntries(
      made.map(({ name, parameters, times }) => [
        name,
        { parameters, stepMs: times.sort((a, b) => a - b)[Math.floor(times.length / 2)]! },
      ]),
    );
  } finally {
    for (const engine of engines) await engine.dispose();
  }
}
