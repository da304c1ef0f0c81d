// A method on an engine: the state written, the training step and the drawing of samples compiled. Growing networks have a plan
// for each stage over one state; each is compiled when its stage comes, and the one before let go.
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { CompiledFunction, Engine, NamedHostTensors } from '../engine/engine.ts';
import { phaseAt, stageOf, type Stage } from '../networks/growth.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { seedInputs } from '../training/seed-inputs.ts';
import { modelOf, planTraining, type TrainingPlan } from '../training/plan.ts';
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

/** A plan, each of its functions compiled with its first use. */
class CompiledPlan {
  readonly plan: TrainingPlan;
  private readonly engine: Engine;
  private readonly compiled = new Map<string, Promise<CompiledFunction>>();

  constructor(plan: TrainingPlan, engine: Engine) {
    this.plan = plan;
    this.engine = engine;
  }

  get step(): Promise<CompiledFunction> {
    return this.function('step', this.plan.step, this.plan.stepInputs);
  }

  get critic(): Promise<CompiledFunction> | null {
    const { critic } = this.plan;
    return critic && this.function('critic', critic.step, critic.inputs);
  }

  drawing(count: number): Promise<CompiledFunction> {
    return this.function('drawing', this.plan.sample, this.plan.sampleInputs(count));
  }

  async dispose(): Promise<void> {
    for (const made of await Promise.allSettled(this.compiled.values())) {
      if (made.status === 'fulfilled') await made.value.dispose();
    }
  }

  private function(name: string, ...given: Parameters<Engine['compile']>): Promise<CompiledFunction> {
    const held = this.compiled.get(name) ?? this.engine.compile(...given);
    this.compiled.set(name, held);
    return held;
  }
}

/** What is at work at one stage. */
interface OpenStage {
  readonly stage: Stage;
  /** Of most steps. */
  readonly usual: CompiledPlan;
  /** Of those with a penalty that the others lack; the same where there is none. */
  readonly penalised: CompiledPlan;
}

/** Opens a method with `state`. */
export async function openPlan(options: OpenPlanOptions): Promise<OpenPlan> {
  const { config, conditioning, engine, state } = options;
  const { sampleCount, r1, r1Every } = config;
  await engine.writeState(state);
  const open = (stage: Stage): OpenStage => {
    const planned = (weight: number): CompiledPlan =>
      new CompiledPlan(planTraining({ ...config, r1: weight }, conditioning, stage), engine);
    const penalised = planned(r1 * r1Every);
    return { stage, penalised, usual: r1Every === 1 ? penalised : planned(0) };
  };
  const close = async ({ usual, penalised }: OpenStage): Promise<void> => {
    await usual.dispose();
    if (penalised !== usual) await penalised.dispose();
  };
  let current = open(stageOf(state, config.imageSize));
  // What does not fit the device's memory is met here, before the run has written anything.
  for (const made of new Set([current.usual, current.penalised])) {
    await made.critic;
    await made.step;
  }
  await current.usual.drawing(sampleCount);

  /** Goes on to the stage of a step; gives the plan that it goes by. */
  const enter = async (stepNumber: number): Promise<CompiledPlan> => {
    const phase = phaseAt(config, stepNumber);
    const { resolution, isFading } = current.stage;
    if (phase.resolution !== resolution || phase.isFading !== isFading) {
      await close(current);
      current = open(phase);
    }
    if (phase.anewAt === stepNumber && stepNumber > 1) {
      await engine.writeState(current.usual.plan.zeroMoments());
    }
    return stepNumber % r1Every === 0 ? current.penalised : current.usual;
  };

  return {
    get plan() {
      return current.usual.plan;
    },
    engine,
    async train({ random, batches, stepNumber, fetch }) {
      const { plan, step, critic } = await enter(stepNumber);
      for (let i = 0; i < (plan.critic?.updates ?? 0); i++) {
        const inputs = plan.critic!.makeInputs(random, await batches.next(), stepNumber, i);
        await (await critic)!.run(inputs, { fetch: [] });
      }
      return (await step).run(plan.makeStepInputs(random, await batches.next(), stepNumber), { fetch });
    },
    async drawSamples(firstSeed = 0) {
      const seeds = Array.from({ length: sampleCount }, (_, i) => firstSeed + i);
      const drawing = await current.usual.drawing(sampleCount);
      const { images } = await drawing.run(seedInputs(modelOf(config, conditioning), seeds));
      if (images === undefined) throw new RangeError('the plan drew no images');
      return images;
    },
    refreshStatistics: () => current.usual.plan.refreshStatistics(engine),
    dispose: () => close(current),
  };
}
