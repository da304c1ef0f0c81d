// A training plan on an engine: writes the state, compiles the plan's functions, and runs its phases and its sampling. A growing
// network has one plan for each stage, all over the same state; a stage is compiled when it begins, and the one before is closed.
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { Random } from '../../runtime-web/format/random.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { CompiledFunction, Engine, NamedHostTensors } from '../engine/engine.ts';
import { phaseAt, stageOf, type Stage } from '../networks/growth.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { seedInputs } from '../training/seed-inputs.ts';
import { modelOf, planTraining, type TrainingPlan, type UpdatePhase } from '../training/plan.ts';
import type { BatchSource } from './batch-source.ts';

/** A plan ready to run. Dispose of it before its engine. */
export interface OpenPlan {
  /** The plan of the current stage. */
  readonly plan: TrainingPlan;
  readonly engine: Engine;
  /**
   * Runs step `stepNumber` (1 for the first): every phase that is due, each run with the next batch. Resolves to the outputs
   * of the last phase that `fetch` names.
   */
  train(request: StepRequest): Promise<NamedHostTensors>;
  /** Images [n, h, w, c] of n seeds from `firstSeed` (default 0) on, the same as the exported model's for these seeds. */
  drawSamples(firstSeed?: number): Promise<HostTensor>;
  /** Re-estimates the statistics that samples are drawn with, in the state. */
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

/** Options of {@link openPlan}. */
export interface OpenPlanOptions {
  /** Its `sampleCount` is the number of samples. */
  readonly config: TrainConfig;
  readonly conditioning: Conditioning;
  readonly engine: Engine;
  readonly state: NamedHostTensors;
}

/** The plan of one stage; each function is compiled at its first use. */
class CompiledPlan {
  readonly stage: Stage;
  readonly plan: TrainingPlan;
  private readonly engine: Engine;
  private readonly compiled = new Map<string, Promise<CompiledFunction>>();

  constructor(stage: Stage, plan: TrainingPlan, engine: Engine) {
    this.stage = stage;
    this.plan = plan;
    this.engine = engine;
  }

  phase({ name, update, inputs }: UpdatePhase): Promise<CompiledFunction> {
    return this.function(name, update, inputs);
  }

  sampling(count: number): Promise<CompiledFunction> {
    return this.function('sampling', this.plan.sample, this.plan.sampleInputs(count));
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

/** Opens a plan with `state`. */
export async function openPlan(options: OpenPlanOptions): Promise<OpenPlan> {
  const { config, conditioning, engine, state } = options;
  const { sampleCount } = config;
  await engine.writeState(state);
  const open = (stage: Stage): CompiledPlan =>
    new CompiledPlan(stage, planTraining(config, conditioning, stage), engine);
  let current = open(stageOf(state, config.imageSize));
  // Compiling everything now shows what does not fit the device's memory, before the run has written anything.
  for (const phase of current.plan.phases) await current.phase(phase);
  await current.sampling(sampleCount);

  /** Opens the stage of a step where it begins, and resets Adam at each new resolution. */
  const enter = async (stepNumber: number): Promise<void> => {
    const { resolution, isFading, resetAt } = phaseAt(config, stepNumber);
    if (resolution !== current.stage.resolution || isFading !== current.stage.isFading) {
      await current.dispose();
      current = open({ resolution, isFading });
    }
    if (resetAt === stepNumber && stepNumber > 1) await engine.writeState(current.plan.zeroMoments());
  };

  return {
    get plan() {
      return current.plan;
    },
    engine,
    async train({ random, batches, stepNumber, fetch }) {
      await enter(stepNumber);
      let outputs: NamedHostTensors = {};
      const due = current.plan.phases.filter((phase) => phase.isDue(stepNumber));
      for (const phase of due) {
        const compiled = await current.phase(phase);
        const fetched = phase === due.at(-1) ? fetch : [];
        for (let i = 0; i < phase.times; i++) {
          const inputs = phase.makeInputs(random, await batches.next(), stepNumber, i);
          outputs = await compiled.run(inputs, { fetch: fetched });
        }
      }
      return outputs;
    },
    async drawSamples(firstSeed = 0) {
      const seeds = Array.from({ length: sampleCount }, (_, i) => firstSeed + i);
      const sampling = await current.sampling(sampleCount);
      const { images } = await sampling.run(seedInputs(modelOf(config, conditioning), seeds));
      if (images === undefined) throw new RangeError('the plan drew no images');
      return images;
    },
    refreshStatistics: () => current.plan.refreshStatistics(engine),
    dispose: () => current.dispose(),
  };
}
