// Compares the step times of pairs of networks, such as StyleGAN's and DCGAN's with equally many parameters.
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import { imageShape } from '../../trainer/config/image-size.ts';
import { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import type { Engine } from '../../trainer/engine/engine.ts';
import { selectEngine } from '../../trainer/engine/select-engine.ts';
import { resolveOverDefault } from '../../trainer/config/presets.ts';
import { planTraining } from '../../trainer/training/plan.ts';
import { median } from './median.ts';

/** One pair of networks. */
export interface NetworkCost {
  /** Number of parameters of generator and discriminator together. */
  readonly parameters: number;
  /** Median time of a step in milliseconds. */
  readonly stepMs: number;
}

/** Times whole steps at full resolution on the processor, with the configurations interleaved. */
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
      const size = config.batch * lengthOf(imageShape(config));
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
      made.map(({ name, parameters, times }) => [name, { parameters, stepMs: median(times) }]),
    );
  } finally {
    for (const engine of engines) await engine.dispose();
  }
}
