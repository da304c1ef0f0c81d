// A method on an engine: the state written, the training step and the drawing of samples compiled. Growing networks have a plan
// for each stage over one state; each is compiled when its stage comes, and the one before let go.
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../config.ts';
import type { CompiledFunction, Engine, NamedHostTensors } from '../engine/engine.ts';
import { phaseAt, stageOf, type Stage } from '../growth.ts';
import type { HostTensor } from '../trace/graph.ts';
import { seedInputs } from '../seed-inputs.ts';
import { modelOf, planTraining, type TrainingPlan } from '../training.ts';
import type { BatchSource } from './batch-source.ts';

/** A method ready to run. Dispose of it before its engine. */
export interface OpenPlan {
  /** The one at work. */
  readonly plan: TrainingPlan;
  readonly engine: Engine;
  /**
   * Step `stepNumber` (1 for the first): the critic's updates, then the one of both networks, each with the next batch.
   * Resolves to those of the step's outputs that are asked for.
   */
  train(request: StepRequest): Promise<NamedHostTensors>;
  /** Images [n, h, w, c] of n seeds from 0 (or the given one) on: the pictures that those seeds name in the exported model. */
  drawSamples(firstSeed?: number): Promise<HostTensor>;
  /** Re-estimates the statistics that samples are drawn with, into the state. */
  refreshStatistics(): Promise<void>;
  dispose(): Promise<void>;
}

/** One step of training. */
export interface StepRequest {
  readonly random: Random;
  readonly batches: BatchSource;
  readonly stepNumber: number;
  readonly fetch: readonly string[];
}

/** What is opened. */
export interface OpenPlanOptions {
  /** Samples are drawn by its `sampleCount`. */
  readonly config: TrainConfig;
  readonly conditioning: Conditioning;
  readonly engine: Engine;
  readonly state: NamedHostTensors;
}

/** One stage's plan, compiled. */
class CompiledStage {
  readonly stage: Stage;
  readonly plan: TrainingPlan;
  private readonly engine: Engine;
  private readonly compiled = new Map<string, Promise<CompiledFunction>>();

  constructor(stage: Stage, plan: TrainingPlan, engine: Engine) {
    this.stage = stage;
    this.plan = plan;
    this.engine = engine;
  }

  is({ resolution, isFading }: Stage): boolean {
    return this.stage.resolution === resolution && this.stage.isFading === isFading;
  }

  /** A function of the plan, compiled with its first use. */
  function(name: string, ...given: Parameters<Engine['compile']>): Promise<CompiledFunction> {
    const held = this.compiled.get(name) ?? this.engine.compile(...given);
    this.compiled.set(name, held);
    return held;
  }

  async dispose(): Promise<void> {
    for (const made of await Promise.allSettled(this.compiled.values())) {
      if (made.status === 'fulfilled') await made.value.dispose();
    }
  }
}

/** Opens a method with `state`. */
export async function openPlan(options: OpenPlanOptions): Promise<OpenPlan> {
  const { config, conditioning, engine, state } = options;
  const { sampleCount } = config;
  await engine.writeState(state);
  const planAt = (stage: Stage): CompiledStage =>
    new CompiledStage(stage, planTraining(config, conditioning, stage), engine);
  let current = planAt(stageOf(state, config.imageSize));
  const stepOf = ({ plan }: CompiledStage) => current.function('step', plan.step, plan.stepInputs);
  const drawingOf = ({ plan }: CompiledStage) =>
    current.function('draw', plan.sample, plan.sampleInputs(sampleCount));
  const criticOf = ({ plan: { critic } }: CompiledStage) =>
    critic && current.function('critic', critic.step, critic.inputs);
  // What does not fit the device's memory is met here, before the run has written anything.
  await criticOf(current);
  await stepOf(current);
  await drawingOf(current);

  /** Goes on to the stage of a step. */
  const enter = async (stepNumber: number): Promise<void> => {
    const phase = phaseAt(config, stepNumber);
    if (!current.is(phase)) {
      await current.dispose();
      current = planAt(phase);
    }
    if (phase.anewAt === stepNumber && stepNumber > 1) await engine.writeState(current.plan.zeroMoments());
  };

  return {
    get plan() {
      return current.plan;
    },
    engine,
    async train({ random, batches, stepNumber, fetch }) {
      await enter(stepNumber);
      const { critic, makeStepInputs } = current.plan;
      const criticStep = await criticOf(current);
      for (let i = 0; i < (critic?.updates ?? 0); i++) {
        await criticStep!.run(critic!.makeInputs(random, await batches.next(), stepNumber, i), { fetch: [] });
      }
      return (await stepOf(current)).run(makeStepInputs(random, await batches.next(), stepNumber), { fetch });
    },
    async drawSamples(firstSeed = 0) {
      const seeds = Array.from({ length: sampleCount }, (_, i) => firstSeed + i);
      const { images } = await (
        await drawingOf(current)
      ).run(seedInputs(modelOf(config, conditioning), seeds));
      if (images === undefined) throw new RangeError('the plan drew no images');
      return images;
    },
    refreshStatistics: () => current.plan.refreshStatistics(engine),
    dispose: () => current.dispose(),
  };
}
