// A plan on an engine: the state written, the training step and the drawing of samples compiled.
import type { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../config.ts';
import type { CompiledFunction, Engine, NamedHostTensors } from '../engine/engine.ts';
import type { HostTensor } from '../trace/graph.ts';
import { seedInputs } from '../seed-inputs.ts';
import { modelOf, type TrainingPlan } from '../training.ts';
import type { BatchSource } from './batch-source.ts';

/** A plan ready to run. Dispose of it before its engine. */
export interface OpenPlan {
  readonly plan: TrainingPlan;
  readonly engine: Engine;
  /**
   * Step `stepNumber` (1 for the first): the critic's updates, then the one of both networks, each with the next batch.
   * Resolves to those of the step's outputs that are asked for.
   */
  train(request: StepRequest): Promise<NamedHostTensors>;
  /** Images [n, h, w, c] of n seeds from 0 (or the given one) on: the pictures that those seeds name in the exported model. */
  drawSamples(firstSeed?: number): Promise<HostTensor>;
  dispose(): Promise<void>;
}

/** One step of training. */
export interface StepRequest {
  readonly random: Random;
  readonly batches: BatchSource;
  readonly stepNumber: number;
  readonly fetch: readonly string[];
}

/** Opens `plan` with `state`. Samples are drawn by `config.sampleCount`. */
export async function openPlan(
  plan: TrainingPlan,
  engine: Engine,
  config: TrainConfig,
  state: NamedHostTensors,
): Promise<OpenPlan> {
  const { sampleCount } = config;
  await engine.writeState(state);
  const compiled: CompiledFunction[] = [];
  const compile = async (...given: Parameters<Engine['compile']>): Promise<CompiledFunction> => {
    const made = await engine.compile(...given);
    compiled.push(made);
    return made;
  };
  const { critic } = plan;
  const criticStep = critic && (await compile(critic.step, critic.inputs));
  const step = await compile(plan.step, plan.stepInputs);
  const draw = await compile(plan.sample, plan.sampleInputs(sampleCount));
  return {
    plan,
    engine,
    async train({ random, batches, stepNumber, fetch }) {
      for (let i = 0; i < (critic?.updates ?? 0); i++) {
        await criticStep!.run(critic!.makeInputs(random, await batches.next(), stepNumber, i), { fetch: [] });
      }
      return step.run(plan.makeStepInputs(random, await batches.next(), stepNumber), { fetch });
    },
    async drawSamples(firstSeed = 0) {
      const seeds = Array.from({ length: sampleCount }, (_, i) => firstSeed + i);
      const { images } = await draw.run(seedInputs(modelOf(config, plan.conditioning), seeds));
      if (images === undefined) throw new RangeError('the plan drew no images');
      return images;
    },
    async dispose() {
      for (const made of compiled) await made.dispose();
    },
  };
}
