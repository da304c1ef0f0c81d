// A plan on an engine: the state written, the training step and the drawing of samples compiled.
import { latentFromSeed } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../config.ts';
import type { CompiledFunction, Engine, NamedHostTensors } from '../engine/engine.ts';
import type { HostTensor } from '../trace/graph.ts';
import type { TrainingPlan } from '../training.ts';

/** A plan ready to run. Dispose of it before its engine. */
export interface OpenPlan {
  readonly plan: TrainingPlan;
  readonly engine: Engine;
  readonly train: CompiledFunction;
  /** Images [n, h, w, c] of n seeds from 0 (or the given one) on: the pictures that those seeds name in the exported model. */
  drawSamples(firstSeed?: number): Promise<HostTensor>;
  dispose(): Promise<void>;
}

/** Opens `plan` with `state`. Samples are drawn by `config.sampleCount`. */
export async function openPlan(
  plan: TrainingPlan,
  engine: Engine,
  config: TrainConfig,
  state: NamedHostTensors,
): Promise<OpenPlan> {
  const { sampleCount, latent, latentDistribution } = config;
  await engine.writeState(state);
  const train = await engine.compile(plan.step, plan.stepInputs);
  const draw = await engine.compile(plan.sample, plan.sampleInputs(sampleCount));
  return {
    plan,
    engine,
    train,
    async drawSamples(firstSeed = 0) {
      const z = new Float32Array(sampleCount * latent);
      for (let i = 0; i < sampleCount; i++) {
        z.set(latentFromSeed(firstSeed + i, latent, latentDistribution), i * latent);
      }
      const outputs = await draw.run({ z: { dtype: 'float32', shape: [sampleCount, latent], data: z } });
      const images = outputs['images'];
      if (images === undefined) throw new RangeError('the plan drew no images');
      return images;
    },
    async dispose() {
      await train.dispose();
      await draw.dispose();
    },
  };
}
